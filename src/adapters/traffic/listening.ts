/** The address of an environment before it is opened, and what is said when it cannot be. */
import { createServer } from 'node:net';
import { Failure } from '../../domain/base/failure.ts';
import { addressTaken, type Listen } from '../../ports/traffic.ts';

export function isSameAddress(left: Listen, right: Listen): boolean {
  return left.host === right.host && left.port === right.port;
}

/** What is in the way of listening there; `undefined` when it is free. */
export function obstacleAt({ host, port }: Listen): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

export function cannotOpen({ host, port }: Listen, code: string | undefined, why: string): Failure {
  const isTaken = code === 'EADDRINUSE';
  return new Failure('traffic/refused', `the address ${host}:${port} cannot be opened: ${why}`, {
    ...(isTaken ? { reason: addressTaken } : {}),
    hint: isTaken
      ? 'Stop what listens there, or give the environment another port.'
      : 'Choose another address or port.',
  });
}
