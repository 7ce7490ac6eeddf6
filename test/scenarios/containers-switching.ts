/** Containers replaced one after the other while clients never stop: on kept connections, with slow uploads, streams and WebSockets. */
import type { DeployAnswer, Pair, Target } from '../../src/ports/target.ts';
import { makeDockerStage } from '../contracts/target/docker-stage.ts';
import { never, newPlace, serving, until } from '../contracts/target/stage.ts';
import { keepAliveLoad } from '../world/traffic.ts';
import { startSlowClients, type SlowClients } from '../../bench/clients.ts';

export interface Switched {
  readonly answered: number;
  readonly failed: readonly string[];
  readonly outlasting: Pick<SlowClients, 'slow' | 'streams' | 'sockets'>;
  readonly deployments: number;
  readonly seconds: number;
}

const steps = [1_000, 5_000];

/** Every other deployment takes over at once, every other step by step. */
export async function switchUnderLoad(deployments: number, clients: number): Promise<Switched> {
  const stage = await makeDockerStage();
  try {
    const place = await newPlace();
    const { docker } = stage.world();
    let current = stage.deployment(place);
    await docker.deploy(current, never);
    const begin = performance.now();
    const load = keepAliveLoad(place, clients);
    const { end, ...outlasting } = startSlowClients(place.port);
    for (let round = 0; round < deployments; round++) {
      const next = stage.deployment(place);
      if (round % 2 === 1) await stepByStep(docker, { fresh: next, stable: current });
      requireReady(await docker.deploy(next, never));
      const { NAME } = await serving(place);
      if (NAME !== `#${next.release.number}`) throw new Error(`${NAME} serves after #${next.release.number} took over`);
      await until('the old one to end', async () => (await docker.retire(next)) === 'done');
      current = next;
    }
    const { answered, failed } = await load.end();
    await end();
    return { answered, failed, outlasting, deployments, seconds: (performance.now() - begin) / 1_000 };
  } finally {
    await stage.remove();
  }
}

async function stepByStep(target: Target, pair: Pair): Promise<void> {
  const beside = target.beside!(pair.fresh)!;
  requireReady(await beside.start(pair.fresh, never));
  for (const weight of steps) await beside.share(pair, { weight, groups: [], shadow: false, users: 'none' });
}

function requireReady(answer: DeployAnswer): void {
  if (answer.deployed !== 'ready') throw new Error(JSON.stringify(answer));
}
