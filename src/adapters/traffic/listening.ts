/** The address of an environment before it is opened, and what is said when it cannot be. */
import { Failure } from '../../domain/base/failure.ts';
import { addressTaken, type Listen } from '../../ports/traffic.ts';

export function isSameAddress(left: Listen, right: Listen): boolean {
  return left.host === right.host && left.port === right.port;
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
