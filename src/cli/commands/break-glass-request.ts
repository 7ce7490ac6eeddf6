import type { BreakGlassView } from '../../api/contract/break-glass.ts';
import { parseDuration } from '../../domain/base/time.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const { gates, incident, reason, expires } = invocation.options;
  const client = await connect(invocation);
  const answer = await client.post<BreakGlassView>(
    `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/break-glass`,
    {
      release,
      gates: String(gates)
        .split(',')
        .map((name) => name.trim()),
      incident,
      reason,
      expiresIn: parseDuration(String(expires)),
    },
  );
  invocation.output.answer(answer, () =>
    [
      `${answer.id} asks to pass ${answer.gates.join(', ')} for release #${answer.release.number} in ${answer.environment}`,
      `  good until ${new Date(answer.expiresAt).toISOString()}, once, and only when somebody else says:`,
      `  liftlock break-glass confirm ${answer.id}`,
    ].join('\n'),
  );
  return 0;
};
