/** Signing in with a browser on this machine: it comes back to a port that only we listen on, with a code that only we can use (RFC 8252, RFC 7636). */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../domain/base/failure.ts';

export interface SignedIn {
  readonly code: string;
  readonly verifier: string;
}

const patienceMs = 5 * 60_000;

/** `show` gets the address to open. @throws Failure `wait/gave-up` when nobody comes back. */
export async function signInWithBrowser(start: string, show: (url: string) => void): Promise<SignedIn> {
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')];
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const server = createServer();
  try {
    const port = await listen(server);
    const code = comesBack(server, state);
    show(`${start}?${new URLSearchParams({ port: String(port), state, challenge })}`);
    return { code: await code, verifier };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Any page may ask this port; only what carries the state is ours. */
function comesBack(server: Server, state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Failure('wait/gave-up', 'nobody signed in within five minutes', { hint: 'liftlock login' })),
      patienceMs,
    );
    server.on('request', (request, response) => {
      const came = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
      const code = came.get('code');
      const ours = code !== null && came.get('state') === state;
      response.writeHead(ours ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end(ours ? 'You are signed in: back to the terminal.\n' : 'not for this\n', () => {
        if (!ours) return;
        clearTimeout(timer);
        resolve(code);
      });
    });
  });
}
