/** A canary led by servers of others: judged by what their logs tell, led back when it fails, with requests that never stop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../world/make.ts';
import { missingProgram } from '../world/traffic-programs.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage } from './rollout-stage.ts';

const canary = `
      strategy: canary
      keep: 2s
      analysis: { minRequests: 20, warmUp: 200ms, p99: 5s, dryRun: [latency] }
      users: none
      steps:
        - { step: weight, percent: 20, for: 1s }
        - { step: weight, percent: 50, for: 1s }`;

for (const by of ['nginx', 'caddy'] as const)
  test(
    `${by} leads a canary: a good release takes over, a bad one is caught`,
    {
      timeout: 180_000,
      skip: missingProgram(by) ?? false,
    },
    async (t) => {
      const stage = await makeRolloutStage(canary, { more: `    traffic: ${by}\n` });
      let requests: Load | undefined;
      try {
        assert.equal((await stage.ended(await stage.promote(await stage.release()))).outcome, 'succeeded');
        requests = load(stage.url(), { connections: 8, pauseMs: 5 });
        const good = await stage.ended(await stage.promote(await stage.release()));
        const rollout = await stage.rollout();
        assert.equal(good.outcome, 'succeeded', good.reason);
        assert.ok(rollout.ofNew.requests > 20 && rollout.ofStable.requests > 20, JSON.stringify(rollout.ofNew));
        const bad = await stage.release({ errors: 2 });
        const { outcome, reason } = await stage.ended(await stage.promote(bad));
        const ofBad = () => requests!.counts[`500 release ${bad}`] ?? 0;
        await requests.settled();
        const [atTheEnd, asked] = [ofBad(), requests.answered];
        await until(() => requests!.answered > asked + 100, 'more requests', 20_000);
        await requests.stop();
        assert.equal(outcome, 'failed');
        assert.match(
          reason,
          /of its requests failed, 0 % of the stable release's.*all requests are back on release #2/s,
        );
        assert.equal(ofBad(), atTheEnd, 'nobody is led to it any more');
        const { answered } = requests;
        t.diagnostic(`${requests.failed} of ${answered + requests.failed} requests were cut off`);
        // Once for each connection, when a release came or went, at most.
        assert.ok(requests.failed <= 8 * 4, `${requests.failed} of ${answered}`);
      } finally {
        await requests?.stop();
        await stage.remove();
      }
    },
  );
