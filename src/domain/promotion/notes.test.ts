import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generateNotes, type NotesSubject } from './notes.ts';
import type { CommitFact } from './proof.ts';

const commit = (subject: string, changes: Partial<CommitFact> = {}): CommitFact => ({
  id: 'c0ffee'.padEnd(40, '0'),
  subject,
  authors: ['ann'],
  cleanMerge: false,
  ...changes,
});
const notesOf = (commits: readonly CommitFact[], changes: Partial<NotesSubject> = {}) =>
  generateNotes({
    project: 'shop',
    environment: 'production',
    release: { number: 12, commit: 'a'.repeat(40), tags: ['v1.2.0'] },
    base: { number: 9, commit: 'b'.repeat(40) },
    commits,
    migrations: [],
    ...changes,
  });

test('commits are told under what they are, newest first, and what broke is told apart', () => {
  const text = notesOf(
    [
      commit('feat(basket): gift wrapping'),
      commit('fix!: totals are rounded'),
      commit('docs: a word'),
      commit('Merge branch x', { cleanMerge: true }),
    ],
    { migrations: ['migrations/7.sql'] },
  );
  assert.equal(
    text,
    `# shop #12 v1.2.0

Since release #9 (bbbbbbbbbb).

## Needs attention: no longer as it was

- totals are rounded (c0ffee0000)

## New

- gift wrapping (c0ffee0000)

## Corrected

- totals are rounded (c0ffee0000)

## Also changed

- docs: a word (c0ffee0000)

## Database

- migrations/7.sql
`,
  );
});

test('the first release, and one that brings nothing, say so', () => {
  assert.match(notesOf([], { base: undefined }), /The first release in production\.\n\nNo commit is new here/);
});

test('whatever a subject holds, it stays one line of its list', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (subject) => {
      const lines = notesOf([commit(subject)]).split('\n');
      assert.equal(
        lines.filter((one) => one.startsWith('#')).length,
        subject.includes('!:') && /^\w+(\([^)]*\))?!:/.test(subject) ? 3 : 2,
      );
      assert.ok(lines.some((one) => one.startsWith('- ') && one.endsWith('(c0ffee0000)')));
    }),
  );
});
