import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { instant } from '../base/time.ts';
import { toBase64, utf8 } from './bytes.ts';
import { markOf, type Checkpoint } from './checkpoint.ts';
import { openingsOf, sealEvent, type AuditedEvent } from './leaf.ts';
import { emptyTree, grown, leafHash, rootOf } from './tree.ts';
import { verifyLog, type LogEntry } from './verify-log.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const tools = { hash, random: (bytes: number): Uint8Array => randomBytes(bytes) };

function eventOf(number: number, changes: Partial<AuditedEvent> = {}): AuditedEvent {
  return {
    id: `evt_${number}`,
    kind: 'note.taken',
    actor: 'ada',
    at: 1_000 + number,
    data: { note: `note ${number}`, number },
    ...changes,
  };
}

function entryOf(index: number, event: AuditedEvent = eventOf(index)): LogEntry {
  const { leaf, salts } = sealEvent(event, tools);
  return { index, leaf, hash: toBase64(leafHash(hash, utf8(leaf))), openings: openingsOf(event, salts), shown: event };
}

/** As the server signs it: every ten entries, with the marks of those since the one before. */
function checkpointsOf(
  entries: readonly LogEntry[],
  { marks }: { marks: boolean } = { marks: true },
): readonly Checkpoint[] {
  const hashes = entries.map(({ leaf }) => leafHash(hash, utf8(leaf!)));
  return [10, 20, 30].map((size) => ({
    origin: 'log',
    size,
    root: rootOf(
      hash,
      hashes.slice(0, size).reduce((tree, leaf) => grown(hash, tree, { leaf }), emptyTree),
    ),
    at: instant(size),
    marks: marks ? { from: size - 10, marks: hashes.slice(size - 10, size).map(markOf) } : undefined,
  }));
}

const log = Array.from({ length: 34 }, (_, index) => entryOf(index));
const signed = checkpointsOf(log);

function check(entries: readonly LogEntry[], checkpoints = signed) {
  const verifier = verifyLog(hash, checkpoints);
  for (const entry of entries) verifier.add(entry);
  return verifier.finish();
}

const firstOf = (entries: readonly LogEntry[], checkpoints = signed) => {
  const [first] = check(entries, checkpoints).problems;
  return first && [first.code, first.entry];
};
/** A forger who also makes hashes and numbers fit. */
const renumbered = (entries: readonly LogEntry[]) => entries.map((entry, index) => ({ ...entry, index }));
const [anchor] = [signed[2]!];
const markless = checkpointsOf(log, { marks: false });

test('a log that nobody touched agrees with every checkpoint', () => {
  const { problems, entries, covered, checkpoints, erased } = check(log);
  assert.deepEqual(
    { problems, entries, covered, checkpoints, erased },
    { problems: [], entries: 34, covered: 30, checkpoints: 3, erased: 0 },
  );
  assert.deepEqual(check([], []).problems, []);
});

test('an edited entry is named, whether or not its hash was made to fit', () => {
  const clumsy = log.with(17, { ...log[17]!, leaf: log[17]!.leaf!.replace('"at":1017', '"at":1018') });
  assert.deepEqual(firstOf(clumsy, []), ['ENTRY_CHANGED', 17]);
  const forged = log.with(17, entryOf(17, eventOf(17, { at: 1 })));
  assert.deepEqual(firstOf(forged), ['ENTRY_CHANGED', 17]);
  assert.deepEqual(firstOf(forged, []), undefined, 'without a checkpoint nobody can know');
});

test('a deleted entry is named, also when the others were numbered anew', () => {
  const deleted = log.toSpliced(12, 1);
  assert.deepEqual(firstOf(deleted), ['ENTRY_MISSING', 12]);
  assert.deepEqual(firstOf(renumbered(deleted)), ['ENTRY_CHANGED', 12]);
  assert.deepEqual(firstOf(log.with(12, { ...log[12]!, leaf: null })), ['ENTRY_MISSING', 12]);
});

