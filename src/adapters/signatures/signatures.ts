/** `Signatures`: SSH natively, OpenPGP through gpg, everything else refused by name. */
import type { RegisteredKey, SignatureAnswer, SignedBytes } from '../../domain/trigger/signature.ts';
import type { Signatures, VerifyWith } from '../../ports/signatures.ts';
import { type OpenPgpSettings, verifyOpenPgp } from './openpgp.ts';
import { privateKey, readOpenPgpKeys } from './openpgp-keys.ts';
import { pgpSignatureArmor, requireOneSignature } from './openpgp-packets.ts';
import { malformed, quoted, Refused } from './refused.ts';
import { readSshSignature, sshArmor, verifySshSignature } from './sshsig.ts';
import { invalid, readSshPublicKeys } from './ssh-public-keys.ts';

/** The largest RSA signature has 6 KiB in armor. */
const signatureLimitBytes = 32 * 1024;
const keysLimitCharacters = 1024 * 1024;
const gitNamespace = 'git';

export function createSignatures(settings: OpenPgpSettings = {}): Signatures {
  return {
    verify: (signed, given) => verifyAll(settings, signed, given),
    readPublicKeys: async (text) => {
      if (text.length > keysLimitCharacters) throw invalid('it is longer than a million characters');
      if (/BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File/.test(text)) throw privateKey();
      return /^\s*-----BEGIN PGP /.test(text) ? readOpenPgpKeys(text, settings) : readSshPublicKeys(text);
    },
  };
}

async function verifyAll(
  settings: OpenPgpSettings,
  signed: readonly SignedBytes[],
  given: VerifyWith,
): Promise<readonly SignatureAnswer[]> {
  const sshKeys = registeredSsh(given.keys);
  const answers = signed.map((one) => verifyNow(one, sshKeys));
  const forGpg = signed.filter((_, index) => answers[index] === 'ask gpg');
  const fromGpg = (await verifyOpenPgp(settings, forGpg, given)).values();
  return answers.map((answer) => {
    if (answer !== 'ask gpg') return answer;
    return fromGpg.next().value ?? { good: false, code: 'OPENPGP_UNCLEAR', because: 'gpg was not asked about it' };
  });
}

function registeredSsh(keys: readonly RegisteredKey[]): ReadonlySet<string> {
  return new Set(keys.filter((key) => key.kind === 'ssh').map((key) => key.fingerprint));
}

/** An exception that nobody foresaw is a refusal too. */
function verifyNow(signed: SignedBytes, sshKeys: ReadonlySet<string>): SignatureAnswer | 'ask gpg' {
  try {
    const text = signatureText(signed.signature);
    const [armor] = text.split('\n', 1);
    if (armor === sshArmor) return verifySsh(text, signed, sshKeys);
    if (armor !== pgpSignatureArmor) throw otherFormat(armor ?? '');
    requireOneSignature(text);
    return 'ask gpg';
  } catch (error) {
    if (!(error instanceof Refused))
      return { good: false, code: 'SIGNATURE_MALFORMED', because: 'it could not be read' };
    const { code, message: because, hint } = error;
    return { good: false, code, because, ...(hint === undefined ? {} : { hint }) };
  }
}

function signatureText(signature: Uint8Array | undefined): string {
  if (signature === undefined || signature.length === 0) throw new Refused('SIGNATURE_MISSING', 'it is not signed');
  if (signature.length > signatureLimitBytes) throw malformed(`it is longer than ${signatureLimitBytes} bytes`);
  const text = Buffer.from(signature).toString('latin1');
  if (!/^[\n -~]*$/.test(text)) throw malformed('its armor holds characters that armor cannot have');
  return text;
}

function verifySsh(text: string, signed: SignedBytes, registered: ReadonlySet<string>): SignatureAnswer {
  const signature = readSshSignature(text);
  verifySshSignature(signature, signed.payload, signed.namespace ?? gitNamespace);
  const { fingerprint } = signature.key;
  if (registered.has(fingerprint)) return { good: true, kind: 'ssh', fingerprint };
  return { good: false, code: 'SIGNER_UNKNOWN', because: `its key (${fingerprint}) is not registered`, fingerprint };
}

function otherFormat(armor: string): Refused {
  if (
    armor === '-----BEGIN SIGNED MESSAGE-----' ||
    armor === '-----BEGIN CMS-----' ||
    armor === '-----BEGIN PKCS7-----'
  )
    return new Refused(
      'SIGNATURE_X509',
      'it was made with an X.509 certificate (S/MIME or gitsign), which is not accepted',
      'Sign with an SSH key: git config gpg.format ssh.',
    );
  return new Refused(
    'SIGNATURE_FORMAT_UNKNOWN',
    `it begins with ${quoted(armor)}, which is neither SSH nor OpenPGP`,
    'Sign with an SSH key: git config gpg.format ssh.',
  );
}
