/** Every moment, and an abort: `node test/scenarios/rollout-troubles-long.ts "stable release frozen"`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../world/make.ts';
import { makeRolloutStage } from './rollout-stage.ts';
import { answerOf, kill, servicesOf } from './rollout-victims.ts';

test('R34: a stable release that hangs while a canary waits for a person is started again, and it goes on', async () => {
  const stage = await makeRolloutStage(
    '{ strategy: canary, users: none, keep: 0s, analysis: none, steps: [{ step: weight, percent: 50, for: 1s }, { step: pause }] }',
  );
  const isPaused = async () => (await stage.rollout().catch(() => undefined))?.waiting?.for === 'person';
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const known = new Set((await servicesOf(stage.home)).map(({ key }) => key));
    const promotion = await stage.promote(await stage.release());
    await until(isPaused, 'the pause', 30_000);
    await kill(stage, 'stable release frozen', { stable: 'release 1', known });
    await until(async () => (await stage.events('environment.healed')).length > 0, 'it to be started again', 30_000);
    const [down] = await stage.events('environment.down');
    assert.match(String(down!.data['because']), /^release #1, which shares the requests, answers nothing$/);
    const both = async () => (await servicesOf(stage.home)).map(({ says }) => says).toSorted();
    assert.deepEqual(await both(), ['release 1', 'release 2'], 'what hung is gone');
    await until(isPaused, 'the pause again', 30_000);
    await stage.steer('resume');
    assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  } finally {
    await stage.remove();
  }
});

test('R14: an abort while the new release starts puts back a stable release that hangs meanwhile', async () => {
  const stage = await makeRolloutStage(
    '{ strategy: canary, users: none, keep: 0s, analysis: none, steps: [{ step: weight, percent: 50, for: 1s }] }',
  );
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const known = new Set((await servicesOf(stage.home)).map(({ key }) => key));
    const promotion = await stage.promote(await stage.release({ startMs: 3_600_000 }));
    await until(async () => (await stage.promotion(promotion)).phase === 'switching', 'the start', 30_000);
    await kill(stage, 'stable release frozen', { stable: 'release 1', known });
    await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'enough' });
    const { outcome, reason } = await stage.ended(promotion);
    assert.equal(outcome, 'aborted');
    assert.match(reason, /release #1 serves again/);
    assert.equal(await answerOf(stage.url()), 'release 1');
  } finally {
    await stage.remove();
  }
});
