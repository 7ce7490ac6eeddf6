import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { differenceOf, openEvent, openingsOf, readLeaf, sealEvent, type AuditedEvent } from './leaf.ts';
import { fieldsToSeal, isAbout, valueAt, withValueAt } from './sealing.ts';

const tools = {
  hash: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest(),
  random: (bytes: number): Uint8Array => randomBytes(bytes),
};
const { hash } = tools;

const approved: AuditedEvent = {
  id: 'evt_01',
  kind: 'approval.given',
  actor: 'ada',
  at: 1_700_000_000_000,
  project: 'prj_01hzzzzzzzzzzzzzzz',
  data: {
    decision: 'approve',
    reason: 'looks right to me, said bob',
    requester: 'bob',
    plan: `sha256:${'0'.repeat(64)}`,
    votes: 2,
    people: ['ada', { name: 'Bob Stone' }],
    environments: ['staging'],
  },
};

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    fc.constantFrom('', 'system:engine', 'PASS', null, true),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('a/b', '~', '~1', 'by', 'kind')), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const events = fc
  .record({ actor: fc.string(), data: fc.dictionary(fc.string(), json, { maxKeys: 4 }) })
  .map((some): AuditedEvent => JSON.parse(JSON.stringify({ ...approved, ...some })));

test('texts about people are sealed, words and ids of ours are not', () => {
  assert.deepEqual(
    fieldsToSeal(approved).map(({ pointer }) => pointer),
    ['/actor', '/data/reason', '/data/requester', '/data/people/0', '/data/people/1/name'],
  );
  assert.deepEqual(fieldsToSeal({ actor: 'system:engine', data: { promotion: 'prm_01hzzzzzzzzzzzzzzz' } }), []);
});

test('what is sealed is not in the text of the entry, and the same event makes another one each time', () => {
  const { leaf, salts } = sealEvent(approved, tools);
  for (const text of ['ada', 'bob', 'Bob Stone', 'looks right']) assert.equal(leaf.includes(`"${text}`), false, text);
  assert.equal(
    Object.values(salts).some((salt) => leaf.includes(salt)),
    false,
  );
  assert.notEqual(sealEvent(approved, tools).leaf, leaf);
});

test('an event is read back from its entry and what opens it, whatever it says', () => {
  fc.assert(
    fc.property(events, (event) => {
      const { leaf, salts } = sealEvent(event, tools);
      const opened = openEvent(hash, readLeaf(leaf), openingsOf(event, salts));
      assert.deepEqual({ erased: opened.erased, wrong: opened.wrong }, { erased: [], wrong: [] });
      assert.equal(differenceOf(opened.event, event), undefined);
    }),
    { numRuns: 500 },
  );
});

test('an erased text shows as erased, and the others still open', () => {
  const { leaf, salts } = sealEvent(approved, tools);
  const { '/actor': _gone, ...left } = salts;
  const shown = withValueAt(approved as unknown as Json, '/actor', 'erased') as unknown as AuditedEvent;
  const opened = openEvent(hash, readLeaf(leaf), openingsOf(shown, left));
  assert.deepEqual({ erased: opened.erased, wrong: opened.wrong }, { erased: ['/actor'], wrong: [] });
  assert.equal(opened.event.data['requester'], 'bob');
  assert.equal(differenceOf(opened.event, shown), undefined);
});

test('a changed text, a changed salt and an opening for nothing are wrong', () => {
  const { leaf, salts } = sealEvent(approved, tools);
  const opening = openingsOf(approved, salts);
  const wrong = (changed: object) => openEvent(hash, readLeaf(leaf), { ...opening, ...changed }).wrong;
  assert.deepEqual(wrong({ '/actor': { ...opening['/actor'], value: 'eve' } }), ['/actor']);
  assert.deepEqual(wrong({ '/actor': { ...opening['/actor'], salt: 'AAAA' } }), ['/actor']);
  assert.deepEqual(wrong({ '/data/decision': { salt: 'AAAA', value: 'reject' } }), ['/data/decision']);
});

test('the field in which an event differs from its entry is named', () => {
  assert.equal(differenceOf(approved, { ...approved, at: approved.at + 1 }), 'at');
  assert.equal(differenceOf(approved, { ...approved, data: { ...approved.data, votes: 3 } }), 'data');
  assert.equal(differenceOf(approved, { ...approved, release: 'rel_1' }), 'release');
});

test('text that is no entry is refused with a sentence, whatever it is', () => {
  const { leaf } = sealEvent(approved, tools);
  for (const bad of ['', '{}', 'null', '[]', leaf.replace('"v":1', '"v":2'), leaf.replace('"at":', '"at":"x","was":')])
    assert.throws(() => readLeaf(bad), { code: 'audit/unreadable' }, bad);
  const damaged = fc
    .tuple(fc.nat(leaf.length), fc.nat(6), fc.string({ maxLength: 6 }))
    .map(([at, length, put]) => leaf.slice(0, at) + put + leaf.slice(at + length));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), damaged), (given) => {
      try {
        openEvent(hash, readLeaf(given), { '/actor': { salt: '', value: '' } });
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'audit/unreadable', String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a person is found by handle, mention, name and address, not by words that look alike', () => {
  const identity = { handle: 'ada', others: ['ada@example.org', 'Ada Lovelace'] };
  for (const text of ['ada', 'ADA', 'by @ada.', 'ask @ada', 'Ada Lovelace <x@y>', 'mail ada@example.org now'])
    assert.ok(isAbout(identity, text), text);
  for (const text of ['adamant', 'canada', 'ada was here', '@adam', 'me@ada', 'Ada Lovelaces', 'nada@example.orgs', ''])
    assert.equal(isAbout(identity, text), false, text);
});

test('a place is found and replaced, also behind keys that need escaping', () => {
  const whole = { 'a/b': { '~': ['x', 'y'] } };
  assert.equal(valueAt(whole, '/a~1b/~0/1'), 'y');
  assert.deepEqual(withValueAt(whole, '/a~1b/~0/1', 'z'), { 'a/b': { '~': ['x', 'z'] } });
  assert.equal(valueAt(whole, '/toString'), undefined);
  assert.equal(withValueAt(whole, '/missing/x', 1), whole);
});
