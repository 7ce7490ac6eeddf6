/** Outside of a rollout: what serves and does not answer any more, or says that it is not well, is noticed by nobody but us. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { query, until } from '../world/make.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';
import { servicesOf } from './rollout-victims.ts';

let stage: RolloutStage;

before(async () => {
  stage = await makeRolloutStage('all-at-once');
  await stage.ended(await stage.promote(await stage.release()));
});
after(() => stage?.remove());

/** Time for a look has come each time that we ask. */
async function soon(condition: () => Promise<boolean>, what: string): Promise<void> {
  const database = await stage.database();
  const hurried = async () => {
    await query(database, 'update environments set heal_due_at = 0 where heal_due_at is not null');
    return condition();
  };
  await until(hurried, what, 60_000);
}

const count = async (kind: string) => (await stage.events(kind)).length;

test('a service that hangs is started again in the same deployment, and the log says why', async () => {
  const { running } = await stage.live();
  const [service] = await servicesOf(stage.home);
  process.kill(service!.pid, 'SIGSTOP');
  await soon(async () => (await count('environment.healed')) > 0, 'it to be started again');
  const [down, ...more] = await stage.events('environment.down');
  assert.match(String(down!.data['because']), /^http:.*\/healthz: no answer within 2s, 3 times in a row$/);
  assert.deepEqual(more, []);
  const [now, ...others] = await servicesOf(stage.home);
  assert.deepEqual([now!.says, others.length, now!.pid === service!.pid], ['release 1', 0, false]);
  assert.equal(await (await fetch(stage.url())).text(), 'release 1');
  assert.equal((await stage.live()).running?.deployment, running?.deployment);
});

test('the last one that answers is left running; that it is not well is told and shown until it is over', async () => {
  const [service] = await servicesOf(stage.home);
  const data = join(stage.home, 'data', 'gradual', 'live');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'unwell'), '');
  await soon(async () => (await count('environment.unwell')) > 0, 'it to be told');
  const [told] = await stage.events('environment.unwell');
  assert.match(String(told!.data['because']), /it answered 503, 3 times in a row; it is not started again, because/);
  const { ailment } = await stage.live();
  assert.equal(ailment?.is, 'unwell');
  rmSync(join(data, 'unwell'));
  await soon(async () => (await count('environment.well')) > 0, 'that it is over');
  assert.equal((await stage.live()).ailment, null);
  const [same] = await servicesOf(stage.home);
  assert.equal(same!.pid, service!.pid, 'nobody has started it again');
  assert.equal(await count('environment.unwell'), 1);
});
