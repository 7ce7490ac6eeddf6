/** OpenPGP signatures, made by GnuPG and judged at our time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSignatures } from '../../../src/adapters/signatures/signatures.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { instant, type Instant } from '../../../src/domain/base/time.ts';
import type { RegisteredKey, SignatureAnswer } from '../../../src/domain/trigger/signature.ts';
import { type GpgWorld, gpgWorld, hasGpg, pgpArmored, pgpDearmored } from './openpgp-keys.ts';

const skip = hasGpg ? false : 'gpg is not installed';
const signatures = createSignatures();
const payload = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\na change\n';
const day = 86_400;
const seconds = (text: string) => Date.parse(text) / 1000;
const made = seconds('2026-01-01T00:00Z');
const now = instant(Date.UTC(2026, 0, 10));

const codeOf = (answer: SignatureAnswer) => (answer.good ? 'good' : answer.code);

async function judge(
  signature: string,
  keys: readonly RegisteredKey[],
  { at = now, bytes = payload }: { at?: Instant; bytes?: string } = {},
): Promise<SignatureAnswer> {
  const signed = { payload: Buffer.from(bytes), signature: Buffer.from(signature) };
  const [answer] = await signatures.verify([signed], { keys, at });
  return answer!;
}

describe('OpenPGP signatures', { skip }, () => {
  let gpg: GpgWorld;
  let ada: string;
  let adaKeys: readonly RegisteredKey[];
  const atMade = [`--faked-system-time=${made + day}`];
  const sign = (name: string, options: readonly string[] = []) => gpg.sign(name, payload, [...atMade, ...options]);

  before(async () => {
    gpg = gpgWorld();
    ada = gpg.makeKey('ada', 'ed25519', { created: made });
    adaKeys = await signatures.readPublicKeys(gpg.exportKey('ada'));
  });
  after(() => gpg.remove());

  for (const algorithm of ['ed25519', 'rsa2048', 'nistp256', 'rsa3072']) {
    test(`${algorithm}: a good signature names the primary key`, async () => {
      const name = `good-${algorithm}`;
      const fingerprint = gpg.makeKey(name, algorithm, { created: made });
      const keys = await signatures.readPublicKeys(gpg.exportKey(name));
      assert.deepEqual(
        keys.map((key) => [key.kind, key.fingerprint, key.comment]),
        [['openpgp', fingerprint, `${name} <${name}@example.org>`]],
      );
      const signature = sign(name);
      assert.deepEqual(await judge(signature, keys), { good: true, kind: 'openpgp', fingerprint });
      assert.equal(codeOf(await judge(signature, keys, { bytes: `${payload} ` })), 'SIGNATURE_BAD');
      assert.equal(codeOf(await judge(signature, adaKeys)), 'SIGNER_UNKNOWN');
      assert.equal(codeOf(await judge(signature, [])), 'SIGNER_UNKNOWN');
    });
  }

  test('a signature of a subkey is one of its primary key', async () => {
    const fingerprint = gpg.makeKey('sub', 'ed25519', { created: made });
    gpg.run([`--faked-system-time=${made}`, '--quick-add-key', fingerprint, 'ed25519', 'sign', 'never']);
    const listed = gpg.run(['--with-colons', '--list-keys', fingerprint]).toString();
    const subkey = [...listed.matchAll(/^fpr:+([0-9A-F]+):/gm)][1]![1]!;
    const keys = await signatures.readPublicKeys(gpg.exportKey('sub'));
    const signature = gpg.sign(`${subkey}!`, payload, atMade);
    assert.deepEqual(await judge(signature, keys), { good: true, kind: 'openpgp', fingerprint });
  });

  test('several signatures are answered in order, of several keys and kinds', async () => {
    gpg.makeKey('eve', 'ed25519', { created: made });
    const both = [...adaKeys, ...(await signatures.readPublicKeys(gpg.exportKey('eve')))];
    const signed = [sign('eve'), undefined, sign('ada'), sign('eve')].map((signature) => ({
      payload: Buffer.from(payload),
      signature: signature === undefined ? undefined : Buffer.from(signature),
    }));
    const answers = await signatures.verify(signed, { keys: both, at: now });
    assert.deepEqual(
      answers.map((answer) => (answer.good ? answer.fingerprint : answer.code)),
      [both[1]!.fingerprint, 'SIGNATURE_MISSING', ada, both[1]!.fingerprint],
    );
  });

  test('an expired key is judged at our time, not at the one in the signature', async () => {
    gpg.makeKey('short', 'ed25519', { created: made, expire: '2026-01-05' });
    const material = gpg.exportKey('short');
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg.run(['--with-colons', '--list-keys', 'short@']).toString())![1]!;
    const keys = [{ kind: 'openpgp' as const, fingerprint, material }];
    const signature = sign('short');
    assert.equal(codeOf(await judge(signature, keys, { at: instant((made + 2 * day) * 1000) })), 'good');
    assert.equal(codeOf(await judge(signature, keys)), 'KEY_EXPIRED');
    await assert.rejects(signatures.readPublicKeys(material), /has expired/);
  });

  test('a signature that has expired is refused', async () => {
    assert.equal(codeOf(await judge(sign('ada', ['--default-sig-expire=1d']), adaKeys)), 'SIGNATURE_EXPIRED');
  });

  test('a key that its owner revoked is refused, and is not registered', async () => {
    const fingerprint = gpg.makeKey('gone', 'ed25519', { created: made });
    const earlier = await signatures.readPublicKeys(gpg.exportKey('gone'));
    const signature = sign('gone');
    assert.equal(codeOf(await judge(signature, earlier)), 'good');
    gpg.revoke(fingerprint);
    const material = gpg.exportKey('gone');
    const keys = [{ kind: 'openpgp' as const, fingerprint, material }];
    assert.equal(codeOf(await judge(signature, keys)), 'KEY_REVOKED');
    await assert.rejects(signatures.readPublicKeys(material), /revoked by its owner/);
  });

  test('a subkey that has expired is refused too', async () => {
    const fingerprint = gpg.makeKey('subgone', 'ed25519', { created: made });
    gpg.run([`--faked-system-time=${made}`, '--quick-add-key', fingerprint, 'ed25519', 'sign', '2026-01-04']);
    const [, subkey] = [
      ...gpg
        .run(['--with-colons', '--list-keys', fingerprint])
        .toString()
        .matchAll(/^fpr:+(\w+):/gm),
    ];
    const keys = await signatures.readPublicKeys(gpg.exportKey('subgone'));
    const signature = gpg.sign(`${subkey![1]}!`, payload, atMade);
    assert.equal(codeOf(await judge(signature, keys)), 'KEY_EXPIRED');
    assert.equal(codeOf(await judge(signature, keys, { at: instant((made + 2 * day) * 1000) })), 'good');
  });

  test('what GnuPG would take, or take for something else, is refused by name', async () => {
    gpg.makeKey('dsa', 'dsa2048', { created: made });
    gpg.makeKey('small', 'rsa1024', { created: made });
    const fingerprintOf = (name: string) =>
      /^fpr:+([0-9A-F]+):/m.exec(gpg.run(['--with-colons', '--list-keys', `${name}@`]).toString())![1]!;
    const raw = (name: string): RegisteredKey => ({
      kind: 'openpgp',
      fingerprint: fingerprintOf(name),
      material: gpg.exportKey(name),
    });
    const sound = pgpDearmored(sign('ada'));
    const inline = pgpDearmored(gpg.run(['--armor', ...atMade, '-u', 'ada@', '--sign'], payload).toString());
    const cases: readonly [name: string, signature: string, keys: readonly RegisteredKey[], code: string][] = [
      ['text mode', sign('ada', ['--textmode']), adaKeys, 'SIGNATURE_TEXT_MODE'],
      ['SHA-1', sign('ada', ['--digest-algo=SHA1']), adaKeys, 'SIGNATURE_ALGORITHM_WEAK'],
      ['SHA-224', sign('ada', ['--digest-algo=SHA224']), adaKeys, 'SIGNATURE_ALGORITHM_UNSUPPORTED'],
      ['DSA', sign('dsa'), [raw('dsa')], 'SIGNATURE_ALGORITHM_WEAK'],
      ['RSA of 1024 bits', sign('small'), [raw('small')], 'SIGNATURE_KEY_TOO_SMALL'],
      ['two signatures', pgpArmored(Buffer.concat([sound, sound])), adaKeys, 'SIGNATURE_MALFORMED'],
      ['an inline message', pgpArmored(inline), adaKeys, 'SIGNATURE_MALFORMED'],
      ['a key', pgpArmored(pgpDearmored(gpg.exportKey('ada'))), adaKeys, 'SIGNATURE_MALFORMED'],
      ['a packet that is cut off', pgpArmored(sound.subarray(0, -4)), adaKeys, 'SIGNATURE_MALFORMED'],
      ['two armors', sign('ada').repeat(2), adaKeys, 'SIGNATURE_MALFORMED'],
      ['text after the armor', `${sign('ada')}more\n`, adaKeys, 'SIGNATURE_MALFORMED'],
      ['a foreign armor header', sign('ada').replace('\n\n', '\nFrom: ada\n\n'), adaKeys, 'SIGNATURE_MALFORMED'],
      [
        'a row that holds the key of somebody else',
        sign('ada'),
        [{ ...raw('small'), material: gpg.exportKey('ada') }],
        'SIGNER_UNKNOWN',
      ],
      ['a row that holds no key', sign('ada'), [{ ...raw('small'), material: 'nothing' }], 'SIGNER_UNKNOWN'],
    ];
    for (const [name, signature, keys, code] of cases) {
      const answer = await judge(signature, keys);
      assert.equal(codeOf(answer), code, name);
    }
    await assert.rejects(signatures.readPublicKeys(gpg.exportKey('small')), /1024 bits/);
    assert.equal(
      codeOf(await judge(`${sign('ada')}\n`, adaKeys)),
      'good',
      'an empty line at the end, as GitHub adds it',
    );
  });

  test('several keys in one block are several keys, and secret ones are refused', async () => {
    const both = gpg.run(['--armor', '--export', 'ada@', 'sub@']).toString();
    assert.equal((await signatures.readPublicKeys(both)).length, 2);
    const secret = gpg.run(['--armor', '--export-secret-keys', 'ada@']).toString();
    const disguised = secret.replaceAll('PRIVATE KEY', 'PUBLIC KEY');
    for (const text of [secret, disguised])
      await assert.rejects(signatures.readPublicKeys(text), (error: Failure) => /private key/.test(error.message));
    await assert.rejects(signatures.readPublicKeys(both.slice(0, 300)), /broken/);
    const compressed = pgpArmored(Buffer.concat([Buffer.from([0xc8, 3, 1]), Buffer.from('xx')]));
    await assert.rejects(
      signatures.readPublicKeys(compressed.replaceAll('SIGNATURE', 'PUBLIC KEY BLOCK')),
      /something else than an OpenPGP key/,
    );
  });
});

describe('gpg itself', () => {
  const signature = pgpArmored(Buffer.concat([Buffer.from([0x88, 10, 4, 0, 22, 8, 0, 0, 0, 0, 0, 0])]));
  const keys: readonly RegisteredKey[] = [
    { kind: 'openpgp', fingerprint: 'A'.repeat(40), material: pgpArmored(Buffer.from('x')) },
  ];
  const verify = async (settings: { gpgPath: string; timeoutMs?: number }) =>
    createSignatures(settings).verify([{ payload: Buffer.from(payload), signature: Buffer.from(signature) }], {
      keys,
      at: now,
    });

  test('without gpg OpenPGP is refused by name, with what to do about it', async () => {
    const [answer] = await verify({ gpgPath: '/nonexistent/gpg' });
    assert.ok(answer?.good === false && answer.code === 'OPENPGP_UNAVAILABLE');
    assert.match(answer.hint ?? '', /Install GnuPG/);
    const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
    await assert.rejects(createSignatures({ gpgPath: '/nonexistent/gpg' }).readPublicKeys(key), Failure);
  });

  test('a gpg that hangs or talks without end is ended, and nothing is left behind', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'liftlock-gpg-'));
    const earlier = homes();
    for (const [name, script] of [
      ['hangs', 'exec sleep 600'],
      ['talks', 'exec yes'],
    ] as const) {
      const gpgPath = join(directory, name);
      writeFileSync(gpgPath, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
      const [answer] = await verify({ gpgPath, timeoutMs: 500 });
      assert.equal(codeOf(answer!), 'OPENPGP_UNAVAILABLE');
    }
    assert.deepEqual(
      homes().filter((name) => !earlier.includes(name)),
      [],
    );
    rmSync(directory, { recursive: true });
  });
});

function homes(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('ll-gpg-'));
}
