/** OpenPGP signatures through gpg: one home for all of one call, one question for each signature. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { RegisteredKey, SignatureAnswer, SignedBytes } from '../../domain/trigger/signature.ts';
import type { Instant } from '../../domain/base/time.ts';
import { type Gpg, runGpg, withGpg } from './gpg.ts';
import { importKeys, isRsa, keyBytes, type ListedKey, listKeys, smallestRsaBits } from './openpgp-keys.ts';
import { readGpgStatus } from './openpgp-status.ts';
import type { Refused } from './refused.ts';

export interface OpenPgpSettings {
  readonly gpgPath?: string;
  readonly timeoutMs?: number;
}

interface Known {
  /** Primary keys that were registered. */
  readonly registered: ReadonlySet<string>;
  readonly listed: ReadonlyMap<string, ListedKey>;
  readonly at: Instant;
}

/** The signatures must have been looked at by `requireOneSignature`. One answer for each, in order. */
export async function verifyOpenPgp(
  settings: OpenPgpSettings,
  signed: readonly SignedBytes[],
  given: { readonly keys: readonly RegisteredKey[]; readonly at: Instant },
): Promise<readonly SignatureAnswer[]> {
  if (signed.length === 0) return [];
  const keys = given.keys.filter((key) => key.kind === 'openpgp');
  if (keys.length === 0) return signed.map(() => refused('SIGNER_UNKNOWN', 'no OpenPGP key is registered'));
  try {
    return await withGpg(settings, async (gpg) => {
      await importKeys(gpg, Buffer.concat(keys.flatMap((key) => keyBytes(key.material) ?? [])));
      const listed = new Map((await listKeys(gpg)).map((key) => [key.fingerprint, key]));
      const known = { registered: new Set(keys.map((key) => key.fingerprint)), listed, at: given.at };
      const answers: SignatureAnswer[] = [];
      for (const one of signed) answers.push(await verifyOne(gpg, one, known));
      return answers;
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return signed.map(() => unavailable(error));
  }
}

/** gpg judges expiry at the time it is told, which is ours, not the one in the object. */
async function verifyOne(gpg: Gpg, signed: SignedBytes, known: Known): Promise<SignatureAnswer> {
  const file = join(gpg.home, 'signature.asc');
  await writeFile(file, signed.signature ?? '');
  const seconds = Math.floor(known.at / 1000);
  const end = await runGpg(gpg, {
    arguments: [`--faked-system-time=${seconds}!`, '--verify', '--', file, '-'],
    input: signed.payload,
  });
  if (end.ended === 'timeout') return refused('OPENPGP_TIMEOUT', `gpg took longer than ${gpg.timeoutMs / 1000} s`);
  if (end.ended !== 'exited') return refused('OPENPGP_UNCLEAR', 'gpg did not come to an end of its own');
  const verdict = readGpgStatus(end.status, end.exitCode);
  if (!verdict.good) return { ...verdict };
  const key = known.listed.get(verdict.signer);
  if (key === undefined || !known.registered.has(verdict.primary) || key.primary !== verdict.primary)
    return {
      ...refused('SIGNER_UNKNOWN', `its key (${verdict.primary}) is not registered`),
      fingerprint: verdict.primary,
    };
  if (isRsa(key.algorithm) && key.bits < smallestRsaBits)
    return refused('SIGNATURE_KEY_TOO_SMALL', `it was made with an RSA key of ${key.bits} bits`);
  return { good: true, kind: 'openpgp', fingerprint: verdict.primary };
}

function unavailable(failure: Failure): SignatureAnswer {
  return {
    ...refused('OPENPGP_UNAVAILABLE', failure.message),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
}

function refused(code: Refused['code'], because: string) {
  return { good: false, code, because } as const;
}
