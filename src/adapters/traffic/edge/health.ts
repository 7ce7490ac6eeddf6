/** Asks instances, where a side has several, whether they are well. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Instance, InstanceHealth } from '../../../ports/traffic.ts';
import { reached, type Upstream } from './upstream.ts';

const everyMs = 1_000;
/** One answer that was lost is no illness; a connection that a user's request was refused is told by itself. */
const mostFailures = 2;

/** Answers how to stop. */
export function watchHealth(upstreams: () => Iterable<Upstream>): () => void {
  const failures = new WeakMap<Upstream, number>();
  const asking = new WeakSet<Upstream>();
  const ask = async (upstream: Upstream, health: InstanceHealth): Promise<void> => {
    asking.add(upstream);
    const well = await isWell(upstream.instance, health);
    asking.delete(upstream);
    if (upstream.health === undefined) return;
    const failed = well ? 0 : (failures.get(upstream) ?? 0) + 1;
    failures.set(upstream, failed);
    if (failed >= mostFailures) upstream.sick = true;
    if (!well) return;
    if (upstream.sick) reached(upstream);
    upstream.sick = false;
  };
  const timer = setInterval(() => {
    for (const upstream of upstreams())
      if (upstream.health !== undefined && !asking.has(upstream)) void ask(upstream, upstream.health);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function isWell({ host, port }: Instance, { path, timeoutMs }: InstanceHealth): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    if (path === undefined) {
      const socket = connect({ host, port, signal });
      const answer = (well: boolean) => {
        socket.destroy();
        resolve(well);
      };
      socket.once('connect', () => answer(true)).once('error', () => answer(false));
      return;
    }
    const asked = request({ host, port, path, agent: false, signal }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode <= 399);
    });
    asked.on('error', () => resolve(false)).end();
  });
}
