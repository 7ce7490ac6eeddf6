/** SSH signatures: with ssh-keygen wherever it is right, and stricter where it is not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSignatures } from '../../../src/adapters/signatures/signatures.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { PublicKey, SignatureAnswer, SignatureRefusal } from '../../../src/domain/trigger/signature.ts';
import { cpuMs } from '../../world/busy-machine.ts';
import {
  armored,
  dearmored,
  hasSshKeygen,
  mpint,
  opensshSign,
  opensshSigner,
  opensshVerifies,
  ownEd25519,
  ownRsa,
  securityKey,
  type Signer,
  uint32,
  wire,
} from './ssh-keys.ts';

const signatures = createSignatures();
const at = instant(Date.UTC(2026, 0, 1));
const skip = hasSshKeygen ? false : 'ssh-keygen is not installed';
const payload = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\na change\n';
let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'liftlock-ssh-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

async function judge(signature: string, keys: readonly string[], bytes: string = payload): Promise<SignatureAnswer> {
  const registered = (await Promise.all(keys.map((key) => signatures.readPublicKeys(key)))).flat();
  return judgeWith(signature, registered, bytes);
}

async function judgeWith(
  signature: string | undefined,
  keys: readonly PublicKey[],
  bytes: string = payload,
): Promise<SignatureAnswer> {
  const signed = {
    payload: Buffer.from(bytes, 'latin1'),
    signature: signature === undefined ? undefined : Buffer.from(signature, 'latin1'),
  };
  const [answer] = await signatures.verify([signed], { keys, at });
  return answer!;
}

const codeOf = (answer: SignatureAnswer) => (answer.good ? 'good' : answer.code);

interface KeyType {
  readonly name: string;
  readonly algorithm: string;
  readonly make: (directory: string) => Signer;
}

const keyTypes: readonly KeyType[] = [
  { name: 'ed25519', algorithm: 'ed25519', options: ['-t', 'ed25519'] },
  { name: 'ecdsa256', algorithm: 'ecdsa-nistp256', options: ['-t', 'ecdsa', '-b', '256'] },
  { name: 'ecdsa384', algorithm: 'ecdsa-nistp384', options: ['-t', 'ecdsa', '-b', '384'] },
  { name: 'ecdsa521', algorithm: 'ecdsa-nistp521', options: ['-t', 'ecdsa', '-b', '521'] },
  { name: 'rsa2048', algorithm: 'rsa-2048', options: ['-t', 'rsa', '-b', '2048'] },
  { name: 'rsa3072', algorithm: 'rsa-3072', options: ['-t', 'rsa', '-b', '3072'] },
]
  .map(({ name, algorithm, options }): KeyType => ({
    name,
    algorithm,
    make: (where) => opensshSigner(where, name, options),
  }))
  .concat([
    { name: 'security key ed25519', algorithm: 'sk-ed25519', make: () => securityKey('ed25519') },
    { name: 'security key ecdsa', algorithm: 'sk-ecdsa-nistp256', make: () => securityKey('ecdsa') },
  ]);

/** One bit, one byte less, one more, and every length field in reach of chance. */
function mutated(signature: string, round: number): string {
  const blob = Buffer.from(dearmored(signature));
  const where = Math.floor((blob.length * (round % 7)) / 7) + (randomBytes(1)[0]! % 8);
  const place = Math.min(where, blob.length - 1);
  if (round % 10 === 8) return armored(blob.subarray(0, place));
  if (round % 10 === 9) return armored(Buffer.concat([blob, Buffer.alloc(1 + (place % 3))]));
  blob[place]! ^= 1 << (round % 8);
  return armored(blob);
}

