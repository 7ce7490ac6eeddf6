/** Instances that take the place of others behind servers of others: led one by one, counted, and led back when they fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../world/make.ts';
import { missingProgram } from '../world/traffic-programs.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const connections = 6;
const rolling = '{ strategy: rolling, for: 300ms, analysis: { minRequests: 20, warmUp: 100ms, errorRate: 20% } }';

/** How many requests may be cut off: once for each connection, whenever a configuration is loaded. */
const mostFailed = { haproxy: 0, nginx: connections * 8, caddy: connections * 8 } as const;

export function tryRolling(by: keyof typeof mostFailed): void {
  test(
    `R31: ${by} leads a rolling takeover: a good release gets every instance, a bad one is caught and leaves`,
    { timeout: 180_000, skip: missingProgram(by) ?? false },
    async (t) => {
      const stage = await makeRolloutStage(rolling, { more: `    instances: 2\n    traffic: ${by}\n` });
      let requests: Load | undefined;
      try {
        await stage.ended(await stage.promote(await stage.release()));
        requests = load(stage.url(), { connections, pauseMs: 5 });
        const good = await stage.ended(await stage.promote(await stage.release()));
        assert.equal(good.outcome, 'succeeded', good.reason);
        const steps = (await stage.events('rollout.step-entered')).map(({ data }) => data['what']);
        assert.deepEqual(steps, ['2 of 2 instances are new']);
        const { ofNew, ofStable } = await stage.rollout();
        assert.ok(ofNew.requests > 20 && ofStable.requests > 20, JSON.stringify({ ofNew, ofStable }));
        await leftWith(stage, 2);
        const bad = await stage.ended(await stage.promote(await stage.release({ errors: 2 })));
        assert.equal(bad.outcome, 'failed', bad.reason);
        assert.match(bad.reason, /all requests are back on release #2/);
        await leftWith(stage, 2);
        await requests.settled();
        const atTheEnd = requests.counts['500 release 3'];
        const asked = requests.answered;
        await until(() => requests!.answered > asked + 100, 'more requests', 20_000);
        await requests.stop();
        assert.equal(requests.counts['500 release 3'], atTheEnd, 'nobody is led to it any more');
        t.diagnostic(`${requests.failed} of ${requests.answered + requests.failed} requests were cut off`);
        assert.ok(requests.failed <= mostFailed[by], `${requests.failed} of ${requests.answered}`);
      } finally {
        await requests?.stop();
        await stage.remove();
      }
    },
  );
}

/** What was replaced has ended. */
async function leftWith(stage: RolloutStage, count: number): Promise<void> {
  await until(
    async () => (await stage.services()).filter(({ state }) => state.state === 'running').length === count,
    `${count} instances to be left`,
    30_000,
  );
}
