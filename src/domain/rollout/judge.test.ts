import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PromotionId } from '../base/id.ts';
import { instant, type Duration } from '../base/time.ts';
import { emptySample, type Sample } from '../observation/sample.ts';
import { usualLimits } from '../pipeline/metric-spec.ts';
import type { AnalysisSpec } from '../pipeline/rollout-spec.ts';
import type { MeasurementWord } from '../verdict/analysis.ts';
import { freshComparison, observe, type Comparison } from '../verdict/comparison.ts';
import { judge, measure, verdictOf, withSpan, type Span } from './judge.ts';
import { beginRollout, type Reading } from './rollout.ts';
import { withTurns } from './tally.ts';

const spec: AnalysisSpec = { alpha: 0.01, minRequests: 50, warmUp: 10_000 as Duration, dryRun: [] };

function sample(requests: number, failures = 0, bucket = 100): Sample {
  return { requests, failures, latency: { counts: { [bucket]: requests } } };
}

function counted(ofNew: Sample, ofStable: Sample): Comparison {
  return observe(freshComparison, { ofNew: { all: ofNew }, ofStable: { all: ofStable } });
}

test('R35: without requests enough there is nothing to say', () => {
  assert.equal(judge(freshComparison, spec).says, 'no-data');
  assert.equal(judge(counted(sample(49), sample(1_000)), spec).says, 'no-data');
  assert.equal(judge(counted(sample(1_000), sample(49)), spec).says, 'no-data');
  assert.equal(judge(counted(sample(50), sample(50)), spec).says, 'fine');
});

test('a release that fails where the stable one does not is worse, and a dry run only says so', () => {
  const bad = counted(sample(200, 40), sample(1_800));
  assert.equal(judge(bad, spec).says, 'worse');
  const dry = judge(bad, { ...spec, dryRun: ['errors'] });
  assert.equal(dry.says, 'fine');
  assert.match(dry.ignored.join(), /20 % of its requests failed/);
});

test('a limit holds whatever the stable release does', () => {
  const both = counted(sample(500, 50), sample(500, 50));
  assert.equal(judge(both, spec).says, 'fine');
  const limited = judge(both, { ...spec, errorRate: 0.05 });
  assert.equal(limited.says, 'worse');
  assert.match(limited.because, /10 % of its requests failed, its limit is 5 %/);
  assert.equal(judge(both, { ...spec, errorRate: 0.1 }).says, 'fine', 'a limit is what is tolerated');
});

test('client errors have a limit of their own, and a dry run only says what it would have done', () => {
  const refusing = (requests: number, count: number) => ({ ...sample(requests), clientErrors: count });
  const both = counted(refusing(500, 150), refusing(500, 150));
  assert.equal(judge(both, spec).says, 'fine');
  const limited = judge(both, { ...spec, clientErrorRate: 0.2 });
  assert.equal(limited.says, 'worse');
  assert.match(limited.because, /^30 % of its requests were answered with 4xx, its limit is 20 %$/);
  assert.equal(judge(both, { ...spec, clientErrorRate: 0.3 }).says, 'fine', 'a limit is what is tolerated');
  const bad = counted(refusing(200, 200), refusing(1_800, 10));
  assert.equal(judge(bad, spec).says, 'worse');
  const dry = judge(bad, { ...spec, dryRun: ['clientErrors'] });
  assert.equal(dry.says, 'fine');
  assert.match(dry.ignored.join(), /100 % of its requests were answered with 4xx/);
});

test('a limit of response times is told with the time', () => {
  const slow = counted(sample(100, 0, 400), sample(100, 0, 400));
  assert.equal(judge(slow, spec).says, 'fine');
  const limited = judge(slow, { ...spec, p99: 100 as Duration });
  assert.match(limited.because, /^the p99 of the new release is \d+ ms, its limit is 100 ms$/);
  assert.equal(judge(slow, { ...spec, p95: 100 as Duration, dryRun: ['latency'] }).says, 'fine');
});

const part = fc.record({
  requests: fc.integer({ min: 0, max: 300 }),
  failures: fc.integer({ min: 0, max: 5 }),
  bucket: fc.integer({ min: 0, max: 700 }),
});

