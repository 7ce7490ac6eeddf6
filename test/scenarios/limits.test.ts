/** What requests are held to: written in the pipeline file, in force at the address of the environment. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

describe('an environment with limits', { timeout: 60_000 }, () => {
  let stage: RolloutStage;

  before(async () => {
    stage = await makeRolloutStage('all-at-once', { more: '    limits: { body: 1KB, answer: 500ms }\n' });
    await stage.ended(await stage.promote(await stage.release()));
  });
  after(async () => {
    await stage?.remove();
  });

  const post = async (bytes: number) => {
    const answer = await fetch(stage.url(), { method: 'POST', body: Buffer.alloc(bytes) });
    return `${answer.status} ${await answer.text()}`;
  };

  test('a body that is too large is refused with 413, and no release hears of it', async () => {
    assert.equal(await post(1_000), '200 release 1');
    assert.equal(await post(1_001), '413 the body is larger than allowed here\n');
  });

  test('the environment says what its requests are held to', async () => {
    assert.deepEqual((await stage.live()).limits, {
      bodyBytes: 1_000,
      connectMs: 5_000,
      answerMs: 500,
      idleMs: 300_000,
      sentence:
        'bodies of at most 1,000 bytes; 5s to connect, 500ms until an answer begins, 5m between two pieces of it',
    });
  });

  test('a plan says what the next deployment holds requests to', async () => {
    const { steps } = await stage.get<{ steps: string[] }>('/api/v1/projects/gradual/plan?release=1&environment=live');
    assert.ok(
      steps.some((step) => step.startsWith('hold requests to bodies of at most 1,000 bytes; ')),
      steps.join('; '),
    );
  });

  test('a release that does not begin to answer in time gets 504 told for it', async () => {
    assert.equal(
      (await stage.ended(await stage.promote(await stage.release({ pauseMs: 1_500 })))).outcome,
      'succeeded',
    );
    assert.equal(await post(10), '504 the release did not answer in time\n');
  });
});
