import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsWith, idOf, later, minute, noon, provenWith, questionWith, thePlan } from '../../../test/make/facts.ts';
import type { Duration } from '../base/time.ts';
import type { GateSpec } from '../pipeline/environment.ts';
import type { Check } from '../promotion/proof.ts';
import { askGates } from './all.ts';
import { customGate } from './custom.ts';

const gate = (name: string): GateSpec => ({ gate: 'custom', name, run: './ask', timeout: minute as Duration });
const subject = `${idOf('prm', 2)} ${thePlan}`;
const check = (name: string, changes: Partial<Check> = {}): Check => ({
  kind: 'custom',
  name,
  subject,
  state: 'answered',
  answer: 'open',
  because: `${name} said so`,
  askAgainAt: undefined,
  ...changes,
});
const question = (checks: readonly Check[], names: readonly string[] = ['ticket']) =>
  questionWith({ gates: names.map(gate), release: provenWith(2, { checks }) });
const asked = (checks: readonly Check[], names?: readonly string[]) => customGate.answer(question(checks, names));

test('R40: what was not asked yet is asked, once for a promotion and plan', () => {
  const answer = asked([]);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'lookup');
  assert.deepEqual(answer.lookups, [{ kind: 'custom', name: 'ticket', subject }]);
  const other = asked([check('ticket', { subject: `${idOf('prm', 2)} another plan` })]);
  assert.equal(other?.answer, 'waiting');
});

test('R17: the answer is told with its reason', () => {
  assert.deepEqual(asked([check('ticket')]), { answer: 'open', because: 'ticket: ticket said so' });
  assert.equal(asked([check('ticket', { answer: 'closed' })])?.answer, 'closed');
  const waiting = asked([check('ticket', { answer: 'waiting', askAgainAt: later(minute) })]);
  assert.ok(waiting?.answer === 'waiting' && waiting.askAgainAt === later(minute));
});

test('R16: a question that could not be asked is an error that is tried again, not a no', () => {
  const failed = asked([
    check('ticket', { state: 'failed', answer: undefined, because: 'HTTP 502', askAgainAt: later(minute) }),
  ]);
  assert.ok(failed?.answer === 'waiting' && failed.waitsFor === 'lookup' && failed.askAgainAt === later(minute));
  assert.match(failed.because, /could not be asked: HTTP 502/);
});

test('R17: of several, all that block are told, and a no is stronger than a wait', () => {
  const answer = asked([check('one'), check('two', { answer: 'closed' })], ['one', 'two', 'three']);
  assert.equal(answer?.answer, 'closed');
  assert.match(answer!.because, /two: two said so; three has not been asked/);
  assert.doesNotMatch(answer!.because, /one said/);
});

test('a wish without a promotion asks nobody', () => {
  const { promotion, ...wish } = question([]);
  assert.equal(promotion, idOf('prm', 2));
  const answer = customGate.answer(wish);
  assert.ok(answer?.answer === 'waiting' && answer.lookups?.length === 0);
});

test('R18: a command is run only when nothing but people and other questions keep it waiting', () => {
  const people: GateSpec = { gate: 'approval', count: 1 };
  const shut: GateSpec = { gate: 'merged' };
  const lookups = (gates: readonly GateSpec[], held = false) =>
    askGates(
      questionWith({
        facts: factsWith({
          spec: { gates },
          hold: held ? { by: 'sue', reason: 'holidays', at: noon } : undefined,
        }),
        release: provenWith(2, {}),
      }),
    ).lookups.map(({ kind }) => kind);
  assert.deepEqual(lookups([gate('ticket'), people]), ['custom']);
  assert.deepEqual(lookups([gate('ticket'), shut]), []);
  assert.deepEqual(lookups([gate('ticket')], true), []);
  assert.deepEqual(lookups([gate('ticket'), { gate: 'review', count: 1, from: 'any' }]), ['custom', 'commits']);
});
