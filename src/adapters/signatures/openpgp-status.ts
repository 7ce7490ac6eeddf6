/** What gpg says on its status descriptor (doc/DETAILS of GnuPG, "Format of the --status-fd output"), read so that only a clear yes is one. */
import type { SignatureRefusal } from '../../domain/trigger/signature.ts';

export type GpgVerdict =
  | { readonly good: true; readonly signer: string; readonly primary: string }
  | {
      readonly good: false;
      readonly code: SignatureRefusal;
      readonly because: string;
      readonly fingerprint?: string;
    };

/** Words that change nothing about a good signature. Any other word that is not handled here makes it unclear. */
const harmless: ReadonlySet<string> = new Set([
  'NEWSIG',
  'KEY_CONSIDERED',
  'SIG_ID',
  'GOODSIG',
  'VALIDSIG',
  'NOTATION_NAME',
  'NOTATION_FLAGS',
  'NOTATION_DATA',
  'POLICY_URL',
  'TRUST_UNDEFINED',
  'TRUST_NEVER',
  'TRUST_MARGINAL',
  'TRUST_FULLY',
  'TRUST_ULTIMATE',
  'VERIFICATION_COMPLIANCE_MODE',
  'KEYEXPIRED',
  'SIGEXPIRED',
  'PROGRESS',
]);

/** Refusals in the order in which they are told; the sentence follows "the signature". */
const refusals: readonly (readonly [word: string, code: SignatureRefusal, because: string])[] = [
  ['BADSIG', 'SIGNATURE_BAD', 'its key did not make it over these bytes'],
  ['REVKEYSIG', 'KEY_REVOKED', 'its key has been revoked by its owner'],
  ['EXPKEYSIG', 'KEY_EXPIRED', 'its key has expired'],
  ['EXPSIG', 'SIGNATURE_EXPIRED', 'it has expired'],
];

const fingerprint = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;
const noPublicKey = '9';
const unsupportedAlgorithm = '4';

export function readGpgStatus(status: string, exitCode: number | null): GpgVerdict {
  const lines = status.split('\n').filter((line) => line !== '');
  if (!lines.every((line) => /^\[GNUPG:\] [A-Z_0-9]+(?: |$)/.test(line))) return unclear('gpg spoke in an unknown way');
  const said = lines.map((line) => line.slice('[GNUPG:] '.length).split(' '));
  const of = (word: string) => said.filter(([first]) => first === word);
  if (of('NEWSIG').length > 1)
    return { good: false, code: 'SIGNATURE_MALFORMED', because: 'there is more than one signature' };
  for (const [word, code, because] of refusals) if (of(word).length > 0) return { good: false, code, because };
  const [error] = of('ERRSIG');
  if (error !== undefined) return whyNotChecked(error);
  const strange = said.find(([word]) => !harmless.has(word ?? ''));
  if (strange !== undefined) return unclear(`gpg said ${strange[0]?.slice(0, 40)}`);
  const [good, valid] = [of('GOODSIG'), of('VALIDSIG')];
  if (of('NEWSIG').length !== 1 || good.length !== 1 || valid.length !== 1 || exitCode !== 0)
    return unclear('gpg did not say that exactly one signature is good');
  return readValid(valid[0] ?? []);
}

/** `VALIDSIG signer date timestamp expires version reserved algorithm hash class primary` */
function readValid([, signer = '', , , , version, , , , type, primary = signer]: readonly string[]): GpgVerdict {
  if (!fingerprint.test(signer) || !fingerprint.test(primary)) return unclear('gpg named no full fingerprint');
  if (version !== '4' || type !== '00') return unclear('gpg checked a signature of another kind');
  return { good: true, signer, primary };
}

/** `ERRSIG keyid algorithm hash class time reason [fingerprint]` */
function whyNotChecked(said: readonly string[]): GpgVerdict {
  const [, keyId = '', , , , , reason, named = '-'] = said;
  const key = fingerprint.test(named) ? { fingerprint: named } : {};
  if (reason === noPublicKey) {
    const shown = key.fingerprint ?? (/^[0-9A-F]{16}$/.test(keyId) ? keyId : 'unknown');
    return { good: false, code: 'SIGNER_UNKNOWN', because: `its key (${shown}) is not registered`, ...key };
  }
  if (reason === unsupportedAlgorithm)
    return { good: false, code: 'SIGNATURE_ALGORITHM_UNSUPPORTED', because: 'this gpg does not know its algorithm' };
  return unclear('gpg could not check it');
}

function unclear(because: string): GpgVerdict {
  return { good: false, code: 'OPENPGP_UNCLEAR', because };
}
