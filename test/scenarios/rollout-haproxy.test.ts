/** A canary through HAProxy: users stay by cookie, errors are judged, and HAProxy may die meanwhile. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { haproxyMissing, workersOf } from '../world/haproxy.ts';
import { until } from '../world/make.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const canary = `
      strategy: canary
      keep: 5s
      analysis: { minRequests: 20, warmUp: 200ms }
      steps:
        - { step: weight, percent: 20, for: 1s }
        - { step: weight, percent: 50, for: 1s }`;

describe('a canary through HAProxy', { timeout: 120_000, skip: haproxyMissing ?? false }, () => {
  let stage: RolloutStage;
  const loads: Load[] = [];

  before(async () => {
    stage = await makeRolloutStage(canary, { more: '    traffic: haproxy\n' });
    await stage.ended(await stage.promote(await stage.release()));
  });
  after(async () => {
    await Promise.all(loads.map((one) => one.stop()));
    await stage?.remove();
  });

  /** Each request is a new user: nobody brings a cookie back. */
  function ask(): Load {
    const started = load(stage.url(), { connections: 8, pauseMs: 5 });
    loads.push(started);
    return started;
  }

  const workers = () => workersOf(join(stage.home, 'haproxy'));

  test('R31: a good release takes over in steps, and no request fails', async () => {
    assert.ok((await workers()).serving.length > 0, 'it is HAProxy that leads');
    const requests = ask();
    const { outcome, reason } = await stage.ended(await stage.promote(await stage.release()));
    const rollout = await stage.rollout();
    await requests.stop();
    assert.deepEqual([outcome, requests.failed], ['succeeded', 0], reason);
    assert.deepEqual(Object.keys(requests.counts).toSorted(), ['200 release 1', '200 release 2']);
    assert.ok(rollout.ofNew.requests > 20 && rollout.ofStable.requests > 20);
  });

  test('R13: a release that fails goes back by itself, and nobody is led to it any more', async () => {
    const requests = ask();
    const bad = await stage.release({ errors: 2 });
    const { outcome, reason } = await stage.ended(await stage.promote(bad));
    await requests.settled();
    const [atTheEnd, asked] = [requests.counts[`500 release ${bad}`] ?? 0, requests.answered];
    await until(() => requests.answered > asked + 200, 'more requests', 20_000);
    await requests.stop();
    assert.equal(outcome, 'failed');
    assert.match(reason, /of its requests failed.*all requests are back on release #2/s);
    assert.equal(requests.failed, 0);
    assert.equal(requests.counts[`500 release ${bad}`], atTheEnd);
  });

  test('a worker of HAProxy that dies in a step is started again with its weights, and the rollout goes on', async () => {
    const requests = ask();
    const promotion = await stage.promote(await stage.release());
    const step = async () => (await stage.rollout()).steps.find(({ state }) => state === 'current')?.what;
    await until(
      async () => (await step().catch(() => undefined)) === '50 % of the requests',
      'the step of 50 %',
      30_000,
    );
    const { serving } = await workers();
    for (const pid of serving) process.kill(pid, 'SIGKILL');
    await until(
      async () => (await workers().catch(() => undefined))?.serving.some((pid) => !serving.includes(pid)),
      'it',
      20_000,
    );
    const { outcome, reason } = await stage.ended(promotion);
    await requests.stop();
    assert.equal(outcome, 'succeeded', reason);
    assert.ok((requests.counts['200 release 4'] ?? 0) > 0);
  });
});
