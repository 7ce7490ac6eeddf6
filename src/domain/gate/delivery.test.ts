import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trustDefaults } from '../pipeline/defaults.ts';
import { factsWith, idOf, provenWith, questionWith, releaseWith, upstreamWith } from '../../../test/make/facts.ts';
import type { UpstreamDeployment } from '../promotion/facts.ts';
import type { RefFact } from '../promotion/proof.ts';
import { deployedGate, isVersionTag, mergedGate, taggedGate } from './delivery.ts';

const deployed = (outcome: UpstreamDeployment['outcome'], automated = true): UpstreamDeployment => ({
  promotion: idOf('prm', 7),
  outcome,
  automated,
});
const asked = (mode: 'all' | 'any', upstream: Record<string, UpstreamDeployment | undefined>) =>
  deployedGate.answer(
    questionWith({
      facts: factsWith({
        spec: { gates: [{ gate: 'deployed' }], after: { mode, environments: Object.keys(upstream) } },
      }),
      release: releaseWith(2, {
        upstream: Object.entries(upstream).map(([name, deployment]) => upstreamWith(name, { deployed: deployment })),
      }),
    }),
  );

test('R2: only a promotion that succeeded by a target that deploys counts as an automated deployment', () => {
  const good = asked('all', { staging: deployed('succeeded') });
  assert.equal(good?.answer, 'open');
  assert.match(good!.because, /prm_0+7 deployed it to staging/);
  for (const [found, sentence] of [
    [undefined, /never deployed to staging/],
    [deployed('failed'), /ended failed/],
    [deployed('rolled-back'), /ended rolled-back/],
    [deployed('succeeded', false), /only records what is there/],
  ] as const) {
    const answer = asked('all', { staging: found });
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'upstream');
    assert.match(answer.because, sentence);
    assert.match(answer.unblock, /liftlock promote 2 staging/);
  }
});

test('while it is on its way into the environment before, nobody is told to promote it there', () => {
  const answer = deployedGate.answer(
    questionWith({
      facts: factsWith({ spec: { gates: [{ gate: 'deployed' }], after: { mode: 'all', environments: ['staging'] } } }),
      release: releaseWith(2, { upstream: [upstreamWith('staging', { onItsWay: true })] }),
    }),
  );
  assert.ok(answer?.answer === 'waiting');
  assert.equal(answer.unblock, 'wait for it in staging, where it is on its way');
});

test('R1: all environments before it must have been deployed to, or one of them where any is written', () => {
  const half = { qa: deployed('succeeded'), staging: undefined };
  assert.equal(asked('all', half)?.answer, 'waiting');
  assert.equal(asked('any', half)?.answer, 'open');
});

const refs = (gate: 'merged' | 'tagged', found: readonly RefFact[]) =>
  (gate === 'merged' ? mergedGate : taggedGate).answer(
    questionWith({ gates: [{ gate }], release: provenWith(2, { refs: found }) }),
  );
const accepted = (ref: string, mode: 'strict' | 'hosted' = 'strict'): RefFact => ({
  ref,
  trigger: { standing: 'accepted', mode, by: 'mia' },
});
const refused = (ref: string): RefFact => ({
  ref,
  trigger: { standing: 'refused', code: 'UNSIGNED', because: 'it carries no signature' },
});

test('a commit that was not seen on main is not merged, wherever else it was seen', () => {
  for (const found of [[], [accepted('refs/heads/feature')], [accepted('refs/tags/main')]])
    assert.equal(refs('merged', found)?.answer, 'waiting');
});

test('a maintainer’s signature and a platform’s merge are told in different words', () => {
  const strict = refs('merged', [accepted('refs/heads/main')]);
  assert.equal(strict?.answer, 'open');
  assert.match(strict!.because, /merged to main, signed by mia/);
  const hosted = refs('merged', [accepted('refs/heads/main', 'hosted')]);
  assert.equal(hosted?.answer, 'open');
  assert.match(hosted!.because, /accepted in Liftlock by mia; no maintainer signed it/);
  const none = refs('merged', [{ ref: 'refs/heads/main', trigger: { standing: 'unchecked' } }]);
  assert.match(none!.because, /not looked at \(trust.signatures: none\)/);
});

test('what was refused closes with its code, what was not judged yet waits for the judgement', () => {
  const closed = refs('merged', [refused('refs/heads/main')]);
  assert.equal(closed?.answer, 'closed');
  assert.match(closed!.because, /UNSIGNED: it carries no signature/);
  const unjudged = refs('merged', [{ ref: 'refs/heads/main', trigger: { standing: 'unjudged' } }]);
  assert.ok(unjudged?.answer === 'waiting' && unjudged.waitsFor === 'lookup');
});

test('one version tag that counts is enough, and only vMAJOR.MINOR.PATCH is a version', () => {
  assert.equal(refs('tagged', [refused('refs/tags/v1.0.0'), accepted('refs/tags/v1.0.1')])?.answer, 'open');
  assert.equal(refs('tagged', [accepted('refs/tags/v1.0'), accepted('refs/tags/v1.0.0-rc.1')])?.answer, 'waiting');
  for (const tag of ['v1', 'v01.0.0', 'v1.0.0.0', '1.0.0', 'v1.0.0+1', 'xv1.0.0'])
    assert.equal(isVersionTag(`refs/tags/${tag}`), false, tag);
  assert.ok(isVersionTag('refs/tags/v10.0.3'));
  assert.equal(isVersionTag('refs/heads/v1.0.0'), false);
});

test('R36: a rollback is asked none of these, and where the gate is not written nobody is', () => {
  for (const gate of [deployedGate, mergedGate, taggedGate]) {
    const gates = [{ gate: 'deployed' }, { gate: 'merged' }, { gate: 'tagged' }] as const;
    assert.equal(gate.answer(questionWith({ gates, kind: 'rollback' })), undefined);
    assert.equal(gate.answer(questionWith()), undefined);
  }
});

test('where no signatures are asked for, a release needs no key', () => {
  const hint = (signatures: 'strict' | 'none') => {
    const gates = [{ gate: 'tagged' }] as const;
    const facts = factsWith({ spec: { gates }, trust: { ...trustDefaults, signatures } });
    const answer = taggedGate.answer(questionWith({ facts, release: releaseWith(2, {}) }));
    return answer?.answer === 'waiting' ? answer.unblock : undefined;
  };
  assert.equal(hint('strict'), 'liftlock release sign 2');
  assert.match(hint('none')!, /^git tag v1\.0\.0 [0-9a-f]{10}, and push it$/);
});
