import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approvalBy, approverWith, factsWith, questionWith, releaseWith, thePlan } from '../../../test/make/facts.ts';
import type { Contributor } from '../access/independence.ts';
import { trustDefaults } from '../pipeline/defaults.ts';
import type { ApprovalSpec } from '../pipeline/environment.ts';
import type { Approval } from '../promotion/facts.ts';
import type { Origin } from '../promotion/promotion.ts';
import { approversAmong } from './approvers.ts';

const people = ['ann', 'bob', 'cid'].map((handle) => approverWith(handle));

interface Case {
  readonly spec?: Partial<ApprovalSpec>;
  readonly separation?: 'two-person' | 'none';
  readonly approvals?: readonly Approval[];
  readonly contributors?: readonly Contributor[];
  readonly origin?: Origin;
  readonly reader?: { readonly handle: string; readonly asksAnew: boolean };
}

const among = (
  { spec, separation = 'two-person', approvals = [], contributors = [], origin, reader }: Case,
  known = people,
) => {
  const gates = [{ gate: 'approval', count: 2, ...spec } as const];
  const question = questionWith({
    facts: factsWith({ spec: { gates }, trust: { ...trustDefaults, separation } }),
    release: releaseWith(2, { approvals, contribution: { known: true, contributors, commits: 1 } }),
    ...(origin === undefined ? {} : { origin }),
  });
  return approversAmong(known, question, reader ?? { handle: 'ann', asksAnew: true })!;
};
const author = { as: 'author', name: 'Ann', email: 'ann@example.org', commit: 'c'.repeat(40) } as const;

test('R22: whoever could approve is told that it will not count once it is he who asks', () => {
  const { could, short, you } = among({});
  assert.deepEqual(
    could.map(({ handle }) => handle),
    ['ann', 'bob', 'cid'],
  );
  assert.equal(short, 0);
  assert.deepEqual(you, {
    handle: 'ann',
    may: 'until-asked',
    because: 'if you ask for it, your approval does not count: nobody approves what he asked for',
    short: 0,
  });
});

test('R22: and that nobody would be left who could, when that is so', () => {
  const { short, you } = among({}, people.slice(0, 2));
  assert.equal(short, 0);
  assert.equal(you?.short, 1);
  assert.match(you.because, /; then nobody here could give one of its approvals, so let somebody else ask$/);
  const alone = among({ spec: { each: { 'release-manager': 2 } } }, people.slice(0, 2));
  assert.equal(alone.you?.short, 1, 'places for roles are places, too');
});

test('R22: what one has approved already stops counting, too, when one asks for it', () => {
  const approvals = [approvalBy('ann', thePlan), approvalBy('bob', thePlan)];
  const { could, short, you } = among({ spec: { count: 3 }, approvals });
  assert.deepEqual(
    could.map(({ handle }) => handle),
    ['cid'],
  );
  assert.equal(short, 0);
  assert.deepEqual([you?.may, you?.short], ['until-asked', 1]);
});

test('R22: an author, and whoever has asked already, are told that they cannot, and why', () => {
  const ofAuthor = among({ contributors: [author] });
  assert.deepEqual([ofAuthor.you?.may, ofAuthor.short], ['no', 0]);
  assert.equal(ofAuthor.you?.because, 'you cannot approve it: ann is an author of cccccccccc');
  const ofRequester = among({ origin: { by: 'person', actor: 'ann' }, reader: { handle: 'ann', asksAnew: false } });
  assert.equal(ofRequester.you?.because, 'you cannot approve it: ann is who asked for it');
});

test('there is nothing to tell where asking changes nothing', () => {
  assert.equal(among({ separation: 'none' }).you, undefined);
  assert.equal(among({ reader: { handle: 'ann', asksAnew: false } }).you, undefined);
  assert.equal(among({ reader: { handle: 'machine:ci', asksAnew: true } }).you, undefined);
  assert.equal(among({}, [approverWith('ann', { roles: ['developer'] }), ...people.slice(1)]).you, undefined);
});

test('too few people who could approve are counted', () => {
  assert.equal(among({ spec: { count: 5 } }).short, 2);
  assert.equal(among({ spec: { each: { qa: 1 } } }).short, 1);
  assert.equal(among({ spec: { count: 5 }, approvals: [approvalBy('eve', thePlan)] }).short, 1);
});
