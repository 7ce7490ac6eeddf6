import type { BreakGlassView } from '../../api/contract/break-glass.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ breakGlasses: readonly BreakGlassView[] }>(
    `${await projectPath(invocation, client)}/break-glass`,
  );
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.breakGlasses.length === 0
      ? 'nobody ever asked to pass a gate'
      : table(
          answer.breakGlasses.map((one) => [
            one.id,
            `#${one.release.number} ${one.environment}`,
            one.gates.join(','),
            standingOf(one, now),
            `${one.requestedBy}: ${one.reason} (${one.incident})`,
          ]),
        ),
  );
  return 0;
};

function standingOf({ confirmed, used, expiresAt }: BreakGlassView, now: number): string {
  if (used !== null) return `used by ${used.promotion}`;
  if (expiresAt <= now) return 'expired';
  return confirmed === null ? 'waits for a second person' : `confirmed by ${confirmed.by}`;
}
