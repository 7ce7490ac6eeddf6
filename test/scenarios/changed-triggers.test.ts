/** Refs that were seen before a trigger waited for them. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { TriggerSpec } from '../../src/domain/pipeline/environment.ts';
import { applyPipeline } from '../../src/engine/pipeline/register.ts';
import { sweepSources } from '../../src/engine/sweep.ts';
import { pipelineWith } from './model/pipeline.ts';
import { finishJobs, look, openStage, type Stage } from './model/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** Only `testing`, started so. */
async function testingOn(...triggers: readonly TriggerSpec[]): Promise<void> {
  const pipeline = pipelineWith(1);
  const environments = [{ ...pipeline.environments[0]!, triggers }];
  const { world } = stage.worker(0);
  await applyPipeline(world, { pipeline: { ...pipeline, environments }, text: '', sourceUrl: undefined, actor: 'ann' });
}

const id = (number: number) => String(number).padStart(40, '0');
const built = async () =>
  (await stage.query<{ commit_id: string }>('select commit_id from releases order by number')).map(({ commit_id }) =>
    Number(commit_id),
  );

test('R39: a branch that a changed trigger waits for is built although it has not moved since', async () => {
  await testingOn({ on: 'tag', pattern: 'v*' });
  stage.outside.commits.push(id(1), id(2));
  await look(stage);
  await finishJobs(stage);
  assert.deepEqual(await built(), []);
  await testingOn({ on: 'main' });
  await sweepSources(stage.worker(0).world);
  await finishJobs(stage);
  assert.deepEqual(await built(), [2]);
  await sweepSources(stage.worker(0).world);
  await finishJobs(stage);
  assert.deepEqual(await built(), [2]);
});

test('R6: a new tag trigger takes the newest tag, and none that lies behind what was built already', async () => {
  await testingOn({ on: 'main' });
  stage.outside.commits.push(id(1), id(2));
  stage.outside.tags.set('v1', id(1));
  await look(stage);
  await finishJobs(stage);
  assert.deepEqual(await built(), [2]);
  await testingOn({ on: 'tag', pattern: 'v*' });
  await look(stage);
  await finishJobs(stage);
  assert.deepEqual(await built(), [2], 'v1 would be the newer release of the older state');
  await testingOn({ on: 'tag', pattern: 'x*' });
  stage.outside.commits.push(id(3), id(4), id(5));
  for (const number of [3, 4, 5]) stage.outside.tags.set(`v${number}`, id(number));
  await look(stage);
  await testingOn({ on: 'tag', pattern: 'v*' });
  await look(stage);
  await finishJobs(stage);
  assert.deepEqual(await built(), [2, 5]);
});
