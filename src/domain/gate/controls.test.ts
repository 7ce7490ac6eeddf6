import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  factsWith,
  freezeWith,
  hour,
  idOf,
  instants,
  later,
  noon,
  questionWith,
  releaseWith,
  triggered,
} from '../../../test/make/facts.ts';
import type { Freeze } from '../promotion/facts.ts';
import type { Origin } from '../promotion/promotion.ts';
import { freezeGate, holdGate, pinGate, vetoGate } from './controls.ts';

const person: Origin = { by: 'person', actor: 'ann' };
const engine: Origin = { by: 'engine', cause: idOf('prm', 9) };
const origins = [triggered(2), person, engine];

test('R30: a vetoed release is closed for everybody, rollbacks and people included', () => {
  const release = releaseWith(2, { veto: { by: 'sue', reason: 'leaks memory', at: noon } });
  for (const origin of origins) {
    for (const kind of ['promotion', 'rollback'] as const) {
      const answer = vetoGate.answer(questionWith({ release, origin, kind }));
      assert.equal(answer?.answer, 'closed');
      assert.match(answer!.because, /release #2 was vetoed by sue: leaks memory/);
    }
  }
  assert.equal(vetoGate.answer(questionWith()), undefined);
});

test('R28: a pin keeps everything else waiting for a person, except the automatic way back', () => {
  const facts = factsWith({ pin: { release: idOf('rel', 1), by: 'sue', reason: 'audit', at: noon } });
  for (const origin of [triggered(2), person]) {
    const answer = pinGate.answer(questionWith({ facts, origin }));
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'person');
    assert.match(answer.because, /pinned to rel_0+1 by sue: audit/);
    assert.match(answer.unblock, /unpin production/);
  }
  assert.equal(pinGate.answer(questionWith({ facts, origin: engine, kind: 'rollback' })), undefined);
  assert.equal(pinGate.answer(questionWith({ facts, release: releaseWith(1) }))?.answer, 'open');
});

test('R28: a hold stops automation only', () => {
  const facts = factsWith({ hold: { by: 'sue', reason: 'holidays', at: noon } });
  const held = holdGate.answer(questionWith({ facts }));
  assert.ok(held?.answer === 'waiting' && held.waitsFor === 'person');
  assert.match(held.because, /on hold since 2026-03-04T12:00Z by sue: holidays/);
  for (const origin of [person, engine]) assert.equal(holdGate.answer(questionWith({ facts, origin })), undefined);
  assert.equal(holdGate.answer(questionWith()), undefined);
});

test('R27: a freeze stops triggers and people alike and says until when', () => {
  for (const origin of origins) {
    const answer = freezeGate.answer(
      questionWith({ facts: factsWith({ freezes: [freezeWith(1, { until: later(hour) })] }), origin }),
    );
    assert.ok(answer?.answer === 'waiting');
    assert.deepEqual([answer.waitsFor, answer.askAgainAt], ['time', later(hour)]);
    assert.match(answer.because, /frozen by person1 until 2026-03-04T13:00Z: reason 1/);
  }
});

test('R27: a first deployment is not exempt from a freeze', () => {
  const facts = factsWith({ freezes: [freezeWith(1)], running: undefined });
  assert.equal(freezeGate.answer(questionWith({ facts }))?.answer, 'waiting');
});

test('R27: a freeze lets a rollback pass, and the answer says so', () => {
  const answer = freezeGate.answer(questionWith({ facts: factsWith({ freezes: [freezeWith(1)] }), kind: 'rollback' }));
  assert.equal(answer?.answer, 'open');
  assert.match(answer!.because, /frozen by person1, but a freeze does not stop a rollback/);
});

test('R17, R27: every freeze in force is named with the way to lift it, whatever its scope', () => {
  const freezes = [freezeWith(1, { scope: 'everything' }), freezeWith(2, { scope: 'project', until: later(hour) })];
  const answer = freezeGate.answer(questionWith({ facts: factsWith({ freezes }) }));
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'person' && answer.askAgainAt === undefined);
  for (const { id, by } of freezes) assert.ok(answer.because.includes(`by ${by}`) && answer.unblock.includes(id));
});

test('R27: a freeze to come stops nothing yet, and is told', () => {
  const ahead = freezeWith(1, { from: later(hour), until: later(2 * hour) });
  for (const kind of ['promotion', 'rollback'] as const) {
    const answer = freezeGate.answer(questionWith({ facts: factsWith({ freezesAhead: [ahead] }), kind }));
    assert.equal(answer?.answer, 'open');
    assert.match(answer!.because, /to be frozen by person1 from 2026-03-04T13:00Z until 2026-03-04T14:00Z: reason 1$/);
  }
});

const freezes: fc.Arbitrary<readonly Freeze[]> = fc.array(
  fc
    .tuple(fc.nat({ max: 9 }), instants, fc.option(instants, { nil: undefined }))
    .map(([number, from, until]) => freezeWith(number, { from, until })),
  { maxLength: 4 },
);

test('R27: a freeze holds from its beginning, ends with its end, and asks again when the last one ends', () => {
  fc.assert(
    fc.property(freezes, (made) => {
      const active = made.filter(({ from, until }) => from <= noon && (until === undefined || noon < until));
      const answer = freezeGate.answer(questionWith({ facts: factsWith({ freezes: made }) }));
      assert.equal(answer?.answer, active.length === 0 ? undefined : 'waiting');
      if (answer?.answer !== 'waiting' || answer.askAgainAt === undefined) return;
      const then = freezeGate.answer(questionWith({ facts: factsWith({ freezes: active, now: answer.askAgainAt }) }));
      assert.equal(then, undefined);
    }),
  );
});
