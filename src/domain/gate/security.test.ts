import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evidenceOf, factsWith, hour, later, minute, questionWith, releaseWith } from '../../../test/make/facts.ts';
import type { Duration } from '../base/time.ts';
import { severityLimits, type SecurityGateSpec } from '../pipeline/gate-spec.ts';
import type { Suppression } from '../promotion/proof.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import { severities, type Finding, type FindingDetails, type Severity } from '../release/evidence-details.ts';
import { securityGate } from './security.ts';

const policy: SecurityGateSpec = {
  gate: 'security',
  failAt: 'high',
  tools: [],
  within: (24 * hour) as Duration,
  claimed: 'refused',
};
const finding = (id: string, severity: Severity, changes: Partial<Finding> = {}): Finding => ({
  id,
  severity,
  title: '',
  where: undefined,
  score: undefined,
  suppressed: undefined,
  ...changes,
});
const none = Object.fromEntries(severities.map((severity) => [severity, 0])) as FindingDetails['bySeverity'];
const scan = (
  findings: readonly Finding[],
  changes: Partial<EvidenceFact> = {},
  details: Partial<FindingDetails> = {},
) =>
  evidenceOf('scan', {
    name: 'trivy',
    details: {
      of: 'findings',
      tool: 'trivy',
      bySeverity: none,
      findings,
      complete: true,
      looked: 1,
      suppressed: 0,
      ...details,
    },
    ...changes,
  });
const asked = (
  evidence: readonly EvidenceFact[],
  changes: { suppressions?: readonly Suppression[]; policy?: Partial<SecurityGateSpec> } = {},
) =>
  securityGate.answer(
    questionWith({
      facts: factsWith({
        spec: { gates: [{ ...policy, ...changes.policy }] },
        suppressions: changes.suppressions ?? [],
      }),
      release: releaseWith(2, { evidence }),
    }),
  );
const accepted = (id: string, until: number): Suppression => ({
  finding: id,
  owner: 'sue',
  reason: 'not reachable',
  until: later(until),
});

test('R20: no scan is no pass, and neither is one that could not tell', () => {
  assert.match(asked([])!.because, /no security scan of release #2/);
  const unsure = scan([], { verdict: 'INCONCLUSIVE', summary: 'the registry was away' });
  assert.match(asked([unsure])!.because, /trivy is INCONCLUSIVE: the registry was away/);
});

test('a finding blocks exactly when it is as severe as the policy says or worse; unrated ones always, remarks never', () => {
  fc.assert(
    fc.property(fc.constantFrom(...severities), fc.constantFrom(...severityLimits), (severity, failAt) => {
      const answer = asked([scan([finding('CVE-1', severity)])], { policy: { failAt } });
      const blocks =
        severity === 'unknown' ||
        (severity !== 'info' && severityLimits.indexOf(severity) >= severityLimits.indexOf(failAt));
      assert.equal(answer?.answer, blocks ? 'waiting' : 'open');
      if (answer?.answer === 'waiting') assert.match(answer.unblock, /liftlock suppress CVE-1 --until/);
    }),
  );
});

test('a finding that somebody answers for does not block until the time is over, and both are told', () => {
  const report = scan([finding('CVE-1', 'critical', { title: 'overflow' })]);
  const open = asked([report], { suppressions: [accepted('CVE-1', hour)] });
  assert.equal(open?.answer, 'open');
  assert.match(open!.because, /CVE-1 accepted by sue until 2026-03-04T13:00Z/);
  const over = asked([report], { suppressions: [accepted('CVE-1', -minute)] });
  assert.equal(over?.answer, 'waiting');
  assert.match(over!.because, /CVE-1 \(critical, overflow\), accepted by sue until .*, which is over/);
  assert.equal(asked([report], { suppressions: [accepted('CVE-2', hour)] })?.answer, 'waiting');
});

test('what only the report itself suppresses still blocks', () => {
  const answer = asked([scan([finding('CVE-1', 'high', { suppressed: { because: 'inline comment' } })])]);
  assert.equal(answer?.answer, 'waiting');
  assert.match(answer!.because, /suppressed in the report, but nobody answers for it here/);
});

test('findings that a report only counts block as well', () => {
  const counted = scan(
    [finding('CVE-1', 'high')],
    {},
    { complete: false, bySeverity: { ...none, high: 3, critical: 1 } },
  );
  const answer = asked([counted], { suppressions: [accepted('CVE-1', hour)] });
  assert.equal(answer?.answer, 'waiting');
  assert.match(answer!.because, /3 more high or worse, which its report does not list/);
});

test('every tool that must have looked must have, by name of tool or of evidence', () => {
  const answer = asked([scan([], { name: 'image' })], { policy: { tools: ['trivy', 'npm audit'] } });
  assert.equal(answer?.answer, 'waiting');
  assert.match(answer!.because, /^npm audit has not looked/);
  const audit = evidenceOf('audit', { name: 'npm audit', details: undefined });
  assert.equal(asked([scan([]), audit], { policy: { tools: ['trivy', 'npm audit'] } })?.answer, 'open');
});

test('a scan that is too old or only claimed does not count, and the answer says why', () => {
  assert.match(asked([scan([], { at: later(-25 * hour) })])!.because, /trivy is 25 h old/);
  const claimed = scan([], { standing: 'claimed', by: 'ann' });
  assert.match(asked([claimed])!.because, /only claimed/);
  assert.equal(asked([claimed], { policy: { claimed: 'allowed' } })?.answer, 'open');
});
