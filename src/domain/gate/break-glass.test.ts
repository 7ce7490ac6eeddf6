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
  thePlan,
  type FactsChanges,
} from '../../../test/make/facts.ts';
import { trustDefaults } from '../pipeline/defaults.ts';
import type { GateSpec } from '../pipeline/environment.ts';
import type { BreakGlass } from '../promotion/facts.ts';
import { askGates, gates } from './all.ts';
import { breakableGates, passableNow } from './break-glass.ts';
import type { Question } from './gate.ts';

const glassWith = (changes: Partial<BreakGlass> = {}): BreakGlass => ({
  id: idOf('bgl', 1),
  release: idOf('rel', 2),
  gates: ['approval'],
  reason: 'the shop is down',
  incident: 'https://incidents.example.org/7',
  requestedBy: 'ann',
  confirmedBy: 'bob',
  expiresAt: later(hour),
  promotion: undefined,
  ...changes,
});
const ask = (changes: FactsChanges, rest: Partial<Question> = {}) => {
  const facts = factsWith({ spec: { gates: [{ gate: 'approval', count: 1 }] }, ...changes });
  return askGates(questionWith({ facts, ...rest }));
};
const said = (answers: ReturnType<typeof askGates>, gate: string) => answers.all.find((answer) => answer.gate === gate);

