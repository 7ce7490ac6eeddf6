/** Requests that never stop, each answered or counted as failed. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface Load {
  readonly counts: Record<string, number>;
  /** All of them. */
  readonly answered: number;
  /** When the latest request that was answered so was sent (epoch ms). */
  readonly sentAt: Record<string, number>;
  /** Connections that broke, and answers that never came. */
  failed: number;
  /** Until every request that is under way now was answered: what is counted from then on was asked later. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** As many connections, each asking again as soon as it was answered and has waited so long. */
export function load(
  url: string,
  { connections, pauseMs, headers = {} }: { connections: number; pauseMs: number; headers?: Record<string, string> },
): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const counts: Record<string, number> = {};
  const sentAt: Record<string, number> = {};
  const state = {
    counts,
    sentAt,
    failed: 0,
    get answered() {
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
  };
  const end = new AbortController();
  const ask = () =>
    new Promise<void>((resolve) => {
      const sent = Date.now();
      const fail = () => {
        state.failed += 1;
        resolve();
      };
      const asked = request(url, { agent, headers, timeout: 20_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const said = `${response.statusCode} ${text}`;
          counts[said] = (counts[said] ?? 0) + 1;
          sentAt[said] = Math.max(sentAt[said] ?? 0, sent);
          resolve();
        });
        response.on('error', fail);
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer')));
      asked.on('error', fail).end();
    });
  const underWay: Promise<void>[] = [];
  const askers = Array.from({ length: connections }, async (_, index) => {
    while (!end.signal.aborted) {
      await (underWay[index] = ask());
      await wait(pauseMs);
    }
  });
  return Object.assign(state, {
    async settled() {
      await Promise.all(underWay);
    },
    async stop() {
      end.abort();
      await Promise.all(askers);
      agent.destroy();
    },
  });
}
