import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../base/time.ts';
import { environmentKinds, type EnvironmentKind } from '../pipeline/environment.ts';
import { noticeOf, toldKinds, type Told } from './notice.ts';
import { severities } from './severity.ts';

const told = (kind: string, environmentKind?: EnvironmentKind, changes: Partial<Told> = {}): Told => ({
  kind,
  data: {},
  at: instant(1_000),
  environmentKind,
  ran: true,
  ...changes,
});
const serving = ['production', 'disaster-recovery'] as const;

test('where users are, everything that went wrong with a deployment is a page', () => {
  for (const kind of serving) {
    for (const outcome of ['failed', 'errored', 'inconclusive', 'aborted'])
      assert.equal(noticeOf(told('promotion.ended', kind, { data: { outcome } }))?.severity, 'page', outcome);
    assert.equal(noticeOf(told('promotion.requested', kind, { data: { rollback: true } }))?.severity, 'page');
    assert.equal(noticeOf(told('promotion.requested', kind, { data: { rollbackOf: 'prm_1' } }))?.severity, 'page');
    assert.equal(noticeOf(told('rollout.returned', kind))?.severity, 'page');
  }
});

test('a person is paged whenever automation has stopped, and when the audit log was changed, wherever that is', () => {
  for (const kind of [...environmentKinds, undefined])
    for (const event of ['environment.paged', 'audit.inconsistent'])
      assert.equal(noticeOf(told(event, kind))?.severity, 'page', `${event} in ${kind}`);
});

test('elsewhere a failure pages nobody, and what only waited may be withdrawn without a page', () => {
  for (const kind of environmentKinds.filter((one) => !serving.includes(one as never)))
    assert.notEqual(noticeOf(told('promotion.ended', kind, { data: { outcome: 'failed' } }))?.severity, 'page', kind);
  const withdrawn = told('promotion.ended', 'production', { data: { outcome: 'aborted' }, ran: false });
  assert.equal(noticeOf(withdrawn)?.severity, 'info');
});

test('an approval that waits asks those who could decide, and never pages', () => {
  for (const kind of environmentKinds) {
    const notice = noticeOf(told('promotion.approval-asked', kind));
    assert.equal(notice?.asks, true);
    assert.notEqual(notice?.severity, 'page');
  }
});

test('what moves as it should is not told: starts, phases, ordinary requests, promotions that a newer one replaced', () => {
  for (const kind of ['promotion.started', 'promotion.phase-entered', 'release.created', 'token.created', 'x'])
    assert.equal(noticeOf(told(kind, 'production')), undefined);
  assert.equal(noticeOf(told('promotion.requested', 'production')), undefined);
  assert.equal(noticeOf(told('promotion.ended', 'production', { data: { outcome: 'superseded' } })), undefined);
});

test('R27: a freeze that begins later is told as one to come', () => {
  const summaryOf = (from: number) => noticeOf(told('freeze.set', undefined, { data: { from } }))?.summary;
  assert.deepEqual([999, 1_000, 1_001].map(summaryOf), [
    'promotions are frozen',
    'promotions are frozen',
    'promotions will be frozen',
  ]);
});

test('a service that does not answer is a page where users are, once for an incident, and so is one that no start mends', () => {
  for (const kind of serving) {
    assert.equal(noticeOf(told('environment.down', kind))?.severity, 'page');
    assert.equal(noticeOf(told('environment.unwell', kind))?.severity, 'page');
  }
  assert.equal(noticeOf(told('environment.unwell', 'staging'))?.severity, 'warning');
  for (const event of ['down', 'still-down', 'healed', 'degraded', 'still-degraded', 'mended'])
    assert.equal(noticeOf(told(`environment.${event}`, 'production', { data: { again: true } })), undefined, event);
});

test('any event of a told kind gives one of three severities and a sentence of one line, whatever its data are', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...toldKinds()),
      fc.constantFrom(...environmentKinds, undefined),
      fc.dictionary(fc.constantFrom('outcome', 'rollback', 'reason'), fc.oneof(fc.string(), fc.boolean())),
      fc.boolean(),
      (kind, environmentKind, data, ran) => {
        const notice = noticeOf(told(kind, environmentKind, { data, ran }));
        if (notice === undefined) return;
        assert.ok(severities.includes(notice.severity));
        assert.match(notice.summary, /^[^\n]{5,80}$/);
      },
    ),
  );
});

test('where users are nothing is told less urgently than in development', () => {
  const rank = (what: Told) => severities.indexOf(noticeOf(what)?.severity ?? 'info');
  fc.assert(
    fc.property(
      fc.constantFrom(...toldKinds()),
      fc.record({ outcome: fc.constantFrom('succeeded', 'failed', 'errored', 'inconclusive', 'aborted', 'refused') }),
      fc.boolean(),
      (kind, data, ran) =>
        rank(told(kind, 'production', { data, ran })) >= rank(told(kind, 'development', { data, ran })),
    ),
  );
});
