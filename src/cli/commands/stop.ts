import type { StatusView } from '../../api/contract/environments.ts';
import { Failure } from '../../domain/base/failure.ts';
import { parseDuration } from '../../domain/base/time.ts';
import { confirm } from '../ask.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

const usualPatience = 120_000;
const pause = 200;

export const act: Act = async (invocation) => {
  const environment = invocation.arguments[0]!;
  const { options, output } = invocation;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  if (!(await confirm(invocation, `End what runs in ${environment}?`, `liftlock stop ${environment}`))) return 2;
  const answer = await client.post<{ environment: string }>(
    `${path}/environments/${encodeURIComponent(environment)}/stop`,
    { reason: options['reason'] ?? 'no reason given' },
  );
  if (options['wait'] === false) {
    output.answer(answer, () => `requested: what runs in ${environment} is being stopped`);
    return 0;
  }
  const patience = typeof options['timeout'] === 'string' ? parseDuration(options['timeout'])! : usualPatience;
  const giveUpAt = Date.now() + patience;
  for (;;) {
    const { environments } = await client.get<StatusView>(`${path}/status`);
    if (!environments.some(({ name }) => name === environment)) break;
    if (Date.now() > giveUpAt)
      throw new Failure('wait/gave-up', `what runs in ${environment} has not ended yet`, { hint: 'liftlock status' });
    await new Promise((done) => setTimeout(done, pause));
  }
  output.answer({ ...answer, stopped: true }, () => `stopped: nothing runs in ${environment} any more`);
  return 0;
};
