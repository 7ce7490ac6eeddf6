import type { BreakGlassView } from '../../api/contract/break-glass.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [id] = invocation.arguments;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const { breakGlasses } = await client.get<{ breakGlasses: readonly BreakGlassView[] }>(`${path}/break-glass`);
  const asked = breakGlasses.find((one) => one.id === id);
  if (asked === undefined)
    throw new Failure('break-glass/unknown', `there is no break-glass ${id}`, { hint: 'liftlock break-glass list' });
  const answer = await client.post<BreakGlassView>(
    `${path}/environments/${encodeURIComponent(asked.environment)}/break-glass/confirm`,
    { breakGlass: asked.id },
  );
  invocation.output.answer(answer, () =>
    [
      `confirmed: ${answer.gates.join(', ')} may be passed for release #${answer.release.number} in ${answer.environment}, once`,
      `  asked for by ${answer.requestedBy}: ${answer.reason} (${answer.incident})`,
      `  a promotion that waits goes on now; without one: liftlock promote ${answer.release.number} ${answer.environment}`,
    ].join('\n'),
  );
  return 0;
};
