/**
 * The port that Liftlock gives to an environment which names none. Until its first deployment nobody listens there, so somebody else on
 * the machine may: then it gets another one, which nobody can have relied on yet. Afterwards it keeps it for ever.
 */
import { Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, PromotionId } from '../../domain/base/id.ts';
import { runsHere } from '../../domain/pipeline/environment.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import type { World } from '../world.ts';

export async function freePort({ host }: Pick<World, 'host'>, used: ReadonlySet<number>): Promise<number> {
  const { first, last, begin = first, isFree } = host.ports;
  const count = last - first + 1;
  for (let index = 0; index < count; index++) {
    const port = first + ((begin - first + index) % count);
    if (!used.has(port) && (isFree === undefined || (await isFree(port)))) return port;
  }
  throw new Failure('pipeline/invalid', `all ports from ${first} to ${last} are taken`, {
    hint: 'write ports in the pipeline file',
  });
}

/** Before the first deployment of an environment begins. In a transaction of its own: ports are locked before environments. */
export async function moveTakenPort(world: World, promotion: PromotionId): Promise<void> {
  const { isFree } = world.host.ports;
  const given = await world.store.transaction((tx) => unusedPort(tx, promotion));
  if (given === undefined || isFree === undefined || (await isFree(given.port))) return;
  await world.store.transaction((tx) => move(world, tx, given));
}

interface Given {
  readonly environment: EnvironmentId;
  readonly port: number;
}

async function unusedPort(tx: Transaction, id: PromotionId): Promise<Given | undefined> {
  const promotion = (await tx.promotions.get(id))?.promotion;
  if (promotion?.progress.state !== 'running' || promotion.progress.phase !== 'preparing') return undefined;
  const environment = await tx.environments.get(promotion.environment);
  return environment && givenTo(environment);
}

function givenTo({ id, port, spec: { target }, deployment }: Environment): Given | undefined {
  if (port === undefined || deployment !== undefined || !runsHere(target) || target.port !== undefined)
    return undefined;
  return { environment: id, port };
}

async function move(world: World, tx: Transaction, { environment: id, port: from }: Given): Promise<void> {
  const used = new Set(await tx.environments.usedPorts());
  const environment = await tx.environments.lock(id);
  if (environment === undefined || givenTo(environment)?.port !== from) return;
  const to = await freePort(world, used);
  await tx.environments.setPort(id, to);
  await tx.events.append({
    kind: 'environment.port-moved',
    actor: actors.engine,
    at: world.clock.now(),
    project: environment.project,
    environment: id,
    data: { from, to },
  });
}
