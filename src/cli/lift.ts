/** R29: before a hold or a pin is lifted, what would deploy next is shown. */
import type { NextView } from '../api/contract/environments.ts';
import { confirm } from './ask.ts';
import { connect } from './client.ts';
import type { Act } from './invocation.ts';
import { projectPath } from './project.ts';

export const liftWith =
  (verb: 'release-hold' | 'unpin'): Act =>
  async (invocation) => {
    const { output, options } = invocation;
    const environment = invocation.arguments[0]!;
    const client = await connect(invocation);
    const path = `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment)}`;
    const next = await client.get<NextView>(`${path}/next`);
    output.progress(next.sentence);
    if (!(await confirm(invocation, 'Go on?', `liftlock ${verb} ${environment}`))) return 2;
    const answer = await client.post<object>(`${path}/${verb}`, { reason: options['reason'] ?? 'no reason given' });
    output.answer({ ...answer, next }, () => `${verb === 'unpin' ? 'unpinned' : 'automation goes on'}: ${environment}`);
    return 0;
  };
