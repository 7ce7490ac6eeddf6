/** Releases that take over step by step: look at one, follow it, and steer it. */
import type { RecomputedView, RolloutView } from '../../api/contract/rollouts.ts';
import { connect, type Client } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { exitCodeOf } from '../promotion-wait.ts';
import { renderRecomputed } from '../text/recompute.ts';
import { line, render } from '../text/rollout.ts';

const lookEvery = 1_000;
const heartbeat = 30_000;

export const show: Act = async (invocation) => {
  const { client, path } = await placeOf(invocation);
  const view = await client.get<RolloutView>(path);
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

/** Until it is over: on a terminal in place, elsewhere a line for each change and now and then, under `--json` a document for each look. */
export const watch: Act = async (invocation) => {
  const { client, path } = await placeOf(invocation);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const tell = teller(invocation);
  for (;;) {
    const view = await client.get<RolloutView>(path);
    tell(view);
    if (!view.running) return exitCodeOf({ outcome: view.outcome });
    await pause(stop.signal);
    if (stop.signal.aborted) return 130;
  }
};

function teller({ output }: Invocation): (view: RolloutView) => void {
  let said = '';
  let saidAt = 0;
  return (view) => {
    if (output.interactive) process.stdout.write('\u001b[2J\u001b[H');
    if (output.interactive || output.json) return output.line(view, () => render(view, output.style));
    const now = line(view);
    if (now === said && Date.now() - saidAt < heartbeat) return;
    output.line(view, () => now);
    [said, saidAt] = [now, Date.now()];
  };
}

/** 0 when everything follows from what was counted and measured, 6 when it does not, 2 when nobody can answer that any more. */
export const recompute: Act = async (invocation) => {
  const { client, path } = await placeOf(invocation);
  const { promotion } = invocation.options;
  const asked = typeof promotion === 'string' ? { promotion } : {};
  const view = await client.get<RecomputedView>(`${path}/recomputed`, asked);
  invocation.output.answer(view, () => renderRecomputed(view, invocation.output.style));
  if (view.equal) return 0;
  return view.inputs === 'complete' ? 6 : 2;
};

export const steerWith =
  (verb: 'pause' | 'resume' | 'skip' | 'promote'): Act =>
  async (invocation) => {
    const { client, path } = await placeOf(invocation);
    const { reason } = invocation.options;
    const answer = await client.post<{ promotion: string }>(
      `${path}/${verb}`,
      typeof reason === 'string' ? { reason } : {},
    );
    const [environment] = invocation.arguments;
    const told = {
      pause: 'is paused; liftlock rollout resume goes on',
      resume: 'goes on',
      skip: 'goes on with the next step',
      promote: 'all requests go to the new release',
    };
    invocation.output.answer(answer, () => `${environment}: ${told[verb]}`);
    return 0;
  };

/** R14: all requests go back to what ran before. */
export const abort: Act = async (invocation) => {
  const { client, path } = await placeOf(invocation);
  const { promotion, running, environment } = await client.get<RolloutView>(path);
  const answer = await client.post<object>(`/api/v1/promotions/${promotion}/abort`, {
    reason: invocation.options['reason'] ?? 'no reason given',
  });
  invocation.output.answer(answer, () =>
    running ? `${environment}: all requests go back to what ran before` : `${environment}: ${promotion} has ended`,
  );
  return 0;
};

async function placeOf(invocation: Invocation): Promise<{ client: Client; path: string }> {
  const client = await connect(invocation);
  const [environment] = invocation.arguments;
  const path = `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/rollout`;
  return { client, path };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, lookEvery);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
