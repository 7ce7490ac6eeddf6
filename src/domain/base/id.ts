/**
 * Identifiers: `<prefix>_<26 characters>`, the characters being Crockford base32 of a 48-bit
 * millisecond time and 80 random bits (the layout of a ULID), so that ids of one kind sort by creation.
 */
import type { Instant } from './time.ts';

declare const kind: unique symbol;

/** A string that names one thing of one kind; the compiler keeps the kinds apart. */
export type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [kind]: Prefix };

export type ProjectId = Id<'prj'>;
export type PipelineRevisionId = Id<'ppl'>;
export type EnvironmentId = Id<'env'>;
export type BuildId = Id<'bld'>;
export type ReleaseId = Id<'rel'>;
export type PromotionId = Id<'prm'>;
export type DeploymentId = Id<'dep'>;
export type VerdictId = Id<'vrd'>;
export type EvidenceId = Id<'evd'>;
export type EvidenceSignerId = Id<'esg'>;
export type ApprovalId = Id<'apr'>;
export type PasskeyId = Id<'psk'>;
export type PasskeyChallengeId = Id<'psc'>;
export type BreakGlassId = Id<'bgl'>;
export type FollowUpId = Id<'fup'>;
export type FreezeId = Id<'frz'>;
export type LeaseId = Id<'lse'>;
export type ReplicaId = Id<'rpl'>;
export type PersonId = Id<'per'>;
export type GrantId = Id<'grt'>;
export type TokenId = Id<'tok'>;
export type SessionId = Id<'ses'>;
export type LinkId = Id<'lnk'>;
export type WebhookId = Id<'whk'>;
export type ChannelId = Id<'chn'>;
export type NotificationId = Id<'ntf'>;
export type DeliveryId = Id<'dlv'>;
export type MachineId = Id<'mch'>;
export type JudgementId = Id<'jdg'>;
export type AcceptanceId = Id<'acc'>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes an id from a time and at least 10 random bytes supplied by the caller.
 * @throws RangeError when fewer than 10 bytes are given or the time does not fit 48 bits.
 */
export function makeId<Prefix extends string>(prefix: Prefix, at: Instant, random: Uint8Array): Id<Prefix> {
  if (random.length < 10) throw new RangeError(`an id needs 10 random bytes, got ${random.length}`);
  if (!Number.isInteger(at) || at < 0 || at >= 2 ** 48) throw new RangeError(`time ${at} does not fit an id`);
  return `${prefix}_${encodeTime(at)}${encodeBytes(random.subarray(0, 10))}` as Id<Prefix>;
}

/** True when `text` has the shape of an id of this kind. */
export function isId<Prefix extends string>(prefix: Prefix, text: string): text is Id<Prefix> {
  return text.startsWith(`${prefix}_`) && /^[0-9a-hjkmnp-tv-z]{16,32}$/.test(text.slice(prefix.length + 1));
}

/** Crockford base32 of bytes, five bits a character, most significant first. */
export function encodeBytes(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  if (bits > 0) text += alphabet[(buffer << (5 - bits)) & 31];
  return text;
}

function encodeTime(at: number): string {
  let text = '';
  let rest = at;
  for (let position = 0; position < 10; position++) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
