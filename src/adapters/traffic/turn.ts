/** One at a time, among all processes of this machine that share a directory. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Clock } from '../../ports/clock.ts';

export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

const patienceMs = 30_000;
const lookMs = 5;

/**
 * Whoever listens at a name of the directory has the turn. The name is Linux's abstract one, which is gone with its process,
 * however that ends; elsewhere only this process waits for itself.
 */
export function createTurn(directory: string, clock: Clock): InTurn {
  const name = `\0liftlock-${createHash('sha256').update(resolve(directory)).digest('hex')}`;
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(() => alone(name, clock, act));
    last = next.catch(() => undefined);
    return next;
  };
}

async function alone<T>(name: string, clock: Clock, act: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return act();
  const held = await take(name, clock);
  try {
    return await act();
  } finally {
    await new Promise((done) => held.close(done));
  }
}

async function take(name: string, clock: Clock): Promise<Server> {
  for (const begin = clock.now(); ; await clock.sleep(lookMs)) {
    const server = await listenAt(name);
    if (server !== undefined) return server;
    if (clock.now() - begin > patienceMs)
      throw new Failure('traffic/unreachable', 'another process of Liftlock has been changing traffic for too long', {
        hint: 'It is tried again by itself.',
      });
  }
}

function listenAt(name: string): Promise<Server | undefined> {
  return new Promise((resolved, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolved(undefined) : reject(error),
    );
    server.listen(name, () => resolved(server));
  });
}
