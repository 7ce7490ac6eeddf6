/** Secrets that people carry: `<word>_<id>_<256 random bits>`. The id finds the row, the row holds only a hash of the rest. */
import { timingSafeEqual } from 'node:crypto';
import type { Digest } from '../../domain/base/digest.ts';
import { encodeBytes, isId, type Id } from '../../domain/base/id.ts';
import { newId, type World } from '../world.ts';

/** By what each begins, so that scanners for leaked secrets know it, and the prefix of its row's id. */
const words = {
  token: ['liftlock', 'tok'],
  session: ['liftlocksession', 'ses'],
  link: ['liftlocklink', 'lnk'],
} as const;

type Kind = keyof typeof words;
type IdOf<K extends Kind> = Id<(typeof words)[K][1]>;

export interface Credential<K extends Kind> {
  readonly id: IdOf<K>;
  /** For its owner, once. */
  readonly text: string;
  readonly secretHash: Digest;
}

export function makeCredential<K extends Kind>(world: World, kind: K): Credential<K> {
  const [word, prefix] = words[kind];
  const id = newId(world, prefix) as IdOf<K>;
  const secret = encodeBytes(world.random(32));
  return { id, text: `${word}_${id.slice(prefix.length + 1)}_${secret}`, secretHash: world.sha256(secret) };
}

/** `undefined` for what cannot be one. */
export function readCredential<K extends Kind>(
  kind: K,
  text: string,
): { readonly id: IdOf<K>; readonly secret: string } | undefined {
  const [word, prefix] = words[kind];
  const [, name, secret] = /^[a-z]+_([0-9a-z]{16,32})_([0-9a-z]{52})$/.exec(text) ?? [];
  const id = `${prefix}_${name}`;
  return text.startsWith(`${word}_`) && secret !== undefined && isId(prefix, id)
    ? { id: id as IdOf<K>, secret }
    : undefined;
}

/** Takes the same time wherever the two differ. */
export function isSecretOf(world: Pick<World, 'sha256'>, secret: string, hash: Digest): boolean {
  return timingSafeEqual(Buffer.from(world.sha256(secret)), Buffer.from(hash));
}