test('R25: a named gate is passed, and the answer says by whom, why, and what it would have said', () => {
  const answers = ask({ breakGlasses: [glassWith()] });
  assert.equal(answers.summary, 'open');
  const answer = said(answers, 'approval');
  assert.ok(answer?.answer === 'open' && answer.breakGlass === idOf('bgl', 1));
  assert.match(answer.because, /ann, confirmed by bob: the shop is down \(https:.*without it: 0 of 1 approvals/);
});

test('R25: it is good for one release, until it expires, and for the one promotion that used it', () => {
  const summary = (glass: Partial<BreakGlass>) => ask({ breakGlasses: [glassWith(glass)] }).summary;
  assert.equal(summary({ release: idOf('rel', 3) }), 'waiting');
  assert.equal(summary({ expiresAt: noon }), 'waiting');
  assert.equal(summary({ gates: ['window'] }), 'waiting');
  assert.equal(summary({ promotion: idOf('prm', 9) }), 'waiting');
  assert.equal(summary({ promotion: idOf('prm', 2), expiresAt: noon }), 'open');
});

test('R25: one that was used by what was put back before it began is good until it expires', () => {
  const summary = (glass: Partial<BreakGlass>) =>
    ask({ open: [promotionWith(2)], breakGlasses: [glassWith({ promotion: idOf('prm', 2), ...glass })] }).summary;
  assert.equal(summary({}), 'open');
  assert.equal(summary({ expiresAt: noon }), 'waiting');
});

test('R25: a veto, a pin, a turn and signatures are never passed, whatever is named', () => {
  const unbreakable = gates.map(({ name }) => name).filter((name) => !breakableGates.has(name));
  for (const name of ['veto', 'pin', 'hold', 'forward', 'turn', 'follow-up', 'merged', 'tagged'])
    assert.ok(!breakableGates.has(name), name);
  const everything = glassWith({ gates: [...breakableGates, ...unbreakable, 'merged', 'tagged'] });
  const veto = { by: 'mallory', reason: 'bad', at: noon };
  assert.equal(ask({ breakGlasses: [everything] }, { release: releaseWith(2, { veto }) }).summary, 'closed');
  const pin = { release: idOf('rel', 1), by: 'ann', reason: 'pinned', at: noon };
  assert.equal(ask({ breakGlasses: [everything], pin }).summary, 'waiting');
  const lease = { id: idOf('lse', 1), promotion: idOf('prm', 1), holder: 'somebody', expiresAt: later(1) };
  assert.equal(ask({ breakGlasses: [everything], lease }).summary, 'waiting');
});

test('R23, R25: what a person rejected stays rejected', () => {
  const rejected = releaseWith(2, { approvals: [approvalBy('cid', thePlan, { decision: 'reject' })] });
  assert.equal(ask({ breakGlasses: [glassWith()] }, { release: rejected }).summary, 'closed');
});

test('R27: a freeze is passed only when it is named, and only one that lists break-glass as exempt', () => {
  const both = glassWith({ gates: ['approval', 'freeze'] });
  assert.equal(ask({ breakGlasses: [glassWith()], freezes: [freezeWith(1)] }).summary, 'waiting');
  assert.equal(ask({ breakGlasses: [both], freezes: [freezeWith(1)] }).summary, 'open');
  const strict = freezeWith(2, { exempt: ['rollback'] });
  assert.equal(ask({ breakGlasses: [both], freezes: [freezeWith(1), strict] }).summary, 'waiting');
});

test('R27: a rollback goes through a freeze that lists it, and waits for one that does not', () => {
  const back = { kind: 'rollback', origin: { by: 'person', actor: 'ann' } } as const;
  assert.equal(ask({ freezes: [freezeWith(1)] }, back).summary, 'open');
  assert.equal(ask({ freezes: [freezeWith(1), freezeWith(2, { exempt: [] })] }, back).summary, 'waiting');
});

test('R25: an overdue look back keeps ordinary promotions out, but neither rollbacks nor the next emergency', () => {
  const overdue = [{ id: idOf('fup', 1), breakGlass: idOf('bgl', 5), dueAt: later(-hour) }];
  const waits = ask({ overdue });
  assert.equal(said(waits, 'follow-up')?.answer, 'waiting');
  assert.equal(waits.peopleAreAsked, false);
  assert.equal(ask({ overdue, breakGlasses: [glassWith()] }).summary, 'open');
  assert.equal(said(ask({ overdue }, { kind: 'rollback' }), 'follow-up'), undefined);
});

test('R25: without a break-glass nothing is passed; with one, nothing but what it names', () => {
  fc.assert(
    fc.property(fc.subarray([...breakableGates]), fc.boolean(), (named, frozen) => {
      const facts = { freezes: frozen ? [freezeWith(1)] : [] };
      const without = ask(facts);
      const withGlass = ask({ ...facts, breakGlasses: [glassWith({ gates: named })] });
      for (const [index, answer] of withGlass.all.entries()) {
        const before = without.all[index]!;
        if (before.answer === 'open' || !named.includes(answer.gate)) assert.deepEqual(answer, before);
        else assert.equal(answer.answer, 'open');
      }
    }),
  );
});

const asked: readonly GateSpec[] = [
  { gate: 'approval', count: 1 },
  { gate: 'tests', commands: ['check'], claimed: 'refused' },
];

test('R25: gates that could be passed are named where the pipeline allows it, without those that never are', () => {
  const passable = (breakGlass: 'two-person' | 'none', changes: FactsChanges = {}, rest: Partial<Question> = {}) => {
    const facts = factsWith({ spec: { gates: asked }, trust: { ...trustDefaults, breakGlass }, ...changes });
    const question = questionWith({ facts, ...rest });
    return passableNow(question, askGates(question).all);
  };
  assert.deepEqual(passable('none'), []);
  assert.deepEqual(passable('two-person'), ['tests', 'approval']);
  const pin = { release: idOf('rel', 9), by: 'ann', reason: 'no', at: noon };
  assert.deepEqual(passable('two-person', { pin }), ['tests', 'approval'], 'a pin is not among them');
  const freezes = [freezeWith(1, { exempt: ['rollback'] })];
  assert.deepEqual(passable('two-person', { freezes }), ['tests', 'approval'], 'nor a freeze that does not exempt it');
  const rejected = releaseWith(2, { approvals: [approvalBy('ann', thePlan, { decision: 'reject' })] });
  assert.deepEqual(passable('two-person', {}, { release: rejected }), ['tests']);
});
