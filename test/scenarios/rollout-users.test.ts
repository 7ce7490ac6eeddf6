/** Who gets which release in a rollout, through the control plane and the edge: copies, a group of users, and users by their cookie. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../world/make.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const canary = `
      strategy: canary
      keep: 1s
      analysis: none
      steps:
        - { step: shadow, for: 1h }
        - { step: group, header: { name: X-Beta, value: 'yes' }, for: 1h }
        - { step: weight, percent: 30, for: 1h }
        - { step: weight, percent: 70, for: 1h }`;

let stage: RolloutStage;

before(async () => {
  stage = await makeRolloutStage(canary);
  await stage.ended(await stage.promote(await stage.release()));
});
let users: Load | undefined;
after(async () => {
  await users?.stop();
  await stage?.remove();
});

async function inStep(promotion: string, what: RegExp): Promise<void> {
  // The one before is told until this one has begun.
  const isThere = async () => {
    const seen = await stage.rollout().catch(() => undefined);
    return seen?.promotion === promotion && what.test(seen.what ?? '');
  };
  await until(isThere, `the step ${what}`, 60_000);
}

/** The answer, and the cookie that came with it. */
async function ask(headers: Record<string, string> = {}): Promise<{ said: string; cookie: string }> {
  const response = await fetch(stage.url(), { headers: { connection: 'close', ...headers } });
  const [cookie = ''] = response.headers.getSetCookie();
  return { said: await response.text(), cookie: cookie.split(';')[0]! };
}

test('copies of requests reach a release whose failures no user sees', async () => {
  users = load(stage.url(), { connections: 2, pauseMs: 10 });
  const known = new Set((await stage.services()).map(({ key }) => key));
  const promotion = await stage.promote(await stage.release({ dies: 10 }));
  await inStep(promotion, /^copies of requests/);
  // It ends at its tenth request, so it has had ten, none of which was led to it.
  const hasDied = async () =>
    (await stage.services()).some(({ key, state }) => !known.has(key) && 'restarts' in state && state.restarts > 0);
  await until(hasDied, 'the new release to have died of copies', 60_000);
  await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'seen enough' }).catch(() => undefined);
  await stage.ended(promotion);
  await users.stop();
  assert.deepEqual([Object.keys(users.counts), users.failed], [['200 release 1'], 0]);
});

test('R31: a group gets the new release first, and a user who is on it stays there while its share grows', async () => {
  const number = await stage.release();
  const fresh = `release ${number}`;
  const promotion = await stage.promote(number);
  await inStep(promotion, /^copies of requests/);
  await stage.steer('skip');
  await inStep(promotion, /X-Beta/);
  const beta = { 'X-Beta': 'yes' };
  await until(async () => (await ask(beta)).said === fresh, 'the group to get it', 20_000);
  for (let count = 0; count < 20; count++)
    assert.deepEqual([(await ask()).said, (await ask(beta)).said], ['release 1', fresh]);
  await stage.steer('skip');
  await inStep(promotion, /^30 %/);
  await until(async () => (await ask()).cookie !== '', 'users to be known', 20_000);
  const people = await Promise.all(Array.from({ length: 200 }, () => ask()));
  const early = people.filter(({ said }) => said === fresh);
  assert.ok(early.length > 30 && early.length < 90, `${early.length} of 200 at 30 %`);
  const again = async () => Promise.all(people.map(async ({ cookie }) => (await ask({ cookie })).said));
  assert.deepEqual(
    await again(),
    people.map(({ said }) => said),
  );
  await stage.steer('skip');
  await inStep(promotion, /^70 %/);
  await until(async () => (await again()).filter((said) => said === fresh).length > early.length, 'more users', 20_000);
  const later = await again();
  assert.ok(
    people.every(({ said }, index) => said !== fresh || later[index] === fresh),
    'nobody went back',
  );
  const share = later.filter((said) => said === fresh).length;
  assert.ok(share > 110 && share < 170, `${share} of 200 at 70 %`);
  assert.equal((await ask(beta)).said, fresh);
  await stage.steer('promote');
  assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  assert.deepEqual(new Set(await again()), new Set([fresh]));
});
