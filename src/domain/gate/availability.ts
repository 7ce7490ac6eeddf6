/** May this release enter this environment at all? (R1–R6, R10) */
import { between, isoTime, plus, type Duration, type Instant } from '../base/time.ts';
import type { ReleaseFacts, UpstreamFacts } from '../promotion/facts.ts';
import type { EnvironmentSpec } from '../pipeline/environment.ts';
import { closed, lookAgain, open, roughly, waiting, type Answer, type Gate } from './gate.ts';

/** R1, R2, R3: verified in all (or any) of the environments before this one, by the latest verdict. */
export const availableGate: Gate = {
  name: 'available',
  asks: 'facts',
  answer({ facts: { spec }, release, kind }) {
    if (kind === 'rollback') return open('a rollback goes to a release that was verified here');
    return availability(spec, release);
  },
};

/** The answer of R1–R3 by itself, for one release and one environment. Pure and cheap: asked for every pair. */
export function availability(spec: EnvironmentSpec, release: ReleaseFacts): Answer {
  const { mode, environments } = spec.after;
  if (environments.length === 0) return open('no environment comes before this one');
  const passed = release.upstream.filter((upstream) => upstream.verified?.verdict === 'PASS');
  const enough = mode === 'all' ? passed.length === environments.length : passed.length > 0;
  if (enough) return open(`verified in ${passed.map((upstream) => upstream.environment).join(' and ')}`);
  const missing = release.upstream.filter((upstream) => upstream.verified?.verdict !== 'PASS');
  const sentences = missing.map((upstream) => missingVerification(upstream, release.number));
  const revoked = missing.some((upstream) => upstream.verified?.verdict === 'FAIL');
  const because = sentences.join(mode === 'all' ? '; ' : '; and ');
  const names = missing.map((upstream) => upstream.environment).join(mode === 'all' ? ' and ' : ' or ');
  const unblock = `verify it in ${names}`;
  const hopeless =
    revoked &&
    (mode === 'all' || (passed.length === 0 && missing.every((upstream) => upstream.verified?.verdict === 'FAIL')));
  return hopeless ? closed(because, `${unblock}, or promote a newer release`) : waiting('upstream', because, unblock);
}

function missingVerification(upstream: UpstreamFacts, number: number): string {
  const { environment, verified } = upstream;
  if (verified === undefined) return `release #${number} has not been verified in ${environment}`;
  if (verified.verdict === 'FAIL')
    return `release #${number} failed its verification in ${environment}: ${verified.reason}`;
  return `verification of release #${number} in ${environment} is inconclusive: ${verified.reason}`;
}

/** R4: continuous occupancy of the upstream environment since its verification. */
export const soakGate: Gate = {
  name: 'soak',
  asks: 'facts',
  answer({ facts: { spec, now }, release, kind }) {
    const required = spec.gates.find((gate) => gate.gate === 'soak');
    if (required === undefined || kind === 'rollback') return undefined;
    const answers = release.upstream
      .filter((upstream) => upstream.verified?.verdict === 'PASS')
      .map((upstream) => soak(upstream, required.for, now));
    if (answers.length === 0)
      return waiting(
        'upstream',
        `soak of ${roughly(required.for)} has not started`,
        `verify it in ${spec.after.environments.join(' and ')}`,
      );
    // `all` waits for the last of them to open, `any` for the first.
    const inOrder = answers.toSorted((left, right) => opensAt(left) - opensAt(right));
    return spec.after.mode === 'any' ? inOrder[0] : inOrder.at(-1);
  },
};

/** Time counted towards a soak: from the later of deployment and verification to now, or to when it was replaced. */
export function soakedFor(upstream: UpstreamFacts, now: Instant): Duration {
  const { verified, occupied } = upstream;
  if (verified?.verdict !== 'PASS' || occupied === undefined) return 0 as Duration;
  const from = Math.max(occupied.from, verified.since) as Instant;
  return between(from, occupied.until ?? now);
}

function soak(upstream: UpstreamFacts, required: Duration, now: Instant): Answer {
  const done = soakedFor(upstream, now);
  if (done >= required) return open(`soaked ${roughly(done)} in ${upstream.environment}`);
  const { occupied } = upstream;
  if (occupied === undefined || occupied.until !== undefined) {
    return waiting(
      'upstream',
      `soaked ${roughly(done)} of ${roughly(required)} in ${upstream.environment}, then another release replaced it`,
      `promote it to ${upstream.environment} again, or promote the newer release`,
    );
  }
  const ready = plus(now, (required - done) as Duration);
  const soaking = `soaked ${roughly(done)} of ${roughly(required)} in ${upstream.environment}`;
  return lookAgain(ready, waiting('time', soaking, `wait until ${isoTime(ready)}`));
}

function opensAt(answer: Answer): number {
  if (answer.answer === 'open') return Number.NEGATIVE_INFINITY;
  return answer.answer === 'waiting' && answer.askAgainAt !== undefined ? answer.askAgainAt : Number.MAX_VALUE;
}

/** R4: an upstream success that is too old no longer counts. */
export const freshGate: Gate = {
  name: 'fresh',
  asks: 'facts',
  answer({ facts: { spec, now }, release, kind }) {
    const required = spec.gates.find((gate) => gate.gate === 'fresh');
    if (required === undefined || kind === 'rollback') return undefined;
    const passed = release.upstream.filter((upstream) => upstream.verified?.verdict === 'PASS');
    const stale = passed.filter((upstream) => between(upstream.verified!.at, now) > required.within);
    const enough = spec.after.mode === 'any' ? stale.length < passed.length : stale.length === 0;
    if (passed.length > 0 && enough) return open(`verified within the last ${roughly(required.within)}`);
    if (passed.length === 0)
      return waiting(
        'upstream',
        'nothing has been verified yet',
        `verify it in ${spec.after.environments.join(' and ')}`,
      );
    const [oldest] = stale;
    return closed(
      `verified in ${oldest!.environment} ${roughly(between(oldest!.verified!.at, now))} ago; at most ${roughly(required.within)} is allowed`,
      `liftlock reverify ${oldest!.environment}, then promote again`,
    );
  },
};

/** R6: automation goes forward only. */
export const forwardGate: Gate = {
  name: 'forward',
  asks: 'facts',
  answer({ facts: { running, spec }, release, origin }) {
    if (origin.by !== 'trigger' || running === undefined || running.number <= release.number) return undefined;
    return closed(
      `${spec.name} already runs the newer release #${running.number}`,
      `liftlock rollback ${spec.name} to go back`,
    );
  },
};
