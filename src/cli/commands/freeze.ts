import type { FreezeView } from '../../api/contract/freezes.ts';
import { connect, type Client } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { endOf } from '../text/time.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  if (options['list'] === true) return list(invocation, client);
  if (typeof options['lift'] === 'string') {
    const answer = await client.post(`/api/v1/freezes/${encodeURIComponent(options['lift'])}/lift`, {
      reason: options['reason'] ?? 'no reason given',
    });
    output.answer(answer, () => `freeze ${String(options['lift'])} is lifted`);
    return 0;
  }
  const [environment] = invocation.arguments;
  const project =
    options['everything'] === true
      ? undefined
      : decodeURIComponent((await projectPath(invocation, client)).split('/').at(-1)!);
  const from = typeof options['from'] === 'string' ? endOf(options['from']) : undefined;
  const answer = await client.post<{ freeze: string; exempt: readonly string[] }>('/api/v1/freezes', {
    reason: options['reason'] ?? 'no reason given',
    everything: options['everything'] === true,
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
    ...(from === undefined ? {} : { from }),
    ...(typeof options['until'] === 'string' ? { until: endOf(options['until'], from) } : {}),
    ...(typeof options['exempt'] === 'string' ? { exempt: namesIn(options['exempt']) } : {}),
  });
  output.answer(
    answer,
    () =>
      `${from === undefined ? 'frozen' : `frozen from ${timeOf(from)} on`}: ${answer.freeze}. ${exemptionsOf(answer.exempt)}. liftlock freeze --lift ${answer.freeze} lifts it`,
  );
  return 0;
};

async function list({ output }: Invocation, client: Client): Promise<number> {
  const answer = await client.get<{ freezes: readonly FreezeView[] }>('/api/v1/freezes');
  output.answer(answer, () =>
    answer.freezes.length === 0
      ? 'nothing is frozen'
      : table(
          answer.freezes.map((freeze) => [
            freeze.id,
            freeze.project ?? 'everything',
            freeze.environment ?? 'all',
            freeze.inForce ? 'in force' : `from ${timeOf(freeze.from)}`,
            freeze.until === null ? 'until lifted' : `until ${timeOf(freeze.until)}`,
            exemptionsOf(freeze.exempt),
            `${freeze.by}: ${freeze.reason}`,
          ]),
        ),
  );
  return 0;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}

/** `none` is written, so that nobody exempts nothing by a slip. */
function namesIn(text: string): readonly string[] {
  return text === 'none' ? [] : text.split(',').map((name) => name.trim());
}

function exemptionsOf(exempt: readonly string[]): string {
  return exempt.length === 0 ? 'Nothing is exempt' : `Exempt: ${exempt.join(' and ')}`;
}
