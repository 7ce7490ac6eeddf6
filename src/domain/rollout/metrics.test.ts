import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { always, moment, plan, play } from '../../../test/make/rollout.ts';
import type { MetricSpec } from '../pipeline/metric-spec.ts';
import type { AnalysisSpec } from '../pipeline/rollout-spec.ts';
import { analyseMetrics, metricsOf } from './metrics.ts';
import type { Rollout } from './rollout.ts';

test('R14: more failures of a metric than are tolerated lead back, whatever else was measured; a stop comes first', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen) {
      const failed = deciding(before).some(({ says }) => says === 'failure');
      const open = before.state.is === 'going' || before.state.is === 'paused';
      if (!failed || !open) continue;
      assert.equal(decision.do, 'return');
      if (facts.stop === undefined && facts.fresh.is === 'serves')
        assert.match(decision.do === 'return' ? decision.because : '', /failures, \d are tolerated/);
    }
  });
});

test('R35: it takes over by itself only after every metric that decides came to its successes', () => {
  always((seen) => {
    for (const { before, decision, facts, turns } of seen) {
      const here = before.steps[before.at];
      if (decision.do !== 'finish' || before.state.is !== 'going' || facts.stable !== 'serves') continue;
      if (here?.step !== 'weight' && here?.step !== 'group') continue;
      for (const { name, limits, dryRun } of metricsOf(before)) {
        const good = turns.filter((turn) => turn.metric === name && turn.says === 'success').length;
        if (!dryRun) assert.ok(good >= Math.max(1, limits.successes), `${name}: ${good}`);
      }
    }
  });
});

test('R13: a meter that is broken, or has no data, never leads back', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen) {
      if (decision.do !== 'return' || before.state.is === 'returned') continue;
      if (facts.stop !== undefined || facts.fresh.is === 'down' || facts.check?.says === 'no') continue;
      const failed = deciding(before).some(({ says }) => says === 'failure');
      assert.ok(failed || before.comparison.ofNew.failures > 0, decision.because);
    }
  });
});

test('a metric that is a dry run changes no decision', () => {
  fc.assert(
    fc.property(plan, fc.array(moment, { maxLength: 60 }), (made, moments) => {
      if (made.analysis === 'none') return;
      const dry = (made.analysis.metrics ?? []).map((one) => ({ ...one, dryRun: true }));
      const decisions = (measured: readonly MetricSpec[]) =>
        play({ ...made, analysis: { ...(made.analysis as AnalysisSpec), metrics: measured } }, moments).map(
          ({ decision }) => decision,
        );
      assert.deepEqual(decisions(dry), decisions([]));
    }),
  );
});

test('a metric is measured once for a turn, one turn at a time, and never before it is due', () => {
  always((seen) => {
    for (const { facts, turns } of seen) {
      const names = turns.map(({ metric: name, turn }) => `${name} ${turn}`);
      assert.equal(new Set(names).size, names.length);
      const open = turns.filter(({ says }) => says === undefined).map(({ metric: name }) => name);
      assert.equal(new Set(open).size, open.length);
      assert.ok(turns.every(({ dueAt }) => dueAt <= facts.now));
    }
  });
});

function deciding(rollout: Rollout) {
  return analyseMetrics(rollout, false).filter(({ dryRun }) => !dryRun);
}
