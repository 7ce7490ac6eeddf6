/** OpenPGP public keys: what gpg makes of them, and the form in which they are kept. */
import { Failure } from '../../domain/base/failure.ts';
import type { PublicKey } from '../../domain/trigger/signature.ts';
import { type Gpg, type GpgEnd, runGpg, withGpg } from './gpg.ts';
import { readArmor, readPackets } from './openpgp-packets.ts';
import { Refused } from './refused.ts';
import { invalid, plain } from './ssh-public-keys.ts';

/** One line of `--with-colons` for a primary key or a subkey. */
export interface ListedKey {
  readonly fingerprint: string;
  readonly primary: string;
  /** Number of RFC 9580. */
  readonly algorithm: number;
  readonly bits: number;
  readonly curve: string;
  /** `r` revoked, `e` expired, `i` invalid, `d` disabled; others are usable. */
  readonly validity: string;
  /** Capital letters: of the whole key. */
  readonly capabilities: string;
  readonly userId: string;
}

export const smallestRsaBits = 2048;
export const isRsa = (algorithm: number): boolean => algorithm === 1 || algorithm === 3;
const label = 'PUBLIC KEY BLOCK';
const secretPackets: ReadonlySet<number> = new Set([5, 7]);
/** Signature, public key, user id, public subkey, user attribute. Anything else has no place in a public key: above all no compressed packet. */
const keyPackets: ReadonlySet<number> = new Set([2, 6, 13, 14, 17]);

/** @throws Failure `input/invalid`, or `openpgp/unavailable` without gpg. */
export async function readOpenPgpKeys(
  text: string,
  settings: { readonly gpgPath?: string; readonly timeoutMs?: number },
): Promise<readonly PublicKey[]> {
  const bytes = dearmor(text);
  return withGpg(settings, async (gpg) => {
    await importKeys(gpg, bytes);
    const primaries = (await listKeys(gpg)).filter((key) => key.fingerprint === key.primary);
    if (primaries.length === 0) throw invalid('gpg finds no usable OpenPGP key in it');
    const keys: PublicKey[] = [];
    for (const key of primaries) keys.push(await describe(gpg, key));
    return keys;
  });
}

function dearmor(text: string): Buffer {
  try {
    const bytes = readArmor(text.replaceAll('\r\n', '\n').trim(), label);
    const packets = readPackets(bytes);
    if (packets.some(({ tag }) => secretPackets.has(tag))) throw privateKey();
    if (!packets.every(({ tag }) => keyPackets.has(tag))) throw invalid('it holds something else than an OpenPGP key');
    return bytes;
  } catch (error) {
    if (error instanceof Refused) throw invalid(`the OpenPGP key is broken: ${error.message}`);
    throw error;
  }
}

export function privateKey(): Failure {
  return invalid('it holds a private key', 'Give the public key. A private key that was handed on should be replaced.');
}

/** Bytes of a registered key, or `undefined` when they are not those of a key. */
export function keyBytes(material: string): Buffer | undefined {
  try {
    const bytes = readArmor(material.trim(), label);
    return readPackets(bytes).every(({ tag }) => keyPackets.has(tag)) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Without what others signed on a key, which may be megabytes and proves nothing here. */
export async function importKeys(gpg: Gpg, bytes: Buffer): Promise<void> {
  required(await runGpg(gpg, { arguments: ['--import-options=self-sigs-only', '--import'], input: bytes }));
}

/** @throws Failure for a gpg that cannot be used at all. Any exit status is a use. */
function required(end: GpgEnd): GpgEnd {
  if (end.ended === 'exited') return end;
  const how = { timeout: 'took too long', 'output-limit': 'said too much', 'not-started': 'cannot be started' }[
    end.ended
  ];
  throw new Failure('openpgp/unavailable', `gpg, which reads OpenPGP keys and signatures, ${how}`, {
    hint: 'Install GnuPG 2.2 or newer (Debian: apt-get install gpg), or use SSH keys, which need no program.',
  });
}

export async function listKeys(gpg: Gpg): Promise<readonly ListedKey[]> {
  const listing = ['--with-colons', '--fixed-list-mode', '--with-fingerprint', '--with-fingerprint', '--list-keys'];
  const { output } = required(await runGpg(gpg, { arguments: listing, input: Buffer.alloc(0) }));
  return readListing(output);
}

/** Format: doc/DETAILS of GnuPG, "Format of the colon listings". */
export function readListing(output: string): readonly ListedKey[] {
  const keys: ListedKey[] = [];
  let fields: readonly string[] | undefined;
  for (const line of output.split('\n')) {
    const record = line.split(':');
    const [type] = record;
    if (type === 'pub' || type === 'sub') fields = record;
    if (type === 'fpr' && fields !== undefined) {
      const fingerprint = record[9] ?? '';
      const primary = fields[0] === 'pub' ? fingerprint : (keys.at(-1)?.primary ?? '');
      keys.push(readRecord(fields, fingerprint, primary));
      fields = undefined;
    }
    const last = keys.at(-1);
    if (type === 'uid' && last !== undefined && last.userId === '')
      keys[keys.length - 1] = { ...last, userId: plain(unescape(record[9] ?? '')) };
  }
  return keys;
}

function readRecord(fields: readonly string[], fingerprint: string, primary: string): ListedKey {
  const [, validity = '', bits, algorithm] = fields;
  return {
    fingerprint,
    primary,
    algorithm: Number(algorithm),
    bits: Number(bits),
    curve: fields[16] ?? '',
    validity,
    capabilities: fields[11] ?? '',
    userId: '',
  };
}

/** `\x3a` stands for a colon, and likewise for everything that would break a line. */
function unescape(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

async function describe(gpg: Gpg, key: ListedKey): Promise<PublicKey> {
  const shown = key.fingerprint;
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(shown)) throw invalid('gpg names a key without a fingerprint');
  if (key.validity === 'r') throw invalid(`the OpenPGP key ${shown} has been revoked by its owner`);
  if (key.validity === 'e') throw invalid(`the OpenPGP key ${shown} has expired`);
  if (!key.capabilities.includes('S')) throw invalid(`the OpenPGP key ${shown} cannot sign`);
  if (isRsa(key.algorithm) && key.bits < smallestRsaBits)
    throw invalid(`the OpenPGP key ${shown} has ${key.bits} bits, which is too small`);
  const exported = await runGpg(gpg, {
    arguments: ['--armor', '--export-options=no-export-attributes', '--export', `0x${shown}`],
    input: Buffer.alloc(0),
  });
  const material = required(exported).output;
  if (keyBytes(material) === undefined) throw invalid(`gpg does not give the OpenPGP key ${shown} back`);
  return { kind: 'openpgp', fingerprint: shown, material, algorithm: algorithmOf(key), comment: key.userId };
}

function algorithmOf(key: ListedKey): string {
  if (isRsa(key.algorithm)) return `rsa-${key.bits}`;
  return key.curve === '' ? `openpgp-${key.algorithm}` : key.curve;
}
