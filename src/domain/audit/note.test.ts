import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../base/failure.ts';
import { instant } from '../base/time.ts';
import { fromBase64, toBase64, toHex } from './bytes.ts';
import { formatCheckpoint, markOf, parseCheckpoint } from './checkpoint.ts';
import { formatKey, noteKey, parseKey, parseNote, signNote, signerOf, type NoteSigner } from './note.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const pkcs8 = (seed: Uint8Array) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });

function signer(name: string, seed: number): NoteSigner {
  const key = pkcs8(Buffer.alloc(32, seed));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    key: noteKey(hash, name, new Uint8Array(spki.subarray(-32))),
    sign: (message) => sign(null, message, key),
  };
}

const verifies = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  verify(
    null,
    message,
    createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]),
      format: 'der',
      type: 'spki',
    }),
    signature,
  );

const ours = signer('liftlock/log', 1);
const text = 'liftlock/log\n2\nAAAA\n';

test('base64 is read back exactly, and nothing but what it writes is read', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
    }),
  );
  for (const other of ['AB==', 'A', 'AA', 'AAA', 'AA=A', '====', 'AA-_', 'AAAA\n'])
    assert.equal(fromBase64(other), undefined);
});

test('a key of another implementation of the format is read, and a note that it signed is checked', () => {
  // From the documentation of golang.org/x/mod/sumdb/note.
  const key = parseKey(hash, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  const note = parseNote(
    'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n" +
      '\n' +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
  );
  assert.equal(signerOf(note, [key], verifies), key);
});

test('a note is signed, read and checked; a key is published on one line', () => {
  const note = parseNote(signNote(text, ours));
  assert.equal(note.text, text);
  assert.equal(signerOf(note, [parseKey(hash, formatKey(ours.key))], verifies)?.id, ours.key.id);
});

test('a note is by nobody known when its text, its signature or its key is another', () => {
  const note = parseNote(signNote(text, ours));
  assert.equal(signerOf({ ...note, text: 'liftlock/log\n3\nAAAA\n' }, [ours.key], verifies), undefined);
  assert.equal(signerOf(note, [signer('liftlock/log', 2).key], verifies), undefined);
  assert.equal(signerOf(note, [signer('other/log', 1).key], verifies), undefined);
  assert.equal(signerOf({ ...note, signatures: [] }, [ours.key], verifies), undefined);
});

test('one wrong signature by a known key spoils the note, one by a stranger does not', () => {
  const note = parseNote(signNote(text, ours));
  const stranger = parseNote(signNote(text, signer('stranger', 3))).signatures;
  const wrong = note.signatures.map((one) => ({ ...one, signature: one.signature.toReversed() }));
  assert.equal(signerOf({ text, signatures: [...stranger, ...note.signatures] }, [ours.key], verifies), ours.key);
  assert.equal(signerOf({ text, signatures: [...note.signatures, ...wrong] }, [ours.key], verifies), undefined);
});

test('text that would hide something is neither signed nor read', () => {
  for (const bad of ['no end', 'bell\u0007\n', 'half \ud800\n', 'return\r\n']) {
    assert.throws(() => signNote(bad, ours), RangeError);
    assert.throws(() => parseNote(`${bad}\n— a AAAAAAAA\n`), { code: 'audit/unreadable' });
  }
});

test('a key whose id is another, or that is no key, is refused', () => {
  const line = formatKey(ours.key);
  for (const bad of [
    '',
    line.replace(ours.key.id, '00000000'),
    `${line}A`,
    line.replace(/\+A[Q-Za-f]/, '+Ag'),
    'a b+00000000+AAAA',
  ])
    assert.throws(() => parseKey(hash, bad), { code: 'audit/unreadable' }, bad);
});

test('a checkpoint is read back as written', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(20), fc.nat(), (size, count, at) => {
      const marks = Array.from({ length: Math.min(size, count) }, (_, place) => markOf(hash(Uint8Array.of(place))));
      const checkpoint = {
        origin: 'liftlock/log',
        size,
        root: hash(Uint8Array.of(1)),
        at: instant(at),
        marks: { from: size - marks.length, marks },
      };
      assert.deepEqual(
        JSON.stringify(parseCheckpoint(formatCheckpoint(checkpoint))),
        JSON.stringify({
          ...checkpoint,
          root: new Uint8Array(checkpoint.root),
          marks: { ...checkpoint.marks, marks: marks.map((mark) => new Uint8Array(mark)) },
        }),
      );
    }),
  );
  const foreign = `example.com/log\n7\n${toBase64(hash(Uint8Array.of(1)))}\nsomething of theirs\n`;
  assert.deepEqual(
    { ...parseCheckpoint(foreign), root: '' },
    { origin: 'example.com/log', size: 7, root: '', at: undefined, marks: undefined },
  );
});

test('whatever is read as key, note or checkpoint is understood or refused with a sentence', () => {
  const real = signNote(
    formatCheckpoint({ origin: 'o', size: 1, root: hash(Uint8Array.of()), at: instant(1), marks: undefined }),
    ours,
  );
  const damaged = fc
    .tuple(fc.nat(real.length), fc.nat(4), fc.string({ unit: 'binary', maxLength: 4 }))
    .map(([at, length, put]) => real.slice(0, at) + put + real.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (given) => {
      for (const read of [parseNote, parseCheckpoint, (one: string) => parseKey(hash, one)]) {
        try {
          read(given);
        } catch (error) {
          assert.ok(error instanceof Failure && error.code === 'audit/unreadable', String(error));
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert.match(toHex(ours.key.publicKey), /^[0-9a-f]{64}$/);
});
