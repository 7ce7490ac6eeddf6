import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  approvalBy,
  factsWith,
  freezeWith,
  hour,
  idOf,
  later,
  noon,
  promotionWith,
  questionWith,
  releaseWith,
  runningProgress,
  runsNow,
  thePlan,
  triggered,
  upstreamWith,
  verifiedAs,
} from '../../../test/make/facts.ts';
import type { Duration } from '../base/time.ts';
import type { GateSpec } from '../pipeline/environment.ts';
import { askGates, gates } from './all.ts';
import type { Question } from './gate.ts';

const allGates: readonly GateSpec[] = [
  { gate: 'approval', count: 1 },
  { gate: 'soak', for: (30 * hour) as Duration },
  { gate: 'fresh', within: (90 * hour) as Duration },
  { gate: 'window', window: { zone: 'UTC', allow: [{ days: ['thu'], from: '09:00', to: '10:00' }], deny: [] } },
];

const kinds = [
  'veto',
  'pin',
  'freeze',
  'hold',
  'forward',
  'available',
  'fresh',
  'soak',
  'window',
  'turn',
  'approval',
] as const;
type Trouble = (typeof kinds)[number];

/** A question that every gate lets pass, except those named. */
function troubledBy(troubles: ReadonlySet<Trouble>): Question {
  const has = (trouble: Trouble) => troubles.has(trouble);
  const windowed = allGates.filter(({ gate }) => gate !== 'window' || has('window'));
  const since = has('soak') ? later(-hour) : later(-40 * hour);
  const verified = verifiedAs('PASS', { since, at: has('fresh') ? later(-95 * hour) : later(-hour) });
  const facts = factsWith({
    spec: {
      gates: windowed,
      after: { mode: 'all', environments: has('available') ? ['staging', 'testing'] : ['staging'] },
    },
    running: runsNow(has('forward') ? 5 : 1),
    pin: has('pin') ? { release: idOf('rel', 1), by: 'sue', reason: 'audit', at: noon } : undefined,
    hold: has('hold') ? { by: 'sue', reason: 'holidays', at: noon } : undefined,
    freezes: has('freeze') ? [freezeWith(1)] : [],
    open: [...(has('turn') ? [promotionWith(1, { progress: runningProgress() })] : []), promotionWith(2)],
  });
  const release = releaseWith(2, {
    veto: has('veto') ? { by: 'sue', reason: 'bad', at: noon } : undefined,
    upstream: [
      upstreamWith('staging', { verified, occupied: { from: since, until: undefined } }),
      ...(has('available') ? [upstreamWith('testing', { verified: undefined, occupied: undefined })] : []),
    ],
    approvals: has('approval') ? [] : [approvalBy('ann', thePlan)],
  });
  return { facts, release, kind: 'promotion', origin: triggered(2), planHash: thePlan, promotion: idOf('prm', 2) };
}

const troubles = fc.subarray([...kinds]).map((list) => new Set<Trouble>(list));

test('R17: every blocking gate is reported, not only the first', () => {
  fc.assert(
    fc.property(troubles, (given) => {
      const blocking = askGates(troubledBy(given)).all.filter(({ answer }) => answer !== 'open');
      assert.deepEqual(blocking.map(({ gate }) => gate).toSorted(), [...given].toSorted());
    }),
  );
});

test('R17: every answer says what was looked at, and every blocking one what would open it', () => {
  fc.assert(
    fc.property(troubles, (given) => {
      for (const answer of askGates(troubledBy(given)).all) {
        assert.notEqual(answer.because, '');
        if (answer.answer !== 'open') assert.notEqual(answer.unblock, '');
      }
    }),
  );
});

test('R17: open only when every gate is, closed as soon as one is', () => {
  const closing: readonly Trouble[] = ['veto', 'forward', 'fresh'];
  fc.assert(
    fc.property(troubles, (given) => {
      const expected = given.size === 0 ? 'open' : closing.some((trouble) => given.has(trouble)) ? 'closed' : 'waiting';
      assert.equal(askGates(troubledBy(given)).summary, expected);
    }),
  );
});

test('R18: people are asked only when everything else is open', () => {
  fc.assert(
    fc.property(troubles, (given) => {
      assert.equal(askGates(troubledBy(given)).peopleAreAsked, given.size === 1 && given.has('approval'));
    }),
  );
});

test('R18: gates that ask people come after all others', () => {
  const asks = gates.map((gate) => gate.asks);
  assert.equal(asks.indexOf('people'), asks.lastIndexOf('facts') + 1);
  assert.equal(new Set(gates.map(({ name }) => name)).size, gates.length);
});

test('R42: what waits has a time to ask again, or waits for a person, an environment before it or its turn', () => {
  fc.assert(
    fc.property(troubles, (given) => {
      const { summary, all, askAgainAt } = askGates(troubledBy(given));
      fc.pre(summary === 'waiting');
      const waiting = all.flatMap((answer) => (answer.answer === 'waiting' ? [answer] : []));
      assert.ok(askAgainAt !== undefined || waiting.some(({ waitsFor }) => waitsFor !== 'time'));
      for (const answer of waiting) assert.ok(answer.waitsFor !== 'time' || answer.askAgainAt !== undefined);
      const times = waiting.flatMap((answer) => (answer.askAgainAt === undefined ? [] : [answer.askAgainAt]));
      assert.equal(askAgainAt, times.length === 0 ? undefined : Math.min(...times));
      assert.ok(askAgainAt === undefined || askAgainAt > noon);
    }),
  );
});

test('R36: a rollback is asked by the lighter gates only', () => {
  const everything = new Set<Trouble>([
    'freeze',
    'hold',
    'available',
    'fresh',
    'soak',
    'window',
    'approval',
    'forward',
  ]);
  const answers = askGates({
    ...troubledBy(everything),
    kind: 'rollback',
    origin: { by: 'engine', cause: idOf('prm', 9) },
  });
  assert.equal(answers.summary, 'open');
  assert.equal(askGates({ ...troubledBy(new Set(['veto'])), kind: 'rollback' }).summary, 'closed');
  assert.equal(askGates({ ...troubledBy(new Set(['turn'])), kind: 'rollback' }).summary, 'waiting');
  assert.equal(askGates(questionWith()).summary, 'open');
});
