/** Times of a schedule that were missed, on the stage of the model: `nightly` deploys at 02:00 UTC. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { applyPipeline } from '../../src/engine/pipeline/register.ts';
import { commit, latest, runningIn } from './model/by-hand.ts';
import { pipelineWith } from './model/pipeline.ts';
import { finishJobs, openStage, type Stage } from './model/stage.ts';

const minute = 60_000;
const hour = 60 * minute;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const skippedTimes = async () =>
  (
    await stage.query<{ data: { times: string[] } }>(
      "select data from events where kind = 'environment.schedule-skipped' order by seq",
    )
  ).flatMap(({ data }) => data.times);

test('R39: a schedule that is new does not make up for a time before it was put in force', async () => {
  stage.outside.clock.advance(-10 * hour + minute); // 02:01
  await commit(stage, 1);
  await finishJobs(stage);
  stage.outside.clock.advance(4 * minute);
  const { world } = stage.worker(0);
  const pipeline = pipelineWith(2);
  const environments = pipeline.environments.map((spec) =>
    spec.name === 'nightly'
      ? {
          ...spec,
          triggers: [{ on: 'schedule' as const, schedule: { zone: 'UTC', days: ['wed'] as const, at: '02:04' } }],
        }
      : spec,
  );
  await applyPipeline(world, { pipeline: { ...pipeline, environments }, text: '', sourceUrl: undefined, actor: 'ann' });
  await finishJobs(stage);
  assert.equal(await latest(stage, 'nightly'), undefined);
});

test('R39, R41: a time missed within its grace is made up for once; a later one is skipped, and the record says so', async () => {
  await commit(stage, 1);
  await finishJobs(stage);
  stage.outside.clock.advance(14 * hour + 40 * minute); // 02:40
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'nightly'), 1);
  assert.deepEqual(await skippedTimes(), []);
  await commit(stage, 2);
  await finishJobs(stage);
  stage.outside.clock.advance(27 * hour); // 05:40 on the day after
  await finishJobs(stage);
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'nightly'), 1, 'nobody deploys at breakfast what was meant for the night');
  assert.deepEqual(await skippedTimes(), ['2026-03-06T02:00Z']);
  stage.outside.clock.advance(20 * hour + 21 * minute);
  await finishJobs(stage);
  assert.equal(await runningIn(stage, 'nightly'), 2);
});
