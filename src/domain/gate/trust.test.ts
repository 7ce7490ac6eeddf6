import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsWith, questionWith, releaseWith, triggered } from '../../../test/make/facts.ts';
import type { JudgementId } from '../base/id.ts';
import { environmentKinds, type EnvironmentKind } from '../pipeline/environment.ts';
import type { SignatureMode } from '../pipeline/trust.ts';
import type { JudgedRef } from '../promotion/facts.ts';
import { failed, passed } from '../trigger/check.ts';
import { trustGate } from './trust.ts';

const unsigned = failed('UNSIGNED', 'commit 4f2a carries no signature', 'sign it');

function judgedAs(changes: Partial<JudgedRef> = {}): JudgedRef {
  return {
    judgement: 'jdg_1' as JudgementId,
    class: 'staging',
    ref: 'refs/heads/main',
    accepted: true,
    basis: 'maintainer-signature',
    checks: [passed('UNSIGNED', 'it carries one')],
    signer: 'mara',
    vouchedBy: ['mara'],
    ...changes,
  };
}

function ask(
  judged: readonly JudgedRef[],
  { kind = 'staging', signatures = 'strict', ...changes }: Wish = {},
): ReturnType<typeof trustGate.answer> {
  const facts = factsWith({ spec: { kind } });
  return trustGate.answer(
    questionWith({
      facts: { ...facts, trust: { ...facts.trust, signatures } },
      release: releaseWith(2, { judged }),
      ...changes,
    }),
  );
}

type Wish = Omit<NonNullable<Parameters<typeof questionWith>[0]>, 'kind'> & {
  readonly kind?: EnvironmentKind;
  readonly signatures?: SignatureMode;
};

test('from staging on an accepted commit of main is asked for, before staging nothing', () => {
  for (const kind of environmentKinds) {
    const guarded = kind === 'staging' || kind === 'production' || kind === 'disaster-recovery';
    const facts = { facts: factsWith({ spec: { kind } }) };
    const strict = { ...facts.facts, trust: { ...facts.facts.trust, signatures: 'strict' as const } };
    const answer = trustGate.answer(questionWith({ facts: strict, release: releaseWith(2, { judged: [] }) }));
    assert.equal(answer?.answer, guarded ? 'closed' : undefined, kind);
  }
});

test('signatures: none lets everything through and says so', () => {
  const answer = ask([], { signatures: 'none' });
  assert.equal(answer?.answer, 'open');
  assert.match(answer!.because, /trust\.signatures: none/);
});

test('an accepted commit is open with its signer, and a platform`s merge is never called signed by a person', () => {
  assert.match(ask([judgedAs()])!.because, /signed by mara, maintainer/);
  const hosted = judgedAs({ basis: 'hosted-acceptance', signer: 'forge.example' });
  const { because } = ask([hosted], { signatures: 'hosted' })!;
  assert.match(because, /signed by the platform forge\.example, accepted here by mara; no person signed it/);
});

test('a refused commit is closed for a person as for a trigger, with code, sentence and hint', () => {
  for (const origin of [triggered(2), { by: 'person', actor: 'ann' }] as const) {
    const answer = ask([judgedAs({ accepted: false, basis: undefined, checks: [unsigned] })], { origin });
    assert.equal(answer?.answer, 'closed');
    assert.match(answer.because, /UNSIGNED: commit 4f2a carries no signature/);
    assert.equal(answer.answer === 'closed' && answer.unblock, 'sign it');
  }
});

test('what was accepted and no longer counts is closed, although all of its checks had passed', () => {
  const answer = ask([judgedAs({ accepted: false })]);
  assert.equal(answer?.answer, 'closed');
  assert.match(answer.because, /no longer holds/);
});

test('a tag that is refused now stops what it started, although the commit is accepted', () => {
  const tag = judgedAs({ class: 'production', ref: 'refs/tags/v1.2.0', accepted: false, checks: [unsigned] });
  const origin = { by: 'trigger', trigger: 'tag', key: `tag:v1.2.0:${'c'.repeat(40)}` } as const;
  const answer = ask([judgedAs(), tag], { kind: 'production', origin });
  assert.equal(answer?.answer, 'closed');
  assert.match(answer.because, /^v1\.2\.0 starts nothing any more: UNSIGNED/);
  assert.equal(
    ask([judgedAs(), tag], { kind: 'production' })?.answer,
    'open',
    'another trigger does not rest on the tag',
  );
});

test('R36: a rollback goes to what was verified here, whatever became of its signer', () => {
  const facts = factsWith({ spec: { kind: 'production' } });
  const strict = { ...facts, trust: { ...facts.trust, signatures: 'strict' as const } };
  const question = questionWith({ facts: strict, release: releaseWith(2, { judged: [] }) });
  assert.equal(trustGate.answer({ ...question, kind: 'rollback' })?.answer, 'open');
});
