/** Instances of a release take the place of those of the one before it, a few at a time, while requests never stop. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, until } from '../world/make.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const rolling = `{ strategy: rolling, maxSurge: 1, maxUnavailable: 0, for: 300ms, analysis: { minRequests: 20, warmUp: 100ms, dryRun: [latency] } }`;

let stage: RolloutStage;
let requests: Load;

before(async () => {
  stage = await makeRolloutStage(rolling, { more: '    instances: 3\n' });
  await stage.ended(await stage.promote(await stage.release()));
  requests = load(stage.url(), { connections: 6, pauseMs: 5 });
});
after(async () => {
  await requests?.stop();
  await stage?.remove();
});

const runningNow = async () => (await stage.services()).filter(({ state }) => state.state === 'running');
const deploymentsIn = (runs: readonly { key: string }[]) => new Set(runs.map(({ key }) => key.split('/')[2]));

/** So many instances, all of one deployment: what has ended by then leaves by itself. */
async function leftWith(count: number): Promise<void> {
  await eventually(async () => {
    const left = await runningNow();
    assert.deepEqual([left.length, deploymentsIn(left).size], [count, 1]);
  });
}

/** Looks on until it is over: how many instances ran at once. */
async function mostAtOnce(promotion: string): Promise<number> {
  let most = 0;
  await until(
    async () => {
      most = Math.max(most, (await runningNow()).length);
      return (await stage.promotion(promotion)).state === 'ended';
    },
    `${promotion} to end`,
    90_000,
  );
  return most;
}

test('R31: a good release takes over instance by instance, never with more than was agreed, and no request fails', async () => {
  const promotion = await stage.promote(await stage.release());
  assert.equal(await mostAtOnce(promotion), 4);
  const { outcome, reason } = await stage.ended(promotion);
  assert.deepEqual([outcome, requests.failed], ['succeeded', 0], reason);
  assert.deepEqual(Object.keys(requests.counts).toSorted(), ['200 release 1', '200 release 2']);
  await leftWith(3);
  const entered = await stage.events('rollout.step-entered');
  assert.deepEqual(
    entered.map(({ data }) => data['what']),
    ['2 of 3 instances are new', '3 of 3 instances are new'],
  );
  await until(async () => (await stage.live()).service?.instances.up === 3, 'all three to be told', 20_000);
});

test('R13: a release that fails is caught, the old instances are started again and the new ones leave', async () => {
  const bad = await stage.release({ errors: 2 });
  const promotion = await stage.promote(bad);
  assert.equal(await mostAtOnce(promotion), 4);
  const { outcome, reason } = await stage.ended(promotion);
  assert.deepEqual([outcome, requests.failed], ['failed', 0], reason);
  assert.match(reason, /all requests are back on release #2/);
  await leftWith(3);
  await requests.settled();
  const failed = requests.counts[`500 release ${bad}`];
  const answered = requests.counts['200 release 2'] ?? 0;
  await until(async () => (requests.counts['200 release 2'] ?? 0) > answered + 200, 'more requests', 20_000);
  assert.equal(requests.counts[`500 release ${bad}`], failed);
  assert.equal((await stage.live()).running?.release.number, 2);
});

test('a release whose second instance does not come up goes back, and says why', async () => {
  const promotion = await stage.promote(await stage.release({ failsAs: 2 }));
  const { outcome, reason } = await stage.ended(promotion);
  assert.deepEqual([outcome, requests.failed], ['failed', 0], reason);
  assert.match(reason, /instance 2 of 3: .*died/);
  await eventually(async () => assert.equal((await runningNow()).length, 3));
});

test('R40: killed in the middle it goes on where it was; a person may hold it and lead it to its end', async () => {
  const number = await stage.release();
  const promotion = await stage.promote(number);
  await until(async () => (requests.counts[`200 release ${number}`] ?? 0) > 0, 'the first new instance', 60_000);
  await stage.steer('pause');
  await stage.killControlPlane();
  await until(async () => (await stage.rollout()).state === 'paused', 'it to be paused', 60_000);
  const during = await runningNow();
  assert.equal(deploymentsIn(during).size, 2, JSON.stringify(during.map(({ key }) => key)));
  await stage.steer('promote');
  assert.equal((await mostAtOnce(promotion)) <= 4, true);
  const { outcome, reason } = await stage.ended(promotion);
  assert.deepEqual([outcome, requests.failed], ['succeeded', 0], reason);
  await leftWith(3);
});

test('R14: an abort in the middle brings the old instances back', async () => {
  const number = await stage.release();
  const promotion = await stage.promote(number);
  await until(async () => (requests.counts[`200 release ${number}`] ?? 0) > 0, 'the first new instance', 60_000);
  await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'not today' });
  const { outcome, reason } = await stage.ended(promotion);
  assert.deepEqual([outcome, requests.failed], ['aborted', 0], reason);
  await leftWith(3);
  assert.notEqual((await stage.live()).running?.release.number, number);
});
