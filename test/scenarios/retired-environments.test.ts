/** An environment that is removed from the pipeline: what waits ends, what runs goes on until a person stops it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Failure } from '../../src/domain/base/failure.ts';
import type { Pipeline } from '../../src/domain/pipeline/pipeline.ts';
import { applyPipeline } from '../../src/engine/pipeline/register.ts';
import { stopServiceIn } from '../../src/engine/pipeline/retire.ts';
import { status } from '../../src/engine/views/status.ts';
import { sweepServices } from '../../src/engine/sweep.ts';
import { carryOutAll, commit, latest, runningIn } from './model/by-hand.ts';
import { pipelineWith } from './model/pipeline.ts';
import { environmentId, finishJobs, openStage, type Stage } from './model/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const world = () => stage.worker(0).world;
const whole = pipelineWith(1);
const without = (...names: readonly string[]): Pipeline => ({
  ...whole,
  environments: whole.environments.filter(({ name }) => !names.includes(name)),
});
const apply = (pipeline: Pipeline) =>
  applyPipeline(world(), { pipeline, text: '', sourceUrl: undefined, actor: 'ann' });
const stop = (environment: string) =>
  world().store.transaction((tx) =>
    stopServiceIn(world(), tx, { project: 'shop', environment, reason: 'no longer needed', actor: 'ann' }),
  );
const eventKinds = async () =>
  (await stage.query<{ kind: string }>('select kind from events order by seq')).map(({ kind }) => kind);

test('R42: what waits for an environment that is removed ends as refused, and says why', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  assert.equal((await latest(stage, 'production')).state, 'waiting');
  await apply(without('production'));
  const { outcome, reason } = await latest(stage, 'production');
  assert.equal(outcome, 'refused');
  assert.match(reason!, /production was removed from the pipeline/);
  assert.ok((await eventKinds()).includes('environment.retired'));
});

test("R5: what was started and is in nobody's hands yet does not enter an environment that was removed meanwhile", async () => {
  await commit(stage, 1);
  await carryOutAll(stage, 'build');
  assert.equal((await latest(stage, 'testing')).state, 'running');
  await apply(without('testing'));
  await carryOutAll(stage, 'deploy');
  assert.equal((await latest(stage, 'testing')).outcome, 'refused');
  assert.equal(await runningIn(stage, 'testing'), undefined);
});

test('what runs in a removed environment goes on serving, is shown, and ends when a person says so', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  const { serving } = stage.outside;
  const staging = environmentId(stage, 'staging');
  await assert.rejects(
    stop('staging'),
    (thrown) => thrown instanceof Failure && thrown.code === 'environment/in-force',
  );
  await apply(without('staging', 'nightly', 'production'));
  await sweepServices(world());
  assert.equal(serving.get(staging), 1);
  const shown = (await status(world(), 'shop')).environments.find(({ name }) => name === 'staging');
  assert.deepEqual([shown?.retired, shown?.stopRequest, shown?.running?.release.number], [true, null, 1]);
  await stop('staging');
  await sweepServices(world());
  assert.equal(serving.has(staging), false);
  assert.ok(!(await status(world(), 'shop')).environments.some(({ name }) => name === 'staging'));
  assert.ok((await eventKinds()).includes('environment.stopped'));
  const [row] = await stage.query<{ occupied_until: number | null }>(
    'select occupied_until from deployments where environment_id = $1',
    [staging],
  );
  assert.ok(row!.occupied_until !== null, 'R4: occupancy has ended');
});

test('R40: a worker that dies over the stopping leaves it to the next one', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  await apply(without('production'));
  await apply(without('staging', 'nightly', 'production'));
  await stop('staging');
  const [mortal, other] = [stage.worker(1), stage.worker(0)];
  mortal.dieAt(4, 'before');
  await sweepServices(mortal.world);
  assert.ok(mortal.isDead());
  assert.equal(await runningIn(stage, 'staging'), 1, 'not recorded as stopped by one who died before');
  stage.outside.clock.advance(180_000);
  await sweepServices(other.world);
  assert.equal(stage.outside.serving.has(environmentId(stage, 'staging')), false);
  assert.equal(await runningIn(stage, 'staging'), undefined);
});

test('an environment that is back takes releases again, and a stop that nobody carried out is forgotten', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  await apply(without('staging', 'nightly', 'production'));
  await stop('staging');
  await apply(whole);
  await sweepServices(world());
  assert.equal(stage.outside.serving.get(environmentId(stage, 'staging')), 1);
  await commit(stage, 2);
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'staging'), 2);
});
