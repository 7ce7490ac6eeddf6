/** A freeze or a pin while a release takes over, with a real service and the real edge: what users notice nothing of ends, what they are on goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../world/make.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const canary = `
      strategy: canary
      users: none
      analysis: none
      steps:
        - { step: pause }
        - { step: weight, percent: 50, for: 1s }
        - { step: pause }`;

let stage: RolloutStage;

before(async () => {
  stage = await makeRolloutStage(canary);
});
after(() => stage?.remove());

const environment = { project: 'gradual', environment: 'live', reason: 'the sale' };
const freeze = async () => (await stage.post<{ freeze: string }>('/api/v1/freezes', environment)).freeze;
const thaw = (id: string) => stage.post(`/api/v1/freezes/${id}/lift`, { reason: 'it is over' });
const at = (promotion: string, step: number) =>
  until(
    async () => (await stage.promotion(promotion)).rollout !== null && (await stage.rollout()).step === step,
    `step ${step}`,
    30_000,
  );

/** What the address answers, a hundred times over. */
async function answers(): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let count = 0; count < 100; count += 1)
    seen.add(await (await fetch(stage.url(), { headers: { connection: 'close' } })).text());
  return [...seen].toSorted();
}

test('R27: a first deployment that becomes ready in a freeze gets no request, and the environment stays empty', async () => {
  const promotion = await stage.promote(await stage.release({ startMs: 2_000 }));
  await until(async () => (await stage.promotion(promotion)).phase === 'switching', 'it to start', 30_000);
  const frozen = await freeze();
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'refused', reason);
  assert.match(
    reason,
    /live is frozen by ops .*the sale; promote it again when it may enter.*the environment is empty/,
  );
  assert.equal((await stage.live()).running, null);
  await thaw(frozen);
  assert.equal((await stage.ended(await stage.promote(1))).outcome, 'succeeded');
});

test('R27: a freeze in a step that leads no user to the new release ends the rollout as refused', async () => {
  const number = await stage.release();
  const promotion = await stage.promote(number);
  await at(promotion, 1);
  const frozen = await freeze();
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'refused', reason);
  assert.match(reason, /live is frozen by ops .*all requests are back on release #1/s);
  assert.deepEqual(await answers(), ['release 1']);
  await thaw(frozen);
});

test('R27: a freeze does not cut a rollout that has users: it goes on to its end', async () => {
  const promotion = await stage.promote(await stage.release());
  await at(promotion, 1);
  await stage.steer('resume');
  await at(promotion, 3);
  const frozen = await freeze();
  assert.deepEqual(await answers(), ['release 1', 'release 3']);
  await stage.steer('resume');
  assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  assert.deepEqual(await answers(), ['release 3']);
  await thaw(frozen);
});

test('R28: a pin on the stable release ends a rollout that has users, and all of them are back on it', async () => {
  const promotion = await stage.promote(await stage.release());
  await at(promotion, 1);
  await stage.steer('resume');
  await at(promotion, 3);
  await stage.post('/api/v1/projects/gradual/environments/live/pin', { release: '3', reason: 'known to be good' });
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'refused', reason);
  assert.match(reason, /live is pinned to .* by ops: known to be good.*all requests are back on release #3/s);
  assert.deepEqual(await answers(), ['release 3']);
});
