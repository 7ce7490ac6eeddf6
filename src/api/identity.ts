/** What a request brings along to say who asks: a token, or the cookie of a session. */
import { Failure } from '../domain/base/failure.ts';
import type { Presented } from '../engine/access/identify.ts';

export interface Carried {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`: what a browser says about the page that sends the request. */
  readonly site: string | undefined;
}

/**
 * With the prefix a browser sends the cookie to this host only, over TLS only, and no other host can set it. A browser
 * refuses the prefix without TLS: on loopback over plain HTTP the cookie goes by its plain name.
 */
export const cookieNames = {
  session: ['__Host-liftlock', 'liftlock'],
  /** Of a browser that is at an OpenID provider. */
  attempt: ['__Host-liftlock-attempt', 'liftlock-attempt'],
} as const;
export type CookieName = keyof typeof cookieNames;

/** @throws Failure `request/unauthenticated`, `request/forbidden` for a cookie that a page of another site sends along. */
export function presentedBy(carried: Carried): Presented {
  const token = /^Bearer +(\S+)$/i.exec(carried.authorization ?? '')?.[1];
  if (token !== undefined) return { kind: 'token', text: token };
  const session = carried.authorization === undefined ? cookieIn(carried.cookie ?? '', 'session') : undefined;
  if (session === undefined)
    throw new Failure('request/unauthenticated', 'this request carries no token', {
      reason: 'NOT_SIGNED_IN',
      hint: 'liftlock login; or send a token as "Authorization: Bearer <token>".',
    });
  refuseForeignPage(carried);
  return { kind: 'session', text: session };
}

/** The origin itself was compared with ours before. A browser attaches cookies to what other pages send; tokens it does not. */
function refuseForeignPage({ method, origin, site }: Carried): void {
  const looks = method === 'GET' || method === 'HEAD';
  const ours =
    site === undefined ? looks || origin !== undefined : site === 'same-origin' || (looks && site === 'none');
  if (!ours)
    throw new Failure('request/forbidden', 'a page of another site may not act with your session', {
      reason: 'FOREIGN_PAGE',
    });
}

export function cookieIn(header: string, cookie: CookieName): string | undefined {
  const pairs = header.split(/; */).map((pair) => pair.split('=', 2));
  const named = (name: string) => pairs.find(([key]) => key === name)?.[1];
  const [secure, plain] = cookieNames[cookie];
  return named(secure) ?? named(plain);
}
