/**
 * A reload without a loss: connections go on, requests on kept ones are passed on, and the counters of the worker that was
 * replaced are read to their end. Without connections a replaced worker is gone at once, its counters with it, so a connection of
 * our own holds it until then.
 */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { InTurn } from '../turn.ts';
import { askMaster, type Worker } from './master.ts';
import { reloadAs, serving, socketOf, type RunningParts } from './running.ts';
import { statisticsOf, tellToRelay } from './tell.ts';

const answerPatienceMs = 2_000;
/** HAProxy closes an idle connection after 75 s. */
const mostHeldMs = 60_000;
const lookMs = 100;

export interface Handover {
  readonly structure: string;
  /** What the new worker leads. */
  readonly environments: readonly EnvironmentId[];
  /** Reads the counters of all workers. */
  readonly count: () => Promise<unknown>;
  /** A master that is asked something while it loads may hang, so whoever looks later does that in turn. */
  readonly inTurn: InTurn;
}

export async function handOver(
  parts: RunningParts,
  { structure, environments, count, inTurn }: Handover,
): Promise<void> {
  const socket = socketOf(parts);
  const before = serving(await askMaster(socket));
  const held = await hold(parts).catch(() => undefined);
  try {
    await reloadAs(parts, structure);
    await passOn(parts, environments);
  } catch (thrown) {
    held?.destroy();
    throw thrown;
  }
  if (before === undefined || held === undefined) return;
  // In the background: its last answers may take long.
  void untilIdle(parts, before, inTurn)
    .then(() => inTurn(count))
    .catch(() => undefined)
    .finally(() => held.destroy());
}

/** What clients still send on connections that they keep to a worker which was replaced goes where the others' requests go. */
export async function passOn(parts: RunningParts, environments: readonly EnvironmentId[]): Promise<void> {
  const socket = socketOf(parts);
  for (const worker of (await askMaster(socket)).workers.filter(({ leaving }) => leaving))
    for (const environment of environments) await tellToRelay(socket, worker, environment).catch(() => undefined);
}

/** An answered request proves that it is this worker's connection and not one that waits for the next. */
function hold({ directory }: RunningParts): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const connection = connect(join(directory, 'idle.sock'));
    connection.setTimeout(answerPatienceMs, () => connection.destroy(new Error('no answer')));
    connection.once('error', reject);
    connection.once('data', () => {
      connection.setTimeout(0);
      connection.on('error', () => undefined);
      connection.unref();
      resolve(connection);
    });
    connection.write('GET / HTTP/1.1\r\nHost: liftlock\r\n\r\n');
  });
}

async function untilIdle(parts: RunningParts, worker: Worker, inTurn: InTurn): Promise<void> {
  const socket = socketOf(parts);
  // Nobody stays up for this alone.
  const pause = () => wait(lookMs, undefined, { ref: false });
  for (const begin = parts.clock.now(); parts.clock.now() - begin < mostHeldMs; await pause())
    if (await inTurn(() => isIdle(socket, worker))) return;
}

async function isIdle(socket: string, worker: Worker): Promise<boolean> {
  const master = await askMaster(socket).catch(() => undefined);
  if (master !== undefined && !master.workers.some(({ pid }) => pid === worker.pid)) return true;
  const loads = await statisticsOf(socket, worker).catch(() => undefined);
  return loads !== undefined && [...loads.values()].every(({ inFlight }) => inFlight === 0);
}
