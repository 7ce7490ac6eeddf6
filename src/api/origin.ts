/**
 * Keeps pages of other sites away. A browser lets any page send requests to loopback: those say where they come from in
 * `Origin`. And a page may give its own name our address after it was loaded (DNS rebinding): those say so in `Host`.
 */
import { isIP } from 'node:net';
import { Failure } from '../domain/base/failure.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Further names under which people reach this server, as browsers write them: `liftlock.example.org`, `10.0.0.7:8443`. */
  readonly names: readonly string[];
}

/** @throws Failure `request/forbidden`. */
export function refuseForeign(
  listening: Listening,
  { host, origin }: { host: string | undefined; origin: string | undefined },
): void {
  if (host === undefined || !isOurs(listening, host)) {
    throw new Failure('request/forbidden', `this server does not go by the name ${JSON.stringify(host ?? '')}`, {
      hint: `Use ${listening.host}:${listening.port}, or configure the name.`,
    });
  }
  if (origin !== undefined && !isOurs(listening, hostOf(origin))) {
    throw new Failure('request/forbidden', `pages of ${JSON.stringify(origin.slice(0, 200))} may not use this server`);
  }
}

/** `null` (a sandboxed page, a file) and anything that is not a web address have no host. */
function hostOf(origin: string): string {
  return /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1] ?? '';
}

function isOurs({ host, port, names }: Listening, given: string): boolean {
  const authority = given.toLowerCase();
  if (names.some((name) => name.toLowerCase() === authority)) return true;
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(authority);
  if (parts === null || Number(parts[2] ?? 80) !== port) return false;
  const name = parts[1]!.replace(/^\[(.*)\]$/, '$1');
  if (name === 'localhost' || name === host.toLowerCase()) return true;
  // Rebinding needs a name: an address is what it is. Which addresses are ours is only unknown when listening on all.
  const address = isIP(name) !== 0;
  return address && (host === '0.0.0.0' || host === '::' || name === '127.0.0.1' || name === '::1');
}

/** True for addresses of this machine, also when they come as IPv4 within IPv6. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
