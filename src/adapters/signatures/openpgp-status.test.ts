import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readGpgStatus } from './openpgp-status.ts';

const primary = 'E01E009005AEF0C56B688F6A3222062694487859';
const subkey = 'A'.repeat(40);
const valid = `VALIDSIG ${subkey} 2026-01-01 1767225600 0 4 0 22 8 00 ${primary}`;
const sound = ['NEWSIG', `KEY_CONSIDERED ${primary} 0`, 'SIG_ID x 2026-01-01 1', 'GOODSIG 3222062694487859 Ada', valid];
const status = (lines: readonly string[]) => lines.map((line) => `[GNUPG:] ${line}\n`).join('');
const codeOf = (lines: readonly string[], exitCode: number | null = 0) => {
  const verdict = readGpgStatus(status(lines), exitCode);
  return verdict.good ? 'good' : verdict.code;
};

test('one good and valid signature is a yes, named by the primary key', () => {
  assert.deepEqual(readGpgStatus(status(sound), 0), { good: true, signer: subkey, primary });
  assert.equal(codeOf([...sound, 'TRUST_ULTIMATE 0 pgp', 'NOTATION_NAME a@b', 'NOTATION_DATA x']), 'good');
});

test('a bad word outweighs any number of good ones', () => {
  const cases = [
    ['BADSIG 3222062694487859 Ada', 'SIGNATURE_BAD'],
    ['EXPSIG 3222062694487859 Ada', 'SIGNATURE_EXPIRED'],
    ['EXPKEYSIG 3222062694487859 Ada', 'KEY_EXPIRED'],
    ['REVKEYSIG 3222062694487859 Ada', 'KEY_REVOKED'],
    [`ERRSIG 3222062694487859 22 8 00 1767225600 9 ${primary}`, 'SIGNER_UNKNOWN'],
    ['ERRSIG 3222062694487859 99 8 00 1767225600 4 -', 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['ERRSIG 3222062694487859 22 8 00 1767225600 1 -', 'OPENPGP_UNCLEAR'],
    ['NEWSIG', 'SIGNATURE_MALFORMED'],
    ['GOODSIG 3222062694487859 Eve', 'OPENPGP_UNCLEAR'],
    [valid, 'OPENPGP_UNCLEAR'],
    ['FAILURE gpg-exit 33554433', 'OPENPGP_UNCLEAR'],
    ['PLAINTEXT 62 0', 'OPENPGP_UNCLEAR'],
    ['SOMETHING_NEW', 'OPENPGP_UNCLEAR'],
  ] as const;
  for (const [line, code] of cases) {
    for (let place = 0; place <= sound.length; place++) {
      assert.equal(codeOf(sound.toSpliced(place, 0, line)), code, `${line} at ${place}`);
    }
  }
});

test('a good signature of another kind, without a full fingerprint or with another exit status is no yes', () => {
  const changed = (from: string | RegExp, to: string) => codeOf(sound.map((line) => line.replace(from, to)));
  assert.equal(changed(' 00 ', ' 01 '), 'OPENPGP_UNCLEAR');
  assert.equal(changed(' 0 4 0 ', ' 0 3 0 '), 'OPENPGP_UNCLEAR');
  assert.equal(changed(primary, primary.slice(8)), 'OPENPGP_UNCLEAR');
  assert.equal(changed(subkey, subkey.toLowerCase()), 'OPENPGP_UNCLEAR');
  for (const exitCode of [1, 2, null]) assert.equal(codeOf(sound, exitCode), 'OPENPGP_UNCLEAR');
  for (const line of [0, 3, 4]) assert.equal(codeOf(sound.toSpliced(line, 1)), 'OPENPGP_UNCLEAR');
});

test('a line that gpg did not mark as status makes everything unclear', () => {
  for (const line of ['gpg: Good signature', ' [GNUPG:] GOODSIG', '[GNUPG:]GOODSIG', '[GNUPG:] goodsig']) {
    const verdict = readGpgStatus(`${status(sound)}${line}\n`, 0);
    assert.ok(!verdict.good && verdict.code === 'OPENPGP_UNCLEAR');
  }
});

test('lines in any number and order never crash it, and are good only with exactly one of each good line', () => {
  const words = ['BADSIG x', 'ERRSIG', 'ERRSIG a b c d e 9', 'EXPSIG', 'NO_PUBKEY x', 'TRUST_FULLY', 'VALIDSIG', ''];
  const lines = fc.array(fc.oneof(fc.constantFrom(...sound, ...words), fc.string()), { maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(lines, fc.shuffledSubarray([...sound, ...words])), (said) => {
      const count = (word: string) => said.filter((line) => line.split(' ')[0] === word).length;
      if (codeOf(said) !== 'good') return;
      for (const word of ['NEWSIG', 'GOODSIG', 'VALIDSIG']) assert.equal(count(word), 1);
      for (const word of ['BADSIG', 'ERRSIG', 'EXPSIG', 'NO_PUBKEY']) assert.equal(count(word), 0);
    }),
    { numRuns: 2_000 },
  );
});
