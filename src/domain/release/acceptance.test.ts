import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hour, idOf, later, minute, noon, sha256 } from '../../../test/make/facts.ts';
import {
  accept,
  acceptanceCodes,
  type AcceptanceCode,
  type EvidenceSigner,
  type ReceivedFor,
  type Signed,
  type Submission,
} from './acceptance.ts';

const artifact = sha256('the artifact');
const commit = 'c'.repeat(40);
const signer: EvidenceSigner = {
  id: idOf('esg', 1),
  name: 'ci',
  key: sha256('key'),
  publicKey: 'the key',
  kinds: ['tests', 'scan'],
  projects: [idOf('prj', 1)],
  addedBy: 'ada',
  addedAt: later(-hour),
  expiresAt: later(hour),
  revokedAt: undefined,
  revokedBy: undefined,
};
const signed: Signed = { signer, subjects: [artifact], commits: [commit], madeAt: later(-minute) };
const good: Submission = {
  bytes: 10,
  mostBytes: 100,
  content: sha256('content'),
  storedAs: sha256('content'),
  kind: 'tests',
  verdict: 'PASS',
  signed,
};
const received: ReceivedFor = { project: idOf('prj', 1), artifact, commit, now: noon, deniedAt: undefined };

const codesOf = (changes: Partial<Submission>, where: Partial<ReceivedFor> = {}) =>
  accept({ ...good, ...changes }, { ...received, ...where }).refusals.map(({ code }) => code);
const codesWhenSigned = (changes: Partial<Signed>) => codesOf({ signed: { ...signed, ...changes } });
const codesFrom = (changes: Partial<EvidenceSigner>) => codesWhenSigned({ signer: { ...signer, ...changes } });

/** One way to break each rule, and only that one. */
const violations: Readonly<Record<AcceptanceCode, () => readonly AcceptanceCode[]>> = {
  TOO_LARGE: () => codesOf({ bytes: 101 }),
  SIGNER_UNKNOWN: () => codesWhenSigned({ signer: undefined }),
  SIGNER_REVOKED: () => codesFrom({ revokedAt: later(-minute) }),
  SIGNER_EXPIRED: () => codesFrom({ expiresAt: noon }),
  KIND_NOT_ALLOWED: () => codesOf({ kind: 'load' }),
  PROJECT_NOT_ALLOWED: () => codesOf({}, { project: idOf('prj', 2) }),
  SUBJECT_MISMATCH: () => codesWhenSigned({ subjects: [sha256('another')] }),
  COMMIT_MISMATCH: () => codesWhenSigned({ commits: ['d'.repeat(40)] }),
  TIME_MISSING: () => codesWhenSigned({ madeAt: undefined }),
  FROM_THE_FUTURE: () => codesWhenSigned({ madeAt: later(6 * minute) }),
  STALE: () => codesWhenSigned({ madeAt: later(-25 * hour) }),
  OUTDATED: () => codesOf({}, { deniedAt: noon }),
  NOT_STORED: () => codesOf({ storedAs: undefined }),
  NOT_PASS: () => codesOf({ verdict: 'INCONCLUSIVE' }),
};

test('what keeps every rule is attested and opens', () => {
  assert.deepEqual(accept(good, received), { standing: 'attested', recorded: true, opens: true, refusals: [] });
});

test('R3: a PASS from before the latest FAIL is refused; a FAIL, a newer run and a claim are not', () => {
  const denied = { deniedAt: later(-minute / 2) };
  assert.deepEqual(codesOf({ verdict: 'FAIL' }, denied), ['NOT_PASS']);
  assert.deepEqual(codesOf({ signed: { ...signed, madeAt: noon } }, denied), []);
  assert.deepEqual(codesOf({ signed: undefined }, denied), []);
});

for (const code of acceptanceCodes) {
  test(`every rule has to hold, and says so under its own code: ${code}`, () => {
    assert.deepEqual(violations[code](), [code]);
  });
}

test('all that is wrong is told, not only the first', () => {
  const codes = codesOf({
    bytes: 101,
    storedAs: undefined,
    signed: { ...signed, signer: undefined, subjects: [], madeAt: undefined },
  });
  assert.deepEqual(codes, ['TOO_LARGE', 'SIGNER_UNKNOWN', 'SUBJECT_MISMATCH', 'TIME_MISSING', 'NOT_STORED']);
});

test('R20: a result that says no is recorded, and opens nothing', () => {
  for (const verdict of ['FAIL', 'INCONCLUSIVE'] as const) {
    const { recorded, opens } = accept({ ...good, verdict }, received);
    assert.deepEqual([recorded, opens], [true, false]);
  }
});

test('what nobody signed is claimed, whoever brings it and whatever it says', () => {
  const { standing, recorded } = accept({ ...good, signed: undefined, kind: 'load' }, received);
  assert.deepEqual([standing, recorded], ['claimed', true]);
});

test('a signer without projects may sign for all, one without an end for ever', () => {
  assert.deepEqual(codesFrom({ projects: undefined, expiresAt: undefined }), []);
  assert.deepEqual(codesFrom({ projects: [] }), ['PROJECT_NOT_ALLOWED']);
});

test('only what has no refusal but its verdict is recorded, whatever comes', () => {
  const digests = fc.constantFrom(artifact, sha256('content'), sha256('another'));
  const instants = fc.integer({ min: -50, max: 50 }).map((hours) => later(hours * hour));
  const submissions: fc.Arbitrary<Submission> = fc.record({
    bytes: fc.nat({ max: 200 }),
    mostBytes: fc.constant(100),
    content: digests,
    storedAs: fc.option(digests, { nil: undefined }),
    kind: fc.constantFrom('tests', 'load'),
    verdict: fc.constantFrom('PASS', 'FAIL', 'INCONCLUSIVE'),
    signed: fc.option(
      fc.record({
        signer: fc.option(
          fc
            .record({
              expiresAt: fc.option(instants, { nil: undefined }),
              revokedAt: fc.option(instants, { nil: undefined }),
            })
            .map((changes) => ({ ...signer, ...changes })),
          { nil: undefined },
        ),
        subjects: fc.array(digests, { maxLength: 2 }),
        commits: fc.array(fc.constantFrom(commit, 'd'.repeat(40)), { maxLength: 2 }),
        madeAt: fc.option(instants, { nil: undefined }),
      }),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(submissions, (submission) => {
      const { recorded, opens, refusals, standing } = accept(submission, received);
      assert.equal(
        recorded,
        refusals.every(({ code }) => code === 'NOT_PASS'),
      );
      assert.equal(opens, refusals.length === 0);
      assert.equal(standing, submission.signed === undefined ? 'claimed' : 'attested');
      if (opens && submission.signed !== undefined) assert.ok(submission.signed.subjects.includes(artifact));
    }),
  );
});
