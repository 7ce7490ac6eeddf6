import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PromotionId } from '../base/id.ts';
import { instant, plus, type Duration } from '../base/time.ts';
import { emptySample, type Sample } from '../observation/sample.ts';
import { parseCondition } from '../pipeline/condition.ts';
import { usualLimits } from '../pipeline/metric-spec.ts';
import { wordOf } from '../verdict/metric.ts';
import { measure, verdictOf } from './judge.ts';
import {
  beginRecomputation,
  ended,
  withMeasured,
  withMore,
  type MeasuredAgain,
  type RecordedVerdict,
} from './recompute.ts';
import { beginRollout, type Reading, type Rollout, type RolloutPlan } from './rollout.ts';
import type { Look } from './series.ts';
import { withTurns } from './tally.ts';

const second = 1_000 as Duration;
const metric = {
  name: 'lag',
  source: { from: 'command', run: './lag', read: 'number' },
  every: second,
  delay: second,
  timeout: second,
  success: parseCondition('<= 5')!,
  limits: { ...usualLimits, failures: 1 },
  dryRun: false,
} as const;
const plan: RolloutPlan = {
  strategy: 'canary',
  steps: [{ step: 'weight', percent: 50, for: second }],
  analysis: { alpha: 0.01, minRequests: 20, warmUp: second, dryRun: [], metrics: [metric] },
  users: 'none',
};

interface Moment {
  readonly ofNew: number;
  readonly ofStable: number;
  readonly failures: number;
  /** 4xx; an older version, which an upgrade replaced in the middle, did not count them. */
  readonly refused?: number | undefined;
  readonly bucket: number;
  readonly value: number;
  readonly recorded: boolean;
}

const moment: fc.Arbitrary<Moment> = fc.record({
  ofNew: fc.nat(60),
  ofStable: fc.nat(60),
  failures: fc.nat(3),
  refused: fc.nat(5),
  bucket: fc.nat(700),
  value: fc.nat(8),
  recorded: fc.boolean(),
});

interface History {
  readonly rollout: Rollout;
  readonly looks: readonly Look[];
  readonly turns: readonly MeasuredAgain[];
  readonly verdicts: readonly RecordedVerdict[];
}

/** As it is recorded: what is written and read again is JSON. */
function play(moments: readonly Moment[]): History {
  let rollout = beginRollout('prm_1' as PromotionId, plan, instant(0));
  let reading: Reading = { counter: 'one', ofNew: {}, ofStable: {} };
  const looks: Look[] = [];
  const turns: MeasuredAgain[] = [];
  const verdicts: RecordedVerdict[] = [];
  let at = instant(0);
  for (const [turn, now] of moments.entries()) {
    at = plus(at, second);
    const grown = (before: Sample = emptySample, requests: number): Sample => ({
      requests: before.requests + requests,
      failures: before.failures + Math.min(requests, now.failures),
      ...(now.refused === undefined ? {} : { clientErrors: (before.clientErrors ?? 0) + now.refused }),
      latency: {
        counts: { ...before.latency.counts, [now.bucket]: (before.latency.counts[now.bucket] ?? 0) + requests },
      },
    });
    reading = {
      ...reading,
      ofNew: { all: grown(reading.ofNew['all'], now.ofNew) },
      ofStable: { all: grown(reading.ofStable['all'], now.ofStable) },
    };
    const measured = measure(rollout, reading, at);
    rollout = measured.rollout;
    looks.push({ at, span: measured.span, weight: 5_000, step: 0, evidence: undefined });
    const word = wordOf(metric, { value: now.value });
    turns.push({
      metric: 'lag',
      turn,
      dueAt: at,
      says: word.says,
      measured: { reading: { value: now.value }, ...word },
    });
    rollout = withTurns(rollout, turns);
    if (!now.recorded) continue;
    const verdict = verdictOf(rollout, now.bucket > 350);
    verdicts.push({ at, step: 0, decided: 'pause', atEnd: now.bucket > 350, seen: { lag: turn }, verdict });
  }
  return JSON.parse(JSON.stringify({ rollout, looks, turns, verdicts })) as History;
}

function again({ rollout, looks, turns, verdicts }: History, cut = 0) {
  const begun = withMeasured(
    withMeasured(beginRecomputation(rollout, verdicts), turns.slice(0, cut)),
    turns.slice(cut),
  );
  return ended(withMore(withMore(begun, looks.slice(0, cut)), looks.slice(cut)));
}

const history = fc
  .tuple(fc.array(moment, { minLength: 1, maxLength: 40 }), fc.nat(60))
  .map(([moments, upgrade]) => play(moments.map((one, at) => (at < upgrade ? { ...one, refused: undefined } : one))));

test('what was recorded is computed again to the last digit, in whatever pages it is read', () => {
  fc.assert(
    fc.property(history, fc.nat(40), (recorded, cut) => {
      const { inputs, equal, wrong, verdicts } = again(recorded, cut);
      assert.deepEqual([inputs, equal, wrong], ['complete', true, []]);
      assert.equal(verdicts.length, recorded.verdicts.length);
    }),
  );
});

test('a count, a reading, a word or a verdict that was changed is found', () => {
  fc.assert(
    fc.property(history, fc.nat(39), (recorded, place) => {
      const { looks, turns, verdicts } = recorded;
      const at = place % looks.length;
      const instead = <T>(list: readonly T[], index: number, change: (one: T) => T) =>
        list.map((one, now) => (now === index ? change(one) : one));
      // More than any history has in one look, so that it is never what was there.
      const more = { all: { requests: 1_000, failures: 1, latency: { counts: { 5: 1_000 } } } };
      const counted = instead(looks, at, (look) => ({
        ...look,
        span: { ...look.span, known: undefined!, ofStable: more },
      }));
      assert.equal(again({ ...recorded, looks: counted }).equal, false);
      const worded = instead(turns, at, (turn) => ({
        ...turn,
        measured: { ...turn.measured!, says: 'error' as const },
      }));
      assert.equal(again({ ...recorded, turns: worded }).wrong.length, 1);
      const read = instead(turns, at, (turn) => ({
        ...turn,
        measured: { ...turn.measured!, reading: { value: 999 } },
      }));
      assert.equal(again({ ...recorded, turns: read }).equal, false);
      if (verdicts.length === 0) return;
      const told = instead(verdicts, 0, (one) => ({ ...one, verdict: { ...one.verdict!, because: 'nothing' } }));
      assert.equal(again({ ...recorded, verdicts: told }).equal, false);
    }),
  );
});

test('inputs that are gone, or were never whole, are told apart from inputs that say something else', () => {
  const recorded = play([
    { ofNew: 30, ofStable: 30, failures: 0, bucket: 100, value: 1, recorded: true },
    { ofNew: 30, ofStable: 30, failures: 0, bucket: 100, value: 1, recorded: true },
  ]);
  assert.deepEqual(
    [again({ ...recorded, looks: [] }).inputs, again({ ...recorded, looks: [] }).equal],
    ['gone', false],
  );
  assert.equal(again({ ...recorded, looks: recorded.looks.slice(1) }).inputs, 'incomplete');
});
