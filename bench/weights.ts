/** Do weights hold? 100,000 requests at each, over kept connections, as the leader itself counted them; and users who stay while weights grow. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../src/adapters/clock/system.ts';
import { createProcesses } from '../src/adapters/processes/processes.ts';
import type { Route } from '../src/ports/traffic.ts';
import { edgeIn } from '../test/world/edge.ts';
import { haproxyIn } from '../test/world/haproxy.ts';
import { idOf } from '../test/make/facts.ts';
import { ask, freePort, openBackend, side } from '../test/world/traffic.ts';
import type { Figure, Measured } from './figures.ts';

const percents = [1, 5, 10, 25, 50];
const requests = 100_000;
const users = 1_000;

export async function weights(by: 'edge' | 'haproxy'): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-bench-weights-'));
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const clock = createClock();
  const traffic =
    by === 'edge'
      ? edgeIn(directory, processes)
      : haproxyIn({ processes, clock, directory: join(directory, 'haproxy') });
  const [stable, fresh] = [await openBackend('stable'), await openBackend('fresh')];
  const route = async (number: number, weight: number): Promise<Route> => ({
    environment: idOf('env', number),
    by,
    listen: { host: '127.0.0.1', port: await freePort() },
    sides: [side('stable', 10_000 - weight, stable), side('fresh', weight, fresh)],
  });
  const figures: Figure[] = [];
  try {
    for (const [at, percent] of percents.entries()) {
      const led = await route(at + 1, percent * 100);
      await traffic.apply(led);
      let counted = [0, 0];
      while (counted[0]! + counted[1]! < requests) {
        await once(spawn('wrk', ['-t1', '-c32', '-d2s', `http://127.0.0.1:${led.listen.port}/`]), 'exit');
        counted = (await traffic.inspect(led.environment))!.sides.map((one) => one.counted['all']!.requests);
        stable.seen.length = fresh.seen.length = 0;
      }
      const [ofStable, ofFresh] = counted as [number, number];
      const share = (100 * ofFresh) / (ofStable + ofFresh);
      figures.push({
        what: `${percent} % of ${ofStable + ofFresh}: off by, in points`,
        value: Math.abs(share - percent),
        unit: '',
        aim: { is: 'at most', value: 0.5 },
      });
    }
    const led = await route(percents.length + 1, 0);
    const on = new Set<number>();
    let back = 0;
    const askAs = async (user: number): Promise<void> => {
      const answer = await ask(led, { headers: { 'X-User': `user-${user}` } });
      if (answer.body.toString() === 'fresh') on.add(user);
      else if (on.has(user)) back += 1;
    };
    for (const percent of [...percents, 75, 99]) {
      const sides = [side('stable', 10_000 - percent * 100, stable), side('fresh', percent * 100, fresh)];
      await traffic.apply({ ...led, sides, sticky: { header: 'X-User', salt: 'bench' } });
      for (let user = 0; user < users; user++) await askAs(user);
    }
    figures.push({ what: `of ${users} users, on the new release at 99 %`, value: on.size, unit: '' });
    figures.push({ what: 'users who went back', value: back, unit: '', aim: { is: 'at most', value: 0 } });
    return { figures, setup: { by } };
  } finally {
    for (const { key } of await processes.list(`${by}/`)) await processes.stop(key, 2_000);
    for (const { close } of [stable, fresh]) close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
