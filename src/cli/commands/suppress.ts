import type { SuppressionView } from '../../api/contract/reviews.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { endOf } from '../text/time.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const [finding] = invocation.arguments;
  const reason = options['reason'] ?? 'no reason given';
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  if (options['list'] === true) {
    const view = await client.get<{ suppressions: readonly SuppressionView[] }>(`${path}/suppressions`);
    output.answer(view, () => render(view.suppressions));
    return 0;
  }
  if (finding === undefined)
    throw new Failure('input/invalid', 'which finding?', {
      hint: 'liftlock suppress CVE-2026-1234 --until 4w --reason ...',
    });
  if (options['lift'] === true) {
    const answer = await client.post<object>(`${path}/lift-suppression`, { finding, reason });
    output.answer(answer, () => `nobody answers for ${finding} any more; it blocks again`);
    return 0;
  }
  if (typeof options['until'] !== 'string')
    throw new Failure('input/invalid', 'until when?', { hint: 'nothing is accepted for ever: --until 4w' });
  const until = endOf(options['until']);
  const answer = await client.post<SuppressionView>(`${path}/suppressions`, { finding, until, reason });
  output.answer(answer, () => `${answer.owner} answers for ${finding} until ${new Date(answer.until).toISOString()}`);
  return 0;
};

function render(suppressions: readonly SuppressionView[]): string {
  if (suppressions.length === 0) return 'nobody answers for any finding';
  const now = Date.now();
  return table(
    suppressions.map(({ finding, owner, reason, until }) => [
      finding,
      owner,
      until <= now ? `over ${ago(until, now)}: blocks again` : `until ${new Date(until).toISOString()}`,
      reason,
    ]),
  );
}
