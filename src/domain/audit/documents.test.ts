import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../base/failure.ts';
import { instant } from '../base/time.ts';
import { checkBundle, signBundle } from './bundle.ts';
import { toBase64, utf8 } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { cloudEvent, preciseTime } from './cloud-event.ts';
import { openingsOf, sealEvent, type AuditedEvent } from './leaf.ts';
import { noteKey, signNote, type NoteSigner } from './note.ts';
import { checkProofDocument, proofFormat, type ProvedEntry, type Trust } from './proved.ts';
import { spreadsheetHead, spreadsheetLine } from './spreadsheet.ts';
import { leafHash, nodeHash } from './tree.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const signer: NoteSigner = {
  key: noteKey(hash, 'liftlock/log', raw),
  sign: (message) => sign(null, message, privateKey),
};
const trust: Trust = {
  hash,
  keys: [signer.key],
  verify: (_key, message, signature) => verify(null, message, publicKey, signature),
};

const events = ['release.created', 'approval.given'].map((kind, number): AuditedEvent => ({
  id: `evt_${number}`,
  kind,
  actor: 'ada',
  at: 1_700_000_000_123,
  release: 'rel_1',
  data: { reason: 'fine', number },
}));
const sealed = events.map((event) => ({
  event,
  ...sealEvent(event, { hash, random: (bytes) => randomBytes(bytes) }),
}));
const hashes = sealed.map(({ leaf }) => leafHash(hash, utf8(leaf)));
const checkpoint = signNote(
  formatCheckpoint({
    origin: 'liftlock/log',
    size: 2,
    root: nodeHash(hash, hashes[0]!, hashes[1]!),
    at: instant(1),
    marks: undefined,
  }),
  signer,
);
const entries = sealed.map(({ event, leaf, salts }, index): ProvedEntry => ({
  index,
  hash: toBase64(hashes[index]!),
  leaf,
  opened: openingsOf(event, salts),
  proof: [toBase64(hashes[1 - index]!)],
}));

const proof = { format: proofFormat, entry: entries[0]!, checkpoint };
const bundle = {
  subject: { kind: 'release', id: 'rel_1' },
  at: 5,
  record: { release: { title: 'x' } },
  entries,
  checkpoint,
} as const;

test('a proof is checked with the public key alone', () => {
  const checked = checkProofDocument(trust, JSON.stringify(proof));
  assert.deepEqual(checked.event, events[0]);
  assert.deepEqual(checked.erased, []);
});

test('a proof with another text, place, path or key is refused', () => {
  const refused = (document: object, from: Trust = trust) =>
    assert.throws(() => checkProofDocument(from, JSON.stringify(document)), { code: 'audit/inconsistent' });
  refused({ ...proof, entry: { ...entries[0], leaf: entries[1]!.leaf } });
  refused({ ...proof, entry: { ...entries[0], index: 1 } });
  refused({ ...proof, entry: { ...entries[0], proof: [] } });
  refused({
    ...proof,
    entry: { ...entries[0], opened: { '/actor': { ...entries[0]!.opened['/actor']!, value: 'eve' } } },
  });
  refused(proof, { ...trust, keys: [] });
  refused(proof, { ...trust, keys: [noteKey(hash, 'liftlock/log', hash(raw))] });
});

test('a proof whose texts were erased still proves, and says what is gone', () => {
  const { '/actor': _gone, ...opened } = entries[0]!.opened;
  const checked = checkProofDocument(trust, JSON.stringify({ ...proof, entry: { ...entries[0], opened } }));
  assert.deepEqual([checked.event.actor, checked.erased], ['erased', ['/actor']]);
});

test('a bundle is checked with the public key alone: its signature, its checkpoint and each of its events', () => {
  const checked = checkBundle(trust, signBundle(bundle, signer));
  assert.deepEqual(
    checked.events.map(({ event }) => event),
    events,
  );
  assert.deepEqual([checked.subject, checked.record], [bundle.subject, bundle.record]);
});

test('a bundle is refused when a word of it is another, when an event is another, twice, or about something else', () => {
  const signed = signBundle(bundle, signer);
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => checkBundle(trust, text), { code: 'audit/inconsistent', message });
  refused(signed.replace('"title":"x"', '"title":"y"'), /signed by none/);
  const forged = { ...entries[1]!, leaf: entries[1]!.leaf!.replace('"number":1', '"number":2') };
  refused(signBundle({ ...bundle, entries: [forged] }, signer), /entry 1 is not in the log/);
  refused(signBundle({ ...bundle, entries: entries.toReversed() }, signer), /entry 0 stands/);
  refused(signBundle({ ...bundle, subject: { kind: 'release', id: 'rel_2' } }, signer), /not about rel_2/);
});

test('whatever is read as proof or bundle is understood or refused with a sentence', () => {
  const texts = [JSON.stringify(proof), signBundle(bundle, signer)];
  const damaged = fc
    .tuple(fc.constantFrom(...texts), fc.nat(1_500), fc.nat(5), fc.string({ unit: 'binary', maxLength: 5 }))
    .map(([text, at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
  // As a signer who is honest about the text but not about what it says would send it.
  const signed = fc.json().map((text) => signNote(`${text}\n`, signer));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), damaged, signed), (text) => {
      for (const check of [checkProofDocument, checkBundle]) {
        try {
          check(trust, text);
        } catch (error) {
          assert.ok(error instanceof Failure && error.code.startsWith('audit/'), String(error));
        }
      }
    }),
    { numRuns: 1_500 },
  );
});

test('an event is a CloudEvent with its id, its time and what it is about', () => {
  assert.deepEqual(cloudEvent('liftlock/log', events[0]!, 7), {
    specversion: '1.0',
    id: 'evt_0',
    source: 'liftlock/log',
    type: 'dev.liftlock.release.created',
    time: '2023-11-14T22:13:20.123Z',
    subject: 'rel_1',
    sequence: '7',
    datacontenttype: 'application/json',
    data: { actor: 'ada', release: 'rel_1', details: { reason: 'fine', number: 0 } },
  });
});

test('times are those of the platform', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (at) =>
      assert.equal(preciseTime(at), new Date(at).toISOString()),
    ),
  );
});

test('no cell of a spreadsheet begins a formula, and every text is read back', () => {
  assert.match(spreadsheetHead, /^"entry","time",.*\r\n$/);
  const evil = fc
    .tuple(fc.constantFrom('=', '+', '-', '@', '\t=', ' =', '\r\n=', '|', '%', ''), fc.string())
    .map(([first, rest]) => `${first}${rest}`);
  fc.assert(
    fc.property(evil, evil, (actor, reason) => {
      const line = spreadsheetLine(0, { ...events[0]!, actor, project: reason });
      const cells = [...line.slice(0, -2).matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) =>
        cell!.replaceAll('""', '"'),
      );
      assert.equal(cells.length, 10);
      for (const cell of cells) assert.doesNotMatch(cell, /^\s*[=+\-@]/);
      assert.ok(cells[3] === actor || cells[3] === `'${actor}`);
      assert.ok(cells[4] === reason || cells[4] === `'${reason}`);
    }),
  );
});
