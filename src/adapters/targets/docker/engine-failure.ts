/** What a Docker engine refuses, in our words: which case it is follows from its status and its English. */
import { Failure } from '../../../domain/base/failure.ts';

export class EngineTooSlow extends Error {
  override readonly name = 'EngineTooSlow';
  readonly code: 'NO_ANSWER' | 'NO_MORE';
  constructor(code: 'NO_ANSWER' | 'NO_MORE') {
    super('it took too long');
    this.code = code;
  }
}

/** Nobody answers, we may not ask, or it took too long. */
export function unreachable(socket: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const [what, hint] = causes[code ?? ''] ?? [
    `it does not answer: ${message}`,
    'Look at its log (journalctl -u docker); it is tried again.',
  ];
  return new Failure('docker/unreachable', `the Docker engine at ${socket}: ${what}`, { hint, cause });
}

const causes: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOENT: [
    'there is no such socket',
    'Install Docker (Debian: apt-get install docker.io) and start it, or name its socket in DOCKER_HOST.',
  ],
  ENOTSOCK: ['this is no socket', 'Name the socket of the engine in DOCKER_HOST: unix:///run/docker.sock.'],
  ECONNREFUSED: ['nobody listens there', 'Start the engine: systemctl start docker.'],
  EACCES: [
    'this user may not use it',
    'Let the user of the worker use it (usermod -aG docker <user>, then start the worker anew). Whoever may use it is root on this machine.',
  ],
  NO_ANSWER: ['it did not answer in time', 'It may be busy; it is tried again.'],
  NO_MORE: ['its answer did not go on in time', 'It may be busy; it is tried again.'],
  EAGAIN: ['it did not accept the connection in time', 'It may be busy; it is tried again.'],
  EPIPE: ['it closed the connection', 'It may have been restarted; it is tried again.'],
  ECONNRESET: ['it closed the connection', 'It may have been restarted; it is tried again.'],
};

/** Where no engine answers nothing of ours is in one, and who never used one must not be kept from anything: then `none`. */
export async function whereThereIsOne<T>(ask: () => Promise<T>, none: T): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Failure && ['docker/unreachable', 'input/invalid'].includes(thrown.code)) return none;
    throw thrown;
  }
}

export type RefusalReason = 'NAME_TAKEN' | 'NO_CONTAINER' | 'PORT_TAKEN' | 'IN_USE' | 'NOT_STARTED' | 'REFUSED';

/** What it answered to a request. The rest of its words is told as they came. */
export function refusedBy(
  request: { readonly method: string; readonly path: string },
  status: number,
  said: string,
): Failure {
  if (/no space left on device|disk quota exceeded/i.test(said))
    return new Failure('docker/disk-full', `the Docker engine has no space left: ${said}`, {
      hint: 'Free disk space (docker system df shows what takes it), then try again.',
    });
  if (status === 404 && /no such image|manifest unknown|reference does not exist/i.test(said))
    return new Failure('image/missing', `the Docker engine does not have the image: ${said}`, {
      hint: 'The artifact of a release holds its image: deploy the release again, or build it again.',
    });
  const { reason, hint } = kindOf(status, said);
  return new Failure('docker/refused', `the Docker engine refused ${request.method} ${request.path}: ${said}`, {
    hint,
    reason,
  });
}

function kindOf(status: number, said: string): { readonly reason: RefusalReason; readonly hint: string } {
  if (status === 409 && /name .* is already in use/i.test(said))
    return { reason: 'NAME_TAKEN', hint: 'Remove or rename the container that has this name.' };
  if (status === 404 && /no such container/i.test(said))
    return { reason: 'NO_CONTAINER', hint: 'Somebody removed it; deploy again.' };
  if (/port is already allocated|address already in use/i.test(said))
    return { reason: 'PORT_TAKEN', hint: 'End what listens there, then deploy again.' };
  if (status === 409) return { reason: 'IN_USE', hint: 'Something still uses it; it is tried again.' };
  if (/OCI runtime|failed to create (?:shim|task)|starting container process/i.test(said))
    return { reason: 'NOT_STARTED', hint: 'Look at ENTRYPOINT, CMD and USER of the image.' };
  return { reason: 'REFUSED', hint: 'Look at the log of the engine: journalctl -u docker.' };
}