test('an inserted entry is named, also when the others were numbered anew', () => {
  const inserted = log.toSpliced(21, 0, entryOf(21, eventOf(99)));
  assert.deepEqual(firstOf(inserted), ['ENTRY_CHANGED', 21]);
  assert.deepEqual(firstOf(renumbered(inserted)), ['ENTRY_CHANGED', 21]);
});

test('entries in another order are named, also when they were numbered anew', () => {
  const swapped = log.with(5, log[6]!).with(6, log[5]!);
  assert.deepEqual(firstOf(swapped), ['ENTRY_MISSING', 5]);
  assert.deepEqual(firstOf([...log.slice(0, 9), log[3]!, ...log.slice(9)]), ['ENTRY_OUT_OF_ORDER', 3]);
  assert.deepEqual(firstOf(renumbered(swapped)), ['ENTRY_CHANGED', 5]);
});

test('a shortened log is caught by a checkpoint of what was there', () => {
  assert.deepEqual(firstOf(log.slice(0, 25)), ['LOG_TRUNCATED', 25]);
  assert.deepEqual(firstOf(log.slice(0, 25), signed.slice(0, 2)), undefined, 'what no checkpoint covered is not known');
});

test('a log made anew as a whole is caught by one older checkpoint, and its first other entry named by what it marks', () => {
  const rewritten = log.map((entry, index) => (index < 23 ? entry : entryOf(index, eventOf(index, { actor: 'eve' }))));
  assert.deepEqual(firstOf(rewritten, [anchor]), ['ENTRY_CHANGED', 23]);
  const whole = log.map((_, index) => entryOf(index));
  assert.deepEqual(firstOf(whole, [anchor]), ['ENTRY_CHANGED', 20]);
  assert.deepEqual(firstOf(whole), ['ENTRY_CHANGED', 0]);
});

test('checkpoints without marks narrow it down to between two of them', () => {
  const forged = log.with(17, entryOf(17, eventOf(17, { at: 1 })));
  const { problems } = check(forged, markless);
  assert.deepEqual(problems[0], {
    code: 'LOG_REWRITTEN',
    entry: 10,
    message: 'what is recorded in entries 10 to 19 is not what was there when their checkpoint was signed',
  });
});

test('two checkpoints of one size that differ are two logs', () => {
  const other = checkpointsOf(log.map((_, index) => entryOf(index)));
  assert.deepEqual(firstOf(log, [...signed, other[1]!]), ['LOG_SPLIT', 0]);
});

test('an event that readers are shown otherwise than it was recorded is named with its field', () => {
  const later = { ...log[8]!, shown: eventOf(8, { at: 5 }) };
  assert.match(check(log.with(8, later)).problems[0]!.message, /^at of the event of entry 8 was changed/);
  const other = {
    ...log[8]!,
    openings: { ...log[8]!.openings, '/actor': { ...log[8]!.openings['/actor']!, value: 'eve' } },
  };
  assert.deepEqual(firstOf(log.with(8, other)), ['FIELD_CHANGED', 8]);
});

test('an erasure that is recorded is no problem, one that is not is named', () => {
  const { '/actor': _gone, ...left } = log[3]!.openings;
  const erasedEntry = { ...log[3]!, openings: left, shown: eventOf(3, { actor: 'erased' }) };
  const record = (place: string) => entryOf(34, eventOf(34, { kind: 'audit.erased', data: { places: [place] } }));
  const right = check([...log.with(3, erasedEntry), record('evt_3/actor')]);
  assert.deepEqual({ problems: right.problems, erased: right.erased }, { problems: [], erased: 1 });
  assert.deepEqual(firstOf([...log.with(3, erasedEntry), record('evt_4/actor')]), ['FIELD_ERASED', 3]);
});

test('an entry that is no event is named', () => {
  const leaf = '{"v":1}';
  const bad = { ...log[33]!, leaf, hash: toBase64(leafHash(hash, utf8(leaf))) };
  assert.deepEqual(firstOf(log.with(33, bad)), ['ENTRY_UNREADABLE', 33]);
});
