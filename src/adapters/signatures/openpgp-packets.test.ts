import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readListing } from './openpgp-keys.ts';
import { readPackets, requireOneSignature } from './openpgp-packets.ts';
import { Refused } from './refused.ts';
import { readSshPublicKeys } from './ssh-public-keys.ts';
import { Failure } from '../../domain/base/failure.ts';

function armor(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP SIGNATURE-----', '', ...lines, '-----END PGP SIGNATURE-----', ''].join('\n');
}

function accepts(text: string): boolean {
  try {
    requireOneSignature(text);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

const body = [4, 0, 22, 8, 0, 0, 0, 0, 1, 2];

test('one version 4 signature over bytes passes in each form of framing, and no other version, kind or algorithm', () => {
  const framed = [
    [0xc2, body.length, ...body],
    [0x88, body.length, ...body],
    [0x89, 0, body.length, ...body],
    [0xc2, 255, 0, 0, 0, body.length, ...body],
  ];
  for (const bytes of framed) assert.ok(accepts(armor(Uint8Array.from(bytes))));
  for (const [place, value] of [
    [0, 3],
    [0, 6],
    [1, 1],
    [1, 0x10],
    [2, 17],
    [2, 16],
    [3, 2],
    [3, 1],
  ] as const) {
    assert.ok(!accepts(armor(Uint8Array.from([0xc2, body.length, ...body.with(place, value)]))), `${place} ${value}`);
  }
  assert.ok(!accepts(armor(Uint8Array.from([0xc2, 224, ...body]))), 'a partial length');
  assert.ok(!accepts(armor(Uint8Array.from([0x8b, ...body]))), 'an indeterminate length');
});

test('arbitrary bytes are packets to the last byte, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        const total = readPackets(Buffer.from(bytes)).reduce((sum, packet) => sum + packet.body.length, 0);
        assert.ok(total <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof Refused, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('arbitrary armor, listings and key files never crash what reads them', () => {
  const parts = ['-----BEGIN PGP SIGNATURE-----', '-----END PGP SIGNATURE-----', '', 'iQ==', '=AAAA', 'Comment: x'];
  const lines = (words: readonly string[]) =>
    fc.array(fc.oneof(fc.string(), fc.constantFrom(...words)), { maxLength: 12 });
  fc.assert(fc.property(lines(parts), (text) => typeof accepts(text.join('\n')) === 'boolean'));
  const records = ['pub:u:255:22:X:1:::u:::scSC:', 'sub:u', 'fpr:::::::::AAAA:', 'uid:::::::::a\\x3ab:', 'fpr'];
  fc.assert(fc.property(lines(records), (text) => Array.isArray(readListing(text.join('\n')))));
  const words = ['ssh-ed25519', 'AAAA', '*', 'valid-after="1"', '"', 'cert-authority', '#', 'namespaces="git"', '\n'];
  fc.assert(
    fc.property(lines(words), (text) => {
      try {
        readSshPublicKeys(text.join(' '));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'input/invalid', String(error));
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a listing gives every key with its primary key and the first name', () => {
  const listing = [
    'tru::1:1:0:3:1:5',
    'pub:u:255:22:1111:1767225600:::u:::scSC:::::ed25519:::0:',
    `fpr:::::::::${'A'.repeat(40)}:`,
    'uid:u::::1::X::Ada \\x3a Example::::::::::0:',
    'uid:u::::1::X::Other::::::::::0:',
    'sub:e:1024:1:2222:1767225600::::::s::::::23:',
    `fpr:::::::::${'B'.repeat(40)}:`,
  ].join('\n');
  assert.deepEqual(
    readListing(listing).map((key) => [key.fingerprint[0], key.primary[0], key.algorithm, key.bits, key.userId]),
    [
      ['A', 'A', 22, 255, 'Ada : Example'],
      ['B', 'A', 1, 1024, ''],
    ],
  );
});
