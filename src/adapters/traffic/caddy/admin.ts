/** Caddy's admin API, over a socket in a directory that is closed to others. */
import { request } from 'node:http';
import { join } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { adminName, socketName } from './caddy-config.ts';

const patienceMs = 15_000;
/** What `sun_path` of unix(7) holds. */
const longestPath = 107;

export interface Told {
  readonly status: number;
  readonly body: string;
}

export async function tell(
  directory: string,
  call: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(unreachable(error.message));
    const asked = request(
      {
        socketPath: socketOf(directory),
        method: call.method,
        path: call.path,
        headers: { Host: adminName, 'Content-Type': 'application/json' },
        agent: false,
        timeout: patienceMs,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (body += piece));
        response.once('error', failed);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('it did not answer in time')));
    asked.once('error', failed);
    asked.end(call.body);
  });
}

/** @throws Failure `traffic/refused` when the path is longer than a socket may have. */
export function socketOf(directory: string): string {
  const path = join(directory, socketName);
  if (Buffer.byteLength(path) <= longestPath) return path;
  throw new Failure('traffic/refused', `the path of Caddy's socket is longer than ${longestPath} bytes: ${path}`, {
    hint: 'Give Liftlock a home with a shorter path, or choose another `traffic`.',
  });
}

export function unreachable(why: string): Failure {
  return new Failure('traffic/unreachable', `caddy cannot be told what to do: ${why}`, {
    hint: 'It is started again by itself, with what was in force before.',
  });
}