test('what is stored of each span leads to the same verdict when it is computed again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part), { maxLength: 30 }), (parts) => {
      const plan = {
        strategy: 'canary',
        steps: [],
        analysis: { ...spec, warmUp: 0 as Duration },
        users: 'none',
      } as const;
      let rollout = beginRollout('prm_1' as PromotionId, plan, instant(0));
      let reading: Reading = { counter: 'one', ofNew: {}, ofStable: {} };
      const spans: Span[] = [];
      const grown = (
        before: Sample = emptySample,
        { requests, failures, bucket }: (typeof parts)[number][0],
      ): Sample => ({
        requests: before.requests + requests,
        failures: before.failures + Math.min(requests, failures),
        latency: { counts: { ...before.latency.counts, [bucket]: (before.latency.counts[bucket] ?? 0) + requests } },
      });
      for (const [index, [ofNew, ofStable]] of parts.entries()) {
        reading = {
          counter: 'one',
          ofNew: { all: grown(reading.ofNew['all'], ofNew) },
          ofStable: { all: grown(reading.ofStable['all'], ofStable) },
        };
        const measured = measure(rollout, reading, instant(index * 1_000));
        rollout = measured.rollout;
        spans.push(JSON.parse(JSON.stringify(measured.span)) as Span);
      }
      const again = spans.reduce(withSpan, freshComparison);
      assert.deepEqual(judge(again, spec), judge(rollout.comparison, spec));
      assert.deepEqual(again, rollout.comparison);
    }),
  );
});

test('requests during the warm-up are not judged, those of the stable release are remembered', () => {
  const plan = { strategy: 'canary', steps: [], analysis: spec, users: 'none' } as const;
  const read = (ofNew: Sample, ofStable: Sample): Reading => ({
    counter: 'one',
    ofNew: { all: ofNew },
    ofStable: { all: ofStable },
  });
  let rollout = beginRollout('prm_1' as PromotionId, plan, instant(0));
  rollout = measure(rollout, read(emptySample, sample(100)), instant(0)).rollout;
  rollout = measure(rollout, read(sample(10, 10), sample(200)), instant(1_000)).rollout;
  assert.equal(rollout.firstRequestAt, 1_000);
  const warming = measure(rollout, read(sample(20, 20), sample(300)), instant(10_999));
  assert.deepEqual([warming.span.ofNew, warming.span.unjudged], [{}, { all: sample(10, 10) }], 'but they are shown');
  rollout = warming.rollout;
  assert.equal(rollout.comparison.ofNew.requests, 0);
  rollout = measure(rollout, read(sample(120, 20), sample(400)), instant(11_000)).rollout;
  assert.deepEqual([rollout.comparison.ofNew.requests, rollout.comparison.ofNew.failures], [100, 0]);
  assert.equal(rollout.comparison.ofStable.requests, 300);
});

test('an edge that began to count anew has lost nothing that came after', () => {
  const plan = { strategy: 'canary', steps: [], analysis: 'none', users: 'none' } as const;
  let rollout = beginRollout('prm_1' as PromotionId, plan, instant(0));
  const read = (counter: string, requests: number): Reading => ({
    counter,
    ofNew: { all: sample(requests) },
    ofStable: { all: sample(requests) },
  });
  rollout = measure(rollout, read('one', 500), instant(0)).rollout;
  rollout = measure(rollout, read('two', 30), instant(1_000)).rollout;
  rollout = measure(rollout, read('two', 70), instant(2_000)).rollout;
  assert.equal(rollout.comparison.ofNew.requests, 70);
});

/** At the end of its only step, without a difference in what was counted; each metric was measured once. */
function together(words: Readonly<Record<string, MeasurementWord>>, dryRun: readonly string[] = []) {
  const second = 1_000 as Duration;
  const metrics = Object.keys(words).map((name) => ({
    name,
    source: { from: 'command', run: './look', read: 'exit-code' } as const,
    every: second,
    delay: second,
    timeout: second,
    limits: { ...usualLimits, inconclusives: 0 },
    dryRun: dryRun.includes(name),
  }));
  const plan = {
    strategy: 'canary',
    steps: [{ step: 'weight', percent: 50, for: second }],
    analysis: { ...spec, metrics },
    users: 'none',
  } as const;
  const rollout = beginRollout('prm_1' as PromotionId, plan, instant(0));
  const turns = Object.entries(words).map(([metric, says]) => ({ metric, turn: 0, dueAt: instant(1_000), says }));
  return verdictOf(withTurns({ ...rollout, comparison: counted(sample(500), sample(500)) }, turns), true)!;
}

test('only a metric that decides decides; a dry run is shown and changes nothing', () => {
  const shown = together({ lag: 'success', latency: 'failure' }, ['latency']);
  assert.deepEqual([shown.says, shown.ignored], ['fine', ['latency: 1 failures, 0 are tolerated']]);
  assert.equal(together({ latency: 'failure' }, ['latency']).says, 'fine', 'what was counted decides alone');
});

test('R35: a failure of one metric dominates what nobody can tell by another, and that dominates a success', () => {
  const all = together({ a: 'success', b: 'failure', c: 'inconclusive' });
  assert.deepEqual([all.says, all.because], ['worse', 'b: 1 failures, 0 are tolerated']);
  assert.equal(together({ a: 'success', c: 'inconclusive' }).says, 'no-data');
  assert.equal(together({ a: 'success' }).says, 'fine');
});
