/** A browser at our door: under which address it knows us, and which cookies it may hold. */
import { browserOf } from '../domain/access/browser.ts';
import { Failure } from '../domain/base/failure.ts';
import { cookieIn, cookieNames, type CookieName } from './identity.ts';
import { isLoopback } from './origin.ts';

export interface Visit {
  /** Where the browser reaches us, without a slash at the end. */
  readonly base: string;
  readonly cookie: (name: CookieName) => string | undefined;
  /** Which one it is, in words. */
  readonly browser: string | undefined;
}

/** `publicUrl`: where a proxy with TLS answers for us. */
export function visitOf(
  request: { host: string | undefined; cookie: string | undefined; userAgent: string | undefined },
  publicUrl: URL | undefined,
): Visit {
  const host = request.host ?? '';
  const base = publicUrl?.host === host.toLowerCase() ? publicUrl.origin : `http://${host}`;
  const browser = browserOf((request.userAgent ?? '').slice(0, 500));
  return { base, cookie: (name) => cookieIn(request.cookie ?? '', name), browser };
}

interface Cookie {
  readonly name: CookieName;
  readonly text: string;
  readonly seconds: number;
}

/**
 * A cookie that only this host gets back, that scripts cannot read, and that other sites cannot make a browser send with a change.
 * @throws Failure `request/forbidden` where it would travel in the clear.
 */
export function cookieFor({ base }: Visit, { name, text, seconds }: Cookie): string {
  const { protocol, hostname } = new URL(base);
  const common = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
  const [secure, plain] = cookieNames[name];
  if (protocol === 'https:') return `${secure}=${text}; ${common}; Secure`;
  if (hostname === 'localhost' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1')))
    return `${plain}=${text}; ${common}`;
  throw new Failure('request/forbidden', 'a session needs TLS, or this machine itself', {
    reason: 'INSECURE',
    hint: 'put a proxy with TLS before the server, and tell it LIFTLOCK_PUBLIC_URL=https://…',
  });
}
