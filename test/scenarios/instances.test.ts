/** An environment with several instances, as people meet it: one is lost under load, and nobody but the record notices. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { LogPiece } from '../../src/api/contract/logs.ts';
import { parentOf } from '../contracts/signatures/parent-of.ts';
import { eventually, until } from '../world/make.ts';
import { load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

let stage: RolloutStage;

before(async () => {
  stage = await makeRolloutStage('all-at-once', { more: '    instances: 3\n    resources: { openFiles: 999 }\n' });
  await stage.ended(await stage.promote(await stage.release()));
});
after(() => stage?.remove());

test('a lost instance is started again in the same deployment, and no request fails', async () => {
  const at = await stage.live();
  assert.deepEqual(at.service?.instances, { up: 3, wanted: 3, because: null });
  const requests = load(stage.url(), { connections: 6, pauseMs: 5 });
  const [, second] = await stage.services();
  assert.ok(second?.state.state === 'running' && second.key.endsWith('/2'), JSON.stringify(second));
  assert.match(readFileSync(`/proc/${second.state.pid}/limits`, 'utf8'), /^Max open files +999 +999 /m);
  process.kill(parentOf(second.state.pid), 'SIGKILL');
  process.kill(second.state.pid, 'SIGKILL');
  await until(async () => (await stage.events('environment.mended')).length === 1, 'it to be mended', 60_000);
  const seen = new Set<string | null>();
  await until(
    async () => {
      seen.add((await fetch(stage.url(), { headers: { connection: 'close' } })).headers.get('x-instance'));
      return seen.size === 3;
    },
    'all three to answer',
    20_000,
  );
  await requests.stop();
  assert.deepEqual([requests.failed, Object.keys(requests.counts)], [0, ['200 release 1']]);
  const [degraded] = await stage.events('environment.degraded');
  assert.match(String(degraded?.data['because']), /^instance 2: the service was lost/);
  assert.deepEqual(await stage.events('environment.down'), []);
  await eventually(async () => {
    const now = await stage.live();
    assert.equal(now.running?.deployment, at.running?.deployment);
    assert.deepEqual([now.service?.instances, now.service?.restarts], [{ up: 3, wanted: 3, because: null }, 1]);
  });
});

test('output says which instance wrote it', async () => {
  const { pieces } = await stage.get<{ pieces: readonly LogPiece[] }>('/api/v1/projects/gradual/logs?subject=live');
  assert.deepEqual(pieces.map(({ instance, state }) => `${instance} ${state}`).toSorted(), [
    '1 running',
    '2 lost',
    '2 running',
    '3 running',
  ]);
});

test('a release that dies again and again is told once, in status and in the log', async () => {
  await stage.ended(await stage.promote(await stage.release({ dies: 40 })));
  const requests = load(stage.url(), { connections: 4, pauseMs: 5 });
  await until(async () => /died/.test((await stage.live()).service?.reason ?? ''), 'status to say so', 60_000);
  await until(async () => (await stage.events('environment.crash-looping')).length > 0, 'the log to say so', 60_000);
  await requests.stop();
  const [told, ...more] = await stage.events('environment.crash-looping');
  assert.match(String(told?.data['because']), /instance \d died \d+ times within ten minutes/);
  assert.deepEqual(more, []);
});
