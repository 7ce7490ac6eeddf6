/** A port that Liftlock gave to an environment, and that somebody else took before the first deployment. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

let stage: RolloutStage;
before(async () => {
  stage = await makeRolloutStage('all-at-once');
});
after(() => stage?.remove());

test('a port that somebody took before the first deployment is left to him, and the environment gets another one for good', async () => {
  const number = await stage.release();
  const given = Number(new URL((await stage.live()).url!).port);
  const stranger = createServer();
  await once(stranger.listen(given, '127.0.0.1'), 'listening');
  try {
    const { outcome, reason } = await stage.ended(await stage.promote(number));
    assert.equal(outcome, 'succeeded', reason);
    const moved = Number(new URL(stage.url()).port);
    assert.notEqual(moved, given);
    assert.equal(await (await fetch(stage.url())).text(), 'release 1');
    const events = (await stage.events('environment.port-moved')).map(({ data }) => data);
    assert.deepEqual(events, [{ from: given, to: moved }]);
    await stage.ended(await stage.promote(await stage.release()));
    assert.equal(Number(new URL(stage.url()).port), moved);
    assert.equal((await stage.events('environment.port-moved')).length, 1);
  } finally {
    stranger.close();
  }
});