describe('agreement with ssh-keygen', { skip }, () => {
  for (const { name, algorithm, make } of keyTypes) {
    test(`${name}: what it accepts is accepted, and nothing that it refuses`, async () => {
      const signer = make(directory);
      const [key] = await signatures.readPublicKeys(signer.publicKey);
      assert.equal(key?.algorithm, algorithm);
      for (const hash of ['sha256', 'sha512']) {
        const signature = signer.sign(payload, { hash });
        const openssh = opensshVerifies(directory, { publicKey: signer.publicKey, payload, signature });
        assert.ok(openssh, 'ssh-keygen refuses its own signature');
        assert.deepEqual(await judge(signature, [signer.publicKey]), {
          good: true,
          kind: 'ssh',
          fingerprint: key.fingerprint,
        });
        assert.equal(codeOf(await judge(signature, [signer.publicKey], `${payload} `)), 'SIGNATURE_BAD');
      }
      const signature = signer.sign(payload);
      for (let round = 0; round < 20; round++) {
        const wrong = mutated(signature, round);
        const ours = await judge(wrong, [signer.publicKey]);
        const openssh = opensshVerifies(directory, { publicKey: signer.publicKey, payload, signature: wrong });
        assert.ok(!(ours.good && !openssh), `accepted here and refused there: ${wrong}`);
        if (openssh && !ours.good) assert.equal(ours.code, 'SIGNATURE_MALFORMED', `only there accepted: ${wrong}`);
      }
    });
  }

  test('the fingerprint is the one that ssh-keygen shows', async () => {
    const signer = opensshSigner(directory, 'shown', ['-t', 'ed25519']);
    const shown = execFileSync('ssh-keygen', ['-l', '-f', join(directory, 'shown.pub')]).toString();
    const [key] = await signatures.readPublicKeys(signer.publicKey);
    assert.equal(key?.fingerprint, shown.split(' ')[1]);
  });

  test('a certificate is refused by name, as a key and in a signature', async () => {
    opensshSigner(directory, 'authority', ['-t', 'ed25519']);
    opensshSigner(directory, 'certified', ['-t', 'ed25519']);
    const [authority, certified] = [join(directory, 'authority'), join(directory, 'certified')];
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'ada', '-n', 'ada', `${certified}.pub`]);
    const signature = opensshSign(`${certified}-cert.pub`, payload);
    const keys = await signatures.readPublicKeys(readFileSync(`${certified}.pub`, 'utf8'));
    assert.equal(codeOf(await judgeWith(signature, keys)), 'SIGNATURE_CERTIFICATE');
    await assert.rejects(
      signatures.readPublicKeys(readFileSync(`${certified}-cert.pub`, 'utf8')),
      /line 1 .*certificate/,
    );
  });

  test('forgeries that ssh-keygen 9.2 lets through are refused here', async (context) => {
    const small = ownRsa(1024);
    const identity = Buffer.concat([wire('ssh-ed25519'), wire(Buffer.from(`01${'00'.repeat(31)}`, 'hex'))]);
    const anybody = ownEd25519().forge(payload, {
      key: identity,
      value: Buffer.from(`01${'00'.repeat(63)}`, 'hex'),
    });
    const untouched = securityKey('ed25519', 0);
    const cases: readonly [publicKey: string, signature: string, code: SignatureRefusal][] = [
      [small.publicKey, small.forge(payload), 'SIGNATURE_KEY_TOO_SMALL'],
      [`ssh-ed25519 ${identity.toString('base64')}`, anybody, 'SIGNATURE_ALGORITHM_WEAK'],
      [untouched.publicKey, untouched.sign(payload), 'SIGNATURE_NO_TOUCH'],
    ];
    for (const [publicKey, signature, code] of cases) {
      const there = opensshVerifies(directory, { publicKey, payload, signature });
      context.diagnostic(`${code}: ${there ? 'good' : 'bad'} for ssh-keygen`);
      assert.equal(codeOf(await judgeWith(signature, [])), code);
    }
  });
});

