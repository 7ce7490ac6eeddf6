import { Failure } from '../../../domain/base/failure.ts';

const usualSocket = '/var/run/docker.sock';

/**
 * The socket that `DOCKER_HOST` names; the usual one when it is not set. An engine elsewhere is refused: containers answer at addresses
 * of the machine they run on, and a TCP port of an engine is root for whoever reaches it.
 */
export function socketOf(dockerHost: string | undefined): string {
  if (dockerHost === undefined) return usualSocket;
  const path = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1] ?? (dockerHost.startsWith('/') ? dockerHost : undefined);
  if (path !== undefined) return path;
  throw new Failure(
    'input/invalid',
    `DOCKER_HOST is ${JSON.stringify(dockerHost)}; only a socket of this machine is asked`,
    {
      hint: 'unix:///var/run/docker.sock; run a worker on the machine of the engine.',
    },
  );
}
