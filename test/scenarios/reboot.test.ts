/**
 * What a reboot does: every process of a home ends at once, keepers, edge and database with the services. The next start brings back
 * what should run, as it was.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from '../world/make.ts';
import { endAll, processesOf } from './machine.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const stages: RolloutStage[] = [];
after(() => Promise.all(stages.map((stage) => stage.remove())));

const running = async (stage: RolloutStage) =>
  (await stage.services()).filter(({ state }) => state.state === 'running');

async function reboot(stage: RolloutStage): Promise<void> {
  const ended = processesOf(stage.home);
  assert.ok(ended.length > 5, `${ended.length} processes are no machine`);
  await stage.restartAfter(() => endAll(ended));
  const left = new Set(processesOf(stage.home));
  assert.ok(ended.every((pid) => !left.has(pid)));
}

test('R39: after a reboot every instance runs again, of the same release, and the address answers', async () => {
  const stage = await makeRolloutStage('all-at-once', { keepsDatabase: true, more: '    instances: 2\n' });
  stages.push(stage);
  await stage.ended(await stage.promote(await stage.release()));
  const ran = new Set((await running(stage)).map(({ key }) => key));
  await reboot(stage);
  await until(async () => (await running(stage)).length === 2, 'both instances', 60_000);
  await until(async () => (await answerOf(stage)) === 'release 1', 'the address to answer', 60_000);
  await until(async () => (await stage.live()).service?.instances.up === 2, 'both to be told', 30_000);
  assert.equal((await stage.live()).running?.release.number, 1);
  assert.ok(
    (await running(stage)).every(({ key }) => !ran.has(key)),
    'nothing is mistaken for what ran before',
  );
});

/** Release 4 is verified for ever; the others say who they are. */
const verify = `{ commands: [{ name: answers, run: 'test $LIFTLOCK_RELEASE_NUMBER != 4 || { touch "$LIFTLOCK_DATA/begun"; exec sleep 600; }; test "$(curl -s $LIFTLOCK_URL)" = "release $LIFTLOCK_RELEASE_NUMBER"' }] }`;
const canary =
  '{ strategy: canary, users: none, analysis: none, steps: [{ step: weight, percent: 30, for: 1s }, { step: pause }] }';

test('R39: a canary goes on where it was, with both releases and the same weights', async () => {
  const stage = await makeRolloutStage(canary, { keepsDatabase: true, verify });
  stages.push(stage);
  await stage.ended(await stage.promote(await stage.release()));
  const promotion = await stage.promote(await stage.release());
  await pauseOf(stage, promotion);
  await reboot(stage);
  await until(async () => (await running(stage)).length === 2, 'both releases', 60_000);
  // What runs does not answer at once: requests that are led to it until then are none of those that are counted.
  for (const release of ['release 1', 'release 2'])
    await until(async () => (await answerOf(stage)) === release, `an answer of ${release}`, 60_000);
  const seen: Record<string, number> = {};
  await until(
    async () => {
      const said = await answerOf(stage);
      if (said !== undefined) seen[said] = (seen[said] ?? 0) + 1;
      return (seen['release 1'] ?? 0) + (seen['release 2'] ?? 0) >= 100;
    },
    'a hundred answers',
    60_000,
  );
  assert.ok(Math.abs((seen['release 2'] ?? 0) - 30) <= 3, JSON.stringify(seen));
  const rollout = await stage.rollout();
  assert.deepEqual([rollout.state, rollout.step, rollout.percent], ['going', 2, 30]);
  await stage.steer('resume');
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'succeeded', reason);
  assert.equal(await answerOf(stage), 'release 2');
});

test('R39: after a reboot between the last step and the verification, what is verified runs', async () => {
  const stage = stages[1]!;
  const promotion = await stage.promote(await stage.release());
  await pauseOf(stage, promotion);
  // While the edge stands still, nobody gets beyond the last step.
  stage.signalEdge('SIGSTOP');
  await stage.steer('resume');
  assert.equal((await stage.rollout()).state, 'finished');
  assert.equal((await stage.promotion(promotion)).phase, 'switching');
  await reboot(stage);
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'succeeded', reason);
  assert.equal(await answerOf(stage), 'release 3');
});

test('R15, R39: after a reboot during the verification nobody knows what it would have said, and the release serves', async () => {
  const stage = stages[1]!;
  const promotion = await stage.promote(await stage.release());
  await pauseOf(stage, promotion);
  await stage.steer('resume');
  await until(() => existsSync(join(stage.home, 'data', 'gradual', 'live', 'begun')), 'its verification', 60_000);
  await reboot(stage);
  const { outcome, reason } = await stage.ended(promotion);
  assert.ok(['errored', 'inconclusive'].includes(outcome), `${outcome}: ${reason}`);
  await until(async () => (await answerOf(stage)) === 'release 4', 'the address to answer', 60_000);
  assert.equal((await stage.live()).running?.release.number, 4);
});

test('R39: what serves in an environment that was removed from the pipeline serves again, too', async () => {
  const stage = stages[1]!;
  await stage.removeLive();
  assert.equal((await stage.live()).retired, true);
  await reboot(stage);
  await until(async () => (await answerOf(stage)) === 'release 4', 'the address to answer', 60_000);
  assert.deepEqual([(await running(stage)).length, (await stage.live()).retired], [1, true]);
});

const pauseOf = (stage: RolloutStage, promotion: string) =>
  until(async () => /pause/.test((await stage.promotion(promotion)).rollout?.what ?? ''), 'the pause', 60_000);

async function answerOf(stage: RolloutStage): Promise<string | undefined> {
  try {
    const response = await fetch(stage.url(), { headers: { connection: 'close' } });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}