describe('what is refused, whatever made it', () => {
  const key = ownEd25519();
  const rsa = ownRsa(2048);
  const sound = key.forge(payload);
  const [begin, ...lines] = sound.trimEnd().split('\n');
  const inner = lines.slice(0, -1);
  const end = lines.at(-1);
  const joined = (...all: (string | undefined)[]) => `${all.join('\n')}\n`;

  const cases: readonly [name: string, signature: string | undefined, code: SignatureRefusal][] = [
    ['no signature', undefined, 'SIGNATURE_MISSING'],
    ['an empty signature', '', 'SIGNATURE_MISSING'],
    ['a key that is not registered', ownEd25519().forge(payload), 'SIGNER_UNKNOWN'],
    ['another payload', key.forge('tree 0\n\nanother\n'), 'SIGNATURE_BAD'],
    ['the key of another person', ownEd25519().forge(payload, { key: key.blob }), 'SIGNATURE_BAD'],
    ['made for files', key.forge(payload, { namespace: 'file' }), 'SIGNATURE_NAMESPACE'],
    ['made for a longer name', key.forge(payload, { namespace: 'git\0' }), 'SIGNATURE_NAMESPACE'],
    ['made for no purpose', key.forge(payload, { namespace: '' }), 'SIGNATURE_NAMESPACE'],
    ['something in the reserved field', key.forge(payload, { reserved: 'x' }), 'SIGNATURE_MALFORMED'],
    ['another version', key.forge(payload, { version: 2 }), 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['another magic', key.forge(payload, { magic: 'SSHSIH' }), 'SIGNATURE_MALFORMED'],
    ['hash sha1', key.forge(payload, { hash: 'sha1' }), 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['hash sha384', key.forge(payload, { hash: 'sha384' }), 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['hash none', key.forge(payload, { hash: 'none' }), 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['hash in capitals', key.forge(payload, { hash: 'SHA512' }), 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
    ['bytes after it', key.forge(payload, { after: Buffer.from('x') }), 'SIGNATURE_MALFORMED'],
    ['bytes after its value', key.forge(payload, { afterValue: uint32(0) }), 'SIGNATURE_MALFORMED'],
    ['a value that is too short', key.forge(payload, { value: Buffer.alloc(63) }), 'SIGNATURE_BAD'],
    ['a value that is too long', key.forge(payload, { value: Buffer.alloc(65) }), 'SIGNATURE_BAD'],
    ['a value of zeros', key.forge(payload, { value: Buffer.alloc(64) }), 'SIGNATURE_BAD'],
    [
      'an algorithm of another key',
      key.forge(payload, { algorithm: 'rsa-sha2-512' }),
      'SIGNATURE_ALGORITHM_UNSUPPORTED',
    ],
    ['RSA over SHA-1', ownRsa(2048, 'ssh-rsa').forge(payload), 'SIGNATURE_ALGORITHM_WEAK'],
    ['an RSA value without its first byte', rsa.forge(payload, { value: Buffer.alloc(255, 1) }), 'SIGNATURE_BAD'],
    ['an RSA key of 1024 bits', ownRsa(1024).forge(payload), 'SIGNATURE_KEY_TOO_SMALL'],
    [
      'an RSA key with an exponent of one',
      key.forge(payload, {
        key: Buffer.concat([wire('ssh-rsa'), mpint(Buffer.from([1])), mpint(Buffer.alloc(256, 0xff))]),
        algorithm: 'rsa-sha2-512',
      }),
      'SIGNATURE_MALFORMED',
    ],
    [
      'an RSA key with a number in a longer form',
      key.forge(payload, {
        key: Buffer.concat([wire('ssh-rsa'), wire(Buffer.from([0, 1, 0, 1])), mpint(Buffer.alloc(256, 0xff))]),
        algorithm: 'rsa-sha2-512',
      }),
      'SIGNATURE_MALFORMED',
    ],
    ['a DSA key', key.forge(payload, { key: Buffer.concat([wire('ssh-dss'), wire('x')]) }), 'SIGNATURE_ALGORITHM_WEAK'],
    [
      'an unknown key',
      key.forge(payload, { key: Buffer.concat([wire('ssh-new'), wire('x')]) }),
      'SIGNATURE_ALGORITHM_UNSUPPORTED',
    ],
    [
      'a certificate',
      key.forge(payload, { key: Buffer.concat([wire('ssh-ed25519-cert-v01@openssh.com'), wire('x')]) }),
      'SIGNATURE_CERTIFICATE',
    ],
    [
      'a key with bytes after it',
      key.forge(payload, { key: Buffer.concat([key.blob, Buffer.from('x')]) }),
      'SIGNATURE_MALFORMED',
    ],
    [
      'an ECDSA key that is no point of the curve',
      key.forge(payload, {
        key: Buffer.concat([wire('ecdsa-sha2-nistp256'), wire('nistp256'), wire(Buffer.alloc(65, 4))]),
        algorithm: 'ecdsa-sha2-nistp256',
      }),
      'SIGNATURE_MALFORMED',
    ],
    [
      'an ECDSA key of two curves',
      key.forge(payload, {
        key: Buffer.concat([wire('ecdsa-sha2-nistp256'), wire('nistp384'), wire(Buffer.alloc(97, 4))]),
      }),
      'SIGNATURE_MALFORMED',
    ],
    ['text before the armor', `Look:\n${sound}`, 'SIGNATURE_FORMAT_UNKNOWN'],
    ['text after the armor', `${sound}more\n`, 'SIGNATURE_MALFORMED'],
    ['an empty line after the armor', `${sound}\n`, 'SIGNATURE_MALFORMED'],
    ['two armors', `${sound}${sound}`, 'SIGNATURE_MALFORMED'],
    ['no end', joined(begin, ...inner), 'SIGNATURE_MALFORMED'],
    ['an empty line in the armor', joined(begin, '', ...inner, end), 'SIGNATURE_MALFORMED'],
    ['a space in the armor', sound.replace('\n', '\n '), 'SIGNATURE_MALFORMED'],
    ['armor in one line', joined(begin, inner.join(''), end), 'SIGNATURE_MALFORMED'],
    ['the line ends of Windows', sound.replaceAll('\n', '\r\n'), 'SIGNATURE_MALFORMED'],
    ['a header in the armor', joined(begin, 'Comment: hi', '', ...inner, end), 'SIGNATURE_MALFORMED'],
    ['base64 for addresses', sound.replace(/\n.{70}/, '\n_-'.padEnd(72, 'A')), 'SIGNATURE_MALFORMED'],
    ['bits left over in the base64', joined(begin, 'U1NIU0lH', 'AB==', end), 'SIGNATURE_MALFORMED'],
    ['nothing in the armor', joined(begin, end), 'SIGNATURE_MALFORMED'],
    [
      'an endless armor',
      joined(begin, ...Array.from({ length: 1_000 }, () => 'A'.repeat(76)), end),
      'SIGNATURE_MALFORMED',
    ],
    ['S/MIME', '-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n', 'SIGNATURE_X509'],
    ['another armor', '-----BEGIN MINISIGN-----\nRW==\n-----END MINISIGN-----\n', 'SIGNATURE_FORMAT_UNKNOWN'],
    ['no armor', 'untrusted comment: signature\nRW==\n', 'SIGNATURE_FORMAT_UNKNOWN'],
    [
      'a whole OpenPGP message',
      '-----BEGIN PGP MESSAGE-----\n\nowE=\n-----END PGP MESSAGE-----\n',
      'SIGNATURE_FORMAT_UNKNOWN',
    ],
    ['letters of another alphabet', '-----BEGIN SSH SIGNATURE-----\n\u00e4\n', 'SIGNATURE_MALFORMED'],
  ];
  for (const [name, signature, code] of cases) {
    test(`${name}: ${code}`, async () => {
      const keys = (await Promise.all([key, rsa].map((own) => signatures.readPublicKeys(own.publicKey)))).flat();
      assert.ok((await judgeWith(sound, keys)).good, 'the sound signature is refused');
      const answer = await judgeWith(signature, keys);
      assert.ok(!answer.good, 'it was accepted');
      assert.equal(answer.code, code, answer.because);
      assert.match(answer.because, /^[ -~]{5,250}$/);
    });
  }

  test('an unknown signer is named by the fingerprint of the key that really signed', async () => {
    const stranger = ownEd25519();
    const [known] = await signatures.readPublicKeys(stranger.publicKey);
    const answer = await judgeWith(stranger.forge(payload), await signatures.readPublicKeys(key.publicKey));
    assert.ok(!answer.good);
    assert.equal(answer.fingerprint, known?.fingerprint);
  });

  test('plain bytes are verified under the namespace that the caller names, and under no other', async () => {
    const keys = await signatures.readPublicKeys(key.publicKey);
    const one = (namespace: string, asked?: string) => ({
      payload: Buffer.from(payload),
      signature: Buffer.from(key.forge(payload, { namespace })),
      ...(asked === undefined ? {} : { namespace: asked }),
    });
    const answers = await signatures.verify(
      [one('evidence', 'evidence'), one('git', 'evidence'), one('evidence'), one('git')],
      { keys, at },
    );
    assert.deepEqual(answers.map(codeOf), ['good', 'SIGNATURE_NAMESPACE', 'SIGNATURE_NAMESPACE', 'good']);
  });
});

describe('reading public keys', () => {
  const [ada, eve] = [ownEd25519(), ownRsa(2048)];
  const refusedWith = (pattern: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Failure && error.code === 'input/invalid', String(error));
    assert.match(error.message, pattern);
    return true;
  };

  test('a public key file with comments and several keys', async () => {
    const keys = await signatures.readPublicKeys(`# team\n\n${ada.publicKey} Ada \u202e Example\r\n${eve.publicKey}\n`);
    assert.deepEqual(
      keys.map(({ algorithm, comment, material }) => [algorithm, comment, material]),
      [
        ['ed25519', 'Ada   Example', ada.publicKey],
        ['rsa-2048', '', eve.publicKey],
      ],
    );
  });

  test('an allowed_signers file gives principals and validity', async () => {
    const [plain, limited] = await signatures.readPublicKeys(
      `ada@example.org,*@example.com ${ada.publicKey} laptop\n` +
        `"eve@example.org" namespaces="file,git",valid-after="20260101Z",valid-before="202602030405Z" ${eve.publicKey}\n`,
    );
    assert.deepEqual(plain?.principals, ['ada@example.org', '*@example.com']);
    assert.equal(plain.comment, 'laptop');
    assert.deepEqual([plain.validAfter, plain.validBefore], [undefined, undefined]);
    assert.deepEqual(limited?.principals, ['eve@example.org']);
    assert.equal(limited.validAfter, Date.UTC(2026, 0, 1));
    assert.equal(limited.validBefore, Date.UTC(2026, 1, 3, 4, 5));
  });

  const wrong: readonly [name: string, text: () => string, pattern: RegExp][] = [
    ['nothing', () => '\n# only a comment\n', /no key/],
    ['no key', () => 'hello\n', /line 1 holds no SSH public key/],
    ['a broken second line', () => `${ada.publicKey}\nssh-ed25519 AAAA\n`, /line 2/],
    ['another type than said', () => ada.publicKey.replace('ssh-ed25519', 'ssh-rsa'), /another type/],
    [
      'bytes after the key',
      () => `ssh-ed25519 ${Buffer.concat([ada.blob, Buffer.alloc(2)]).toString('base64')}`,
      /2 bytes/,
    ],
    ['a small RSA key', () => ownRsa(1024).publicKey, /1024 bits/],
    ['an authority', () => `* cert-authority ${ada.publicKey}`, /certificates are not accepted/],
    ['a key for files only', () => `ada namespaces="file" ${ada.publicKey}`, /not for signatures of Git/],
    ['a time without a zone', () => `ada valid-before="20260101" ${ada.publicKey}`, /YYYYMMDDHHMMSSZ/],
    ['a time that never is', () => `ada valid-before="20261301Z" ${ada.publicKey}`, /calendar/],
    ['an unknown option', () => `ada trust-me ${ada.publicKey}`, /option/],
    ['an open quotation mark', () => `"ada ${ada.publicKey}`, /quotation mark/],
    ['too much', () => `${ada.publicKey}\n`.repeat(20_000), /longer|keys/],
  ];
  for (const [name, text, pattern] of wrong) {
    test(`${name} is refused with the line it stands in`, async () => {
      await assert.rejects(signatures.readPublicKeys(text()), refusedWith(pattern));
    });
  }

  test('texts that are made to be slow are refused within two seconds', async () => {
    const half = 500_000;
    const pgp = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n';
    const slow = [
      'BEGIN '.repeat(half / 3),
      `${pgp}${'\n'.repeat(half)}x`,
      `${pgp}${'Comment: x\n'.repeat(half / 11)}`,
      `${pgp}\n${`${'A'.repeat(76)}\n`.repeat(half / 77)}-----END PGP PUBLIC KEY BLOCK-----`,
      `${'"'.repeat(half)} ${ada.publicKey}`,
      `${'a,'.repeat(half / 2)} ${'"x",'.repeat(half / 4)} ${ada.publicKey}`,
      `${' '.repeat(half)}x${'\r'.repeat(half)}`,
      'ssh-ed25519 '.repeat(half / 12),
      `ssh-ed25519 ${'A'.repeat(half)}`,
      `a valid-before="${'1'.repeat(half)}" ${ada.publicKey}`,
    ];
    for (const [index, text] of slow.entries()) {
      const begin = cpuMs();
      await assert.rejects(signatures.readPublicKeys(text), Failure, `text ${index}`);
      assert.ok(cpuMs() - begin < 2_000, `text ${index} took ${cpuMs() - begin} ms`);
    }
  });

  test('a private key is refused and not repeated', async () => {
    const pem = ada.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await assert.rejects(signatures.readPublicKeys(pem), (error: Failure) => {
      assert.match(error.message, /private key/);
      assert.ok(!error.message.includes(pem.split('\n')[1]!));
      return true;
    });
  });
});
