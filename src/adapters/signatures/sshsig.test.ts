import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refused } from './refused.ts';
import { readSshSignature, verifySshSignature } from './sshsig.ts';
import { wireString } from './ssh-wire.ts';

const payload = Buffer.from('a change\n');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = Buffer.concat([
  wireString('ssh-ed25519'),
  wireString(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
]);

function armor(blob: Uint8Array): string {
  const lines =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

function soundBlob(): Buffer {
  const head = [Buffer.from('SSHSIG'), wireString('git'), wireString(''), wireString('sha512')];
  const signed = Buffer.concat([...head, wireString(createHash('sha512').update(payload).digest())]);
  const value = Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, signed, privateKey))]);
  const version = Buffer.from([0, 0, 0, 1]);
  const fields = [wireString(key), wireString('git'), wireString(''), wireString('sha512'), wireString(value)];
  return Buffer.concat([Buffer.from('SSHSIG'), version, ...fields]);
}

const sound = soundBlob();

/** True when it is accepted; anything thrown but a refusal fails the test. */
function accepts(text: string): boolean {
  try {
    verifySshSignature(readSshSignature(text), payload, 'git');
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

test('the sound signature is accepted, or the rest would prove nothing', () => {
  assert.ok(accepts(armor(sound)));
});

test('no change of the blob is accepted: every byte of it is held by something', () => {
  const changes = fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 4 }), (edits) => {
      const blob = Buffer.from(sound);
      for (const [place, bits] of edits) blob[place]! ^= bits;
      assert.equal(accepts(armor(blob)), blob.equals(sound));
    }),
    { numRuns: 1_000 },
  );
});

test('no part of the blob is accepted, and nothing with bytes put in, left out or added', () => {
  const places = fc.nat(sound.length);
  fc.assert(
    fc.property(places, places, fc.uint8Array({ maxLength: 8 }), (from, to, put) => {
      const blob = Buffer.concat([sound.subarray(0, from), put, sound.subarray(to)]);
      assert.equal(accepts(armor(blob)), blob.equals(sound));
    }),
    { numRuns: 1_000 },
  );
});

test('arbitrary blobs and arbitrary text are refused, never a crash', () => {
  const prefixed = fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.concat([sound.subarray(0, 10), rest]));
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), prefixed), (blob) => !accepts(armor(blob))));
  const lines = fc.array(
    fc.oneof(fc.string(), fc.constantFrom('-----BEGIN SSH SIGNATURE-----', '-----END SSH SIGNATURE-----', 'U1NI', '')),
  );
  fc.assert(
    fc.property(lines, (text) => !accepts(text.join('\n'))),
    { numRuns: 1_000 },
  );
});

test('the armor has one form: no other way to break or pad its lines', () => {
  const text = armor(sound);
  fc.assert(
    fc.property(fc.nat(text.length), fc.constantFrom(' ', '\n', '\r', '\t', '=', '-', 'A', '\0'), (place, put) => {
      const changed = text.slice(0, place) + put + text.slice(place);
      // A line may be broken elsewhere, which changes no byte of the signature.
      const isInside = place > text.indexOf('\n') && place < text.indexOf('\n-----END');
      const isOtherBreak = put === '\n' && isInside && !changed.includes('\n\n');
      if (!isOtherBreak) assert.equal(accepts(changed), false, JSON.stringify(changed));
    }),
    { numRuns: 1_000 },
  );
});
