/** Deployments that had no chance, and environments in which nothing has worked yet. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { logs } from '../../src/engine/views/logs.ts';
import { carryOutAll, commit, latest, runningIn } from './model/by-hand.ts';
import { allWell } from './model/outside.ts';
import { environmentId, finishJobs, openStage, type Stage } from './model/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const holdOf = async (environment: string) =>
  (
    await stage.query<{ hold: { reason: string } | null }>('select hold from environments where id = $1', [
      environmentId(stage, environment),
    ])
  )[0]!.hold;
const servingIn = (environment: string) => stage.outside.serving.get(environmentId(stage, environment));

test('R13: the fix of a first deployment that failed enters by itself; nobody has to lift a hold', async () => {
  await commit(stage, 1);
  await carryOutAll(stage, 'build');
  await carryOutAll(stage, 'deploy', { answers: { ...allWell, verification: 'fails' } });
  assert.equal((await latest(stage, 'testing')).outcome, 'failed');
  assert.equal(await holdOf('testing'), null);
  const [paged] = await stage.query<{ data: { message: string; holds: boolean } }>(
    "select data from events where kind = 'environment.paged'",
  );
  assert.match(paged!.data.message, /nothing good has run here yet/);
  await commit(stage, 2);
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'testing'), 2);
});

test('R13: where something good has run, a failure without a way back still holds automation', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  const testing = environmentId(stage, 'testing');
  await stage.query(`update verifications set verdict = 'FAIL' where environment_id = $1`, [testing]);
  await commit(stage, 2);
  await carryOutAll(stage, 'build');
  await carryOutAll(stage, 'deploy', { answers: { ...allWell, verification: 'fails' }, environment: 'testing' });
  assert.match((await holdOf('testing'))!.reason, /no release verified here to go back to/);
});

test('R12: a release whose start had no chance does not count as what runs, and the next one enters', async () => {
  await commit(stage, 1);
  await carryOutAll(stage, 'build');
  await carryOutAll(stage, 'deploy', { answers: { ...allWell, target: 'not-started' } });
  const { outcome, reason } = await latest(stage, 'testing');
  assert.deepEqual([outcome, reason], ['errored', 'its port is taken']);
  assert.equal(await runningIn(stage, 'testing'), undefined);
  assert.equal(await holdOf('testing'), null);
  await commit(stage, 2);
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'testing'), 2);
});

test('what did not become ready where nothing runs is ended, for nobody else would; its output is what people are shown', async () => {
  await commit(stage, 1);
  await carryOutAll(stage, 'build');
  const { target } = stage.outside;
  target.deploy = async ({ environment, release }) => {
    stage.outside.serving.set(environment.id, release.number);
    return { deployed: 'not-ready', because: 'it never answered', output: '', replaced: false };
  };
  target.output = async (_, deployments) =>
    deployments.map((id) => ({
      run: id,
      instance: 1,
      state: { state: 'lost', startedAt: 0 as never, reason: 'ended' },
      text: 'no port',
    }));
  await carryOutAll(stage, 'deploy');
  const { outcome, reason } = await latest(stage, 'testing');
  assert.equal(outcome, 'failed');
  assert.match(reason!, /it never answered; nothing had run here before; the environment is empty again/);
  assert.equal(servingIn('testing'), undefined);
  const pieces = await logs(stage.worker(0).world, { project: 'shop', subject: 'testing', bytes: 100 });
  assert.deepEqual(
    pieces.map(({ text }) => text),
    ['no port'],
  );
});

test('what was ended to make room for a release that could not be started serves again', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  await commit(stage, 2);
  await carryOutAll(stage, 'build');
  const { target } = stage.outside;
  const inspect = target.inspect;
  target.inspect = async (deployment) => {
    stage.outside.answers = allWell;
    return inspect(deployment);
  };
  await carryOutAll(stage, 'deploy', { answers: { ...allWell, target: 'not-started' }, environment: 'testing' });
  const { outcome, reason } = await latest(stage, 'testing');
  assert.equal(outcome, 'errored');
  assert.match(reason!, /its port is taken; release #1 serves again/);
  assert.equal(await runningIn(stage, 'testing'), 1);
  assert.equal(servingIn('testing'), 1);
  assert.equal(await holdOf('testing'), null);
});

test('R15: when what was ended to make room cannot be started either, a person is called', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  await commit(stage, 2);
  await carryOutAll(stage, 'build');
  await carryOutAll(stage, 'deploy', { answers: { ...allWell, target: 'not-started' }, environment: 'testing' });
  assert.equal(await runningIn(stage, 'testing'), 1);
  assert.match((await holdOf('testing'))!.reason, /what ran before does not serve again: its port is taken/);
});
