/** Who asks, and may they? Every route goes through `authorize`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { Failure } from '../domain/base/failure.ts';
import type { Permission } from './contract/access.ts';
import { actorHeader, decodeHeaderText, mostActorCharacters } from './contract/headers.ts';

/** The one identity of this issue: whoever holds the token of the local administrator may do everything. */
const localAdministrator = 'local-administrator';

export interface Credentials {
  readonly authorization: string | undefined;
  /** `X-Liftlock-Actor`. */
  readonly actor: string | undefined;
}

/**
 * Answers the name under which the request is recorded.
 * @throws Failure `request/unauthenticated` without the right token, `input/invalid` for a name nobody can have.
 */
export type Authorize = (credentials: Credentials, permission: Permission) => string;

/** Compares SHA-256 hashes in constant time, so that neither content nor length of the token can be told by the clock. */
export function authorizeByToken(token: string): Authorize {
  if (token.length < 16) throw new RangeError('the token of the local administrator needs at least 16 characters');
  const expected = hash(token);
  return ({ authorization, actor }) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined || !timingSafeEqual(hash(given), expected)) throw unauthenticated(given === undefined);
    return actor === undefined ? localAdministrator : nameOf(actor);
  };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unauthenticated(absent: boolean): Failure {
  return new Failure(
    'request/unauthenticated',
    absent ? 'this request carries no token' : 'the token of this request is not the right one',
    {
      hint: 'Send the token of the server as "Authorization: Bearer <token>"; `liftlock up` says which file holds it.',
    },
  );
}

function nameOf(header: string): string {
  const name = decodeHeaderText(header)?.trim() ?? '';
  const characters = [...name].length;
  const printable = /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(name);
  if (!printable || characters > mostActorCharacters || /^system:/i.test(name)) {
    throw new Failure('input/invalid', `${actorHeader} is not the name of a person`, {
      hint: `1 to ${mostActorCharacters} printable characters in UTF-8, not beginning with "system:"`,
    });
  }
  return name;
}

/** True for addresses of this machine, also when they come as IPv4 within IPv6. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
