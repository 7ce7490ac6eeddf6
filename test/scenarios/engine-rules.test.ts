/** Moments that random runs rarely meet, on the stage of the model: the real engine and store, a world that the test steers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plus, type Duration } from '../../src/domain/base/time.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import { freezeIn, pinIn } from '../../src/engine/promotion/controls.ts';
import { promote } from '../../src/engine/promotion/promote.ts';
import { reconcile } from '../../src/engine/promotion/reconcile.ts';
import { requestVerificationIn } from '../../src/engine/promotion/reverify.ts';
import { rollback } from '../../src/engine/promotion/rollback.ts';
import { abort } from '../../src/engine/promotion/stop.ts';
import { sweep } from '../../src/engine/sweep.ts';
import type { Job } from '../../src/ports/jobs.ts';
import { withAuditedStage } from './model/audited.ts';
import { allWell, type Answers } from './model/outside.ts';
import * as byHand from './model/by-hand.ts';
import { environmentId, finishJobs, type Stage } from './model/stage.ts';

const minutes = (count: number) => (count * 60_000) as Duration;
const by = { project: 'shop', reason: 'because', actor: 'ann' };

let stage: Stage;
withAuditedStage((opened) => (stage = opened));

const commit = (number: number) => byHand.commit(stage, number);
const carryOutAll = (kind: Job['kind'], answers: Answers = allWell, environment?: string) =>
  byHand.carryOutAll(stage, kind, { answers, environment });
const latest = (environment: string) => byHand.latest(stage, environment);
const runningIn = (environment: string) => byHand.runningIn(stage, environment);

test('R3, R5: what lost its verification upstream after it was started is refused before it deploys', async () => {
  await commit(1);
  await carryOutAll('build');
  await carryOutAll('deploy', allWell, 'testing');
  assert.equal((await latest('staging')).state, 'running');
  const { world } = stage.worker(0);
  await world.store.transaction((tx) => requestVerificationIn(world, tx, { ...by, environment: 'testing' }));
  await carryOutAll('verify', { ...allWell, verification: 'fails' });
  await carryOutAll('deploy', allWell, 'staging');
  const { outcome, reason } = await latest('staging');
  assert.equal(outcome, 'refused');
  assert.match(reason!, /failed its verification in testing/);
  assert.equal(await runningIn('staging'), undefined);
  assert.equal(stage.outside.serving.get(environmentId(stage, 'staging')), undefined);
});

/** Release 2 takes the place of another one in testing, somebody aborts it, and the target breaks before it learns of that. */
async function abortWhileItBreaks(isWellAfterwards: boolean): Promise<void> {
  await commit(1);
  await finishJobs(stage);
  await commit(2);
  await carryOutAll('build');
  const { id } = await latest('testing');
  stage.outside.meanwhile = {
    at: 'replace',
    act: async () => {
      await abort(stage.worker(1).world, { promotion: id, reason: 'wrong release', actor: 'bob' });
      if (isWellAfterwards)
        stage.outside.meanwhile = { at: 'deploy', act: async () => void (stage.outside.answers = allWell) };
    },
  };
  await carryOutAll('deploy', { ...allWell, target: 'throws' }, 'testing');
}

test('R14: an abort in the moment in which the target breaks puts back what ran before', async () => {
  await abortWhileItBreaks(true);
  const { outcome, reason } = await latest('testing');
  assert.equal(outcome, 'aborted');
  assert.match(reason!, /aborted by bob: wrong release; release #1 serves again/);
  assert.equal(stage.outside.serving.get(environmentId(stage, 'testing')), 1);
});

test('R14, R15: an abort that cannot put back what ran ends all the same, and calls a person', async () => {
  await abortWhileItBreaks(false);
  const { outcome, reason } = await latest('testing');
  assert.equal(outcome, 'aborted');
  assert.match(reason!, /what ran before could not be put back: the target broke/);
  const paged = await stage.query<{ data: { message: string } }>(
    `select data from events where kind = 'environment.paged'`,
  );
  assert.match(paged[0]!.data.message, /does not serve again/);
});

test('R37: a rollback that was aborted does not make what it left in place the result of a rollback', async () => {
  for (const number of [1, 2]) {
    await commit(number);
    await finishJobs(stage);
  }
  const { world } = stage.worker(0);
  const first = await rollback(world, { ...by, environment: 'testing', to: undefined });
  stage.outside.meanwhile = {
    at: 'deploy',
    act: async () => void (await abort(world, { promotion: first.promotion, reason: 'not yet', actor: 'bob' })),
  };
  await carryOutAll('deploy', allWell, 'testing');
  assert.equal((await latest('testing')).outcome, 'aborted');
  assert.equal(stage.outside.serving.get(environmentId(stage, 'testing')), 2);
  await rollback(world, { ...by, environment: 'testing', to: undefined });
  await carryOutAll('deploy', allWell, 'testing');
  assert.equal(await runningIn('testing'), 1);
  const [left] = await stage.query<byHand.Told>(
    `select p.outcome from promotions p join releases r on r.id = p.release_id where r.number = 2 and p.environment_id = $1`,
    [environmentId(stage, 'testing')],
  );
  assert.equal(left!.outcome, 'rolled-back', 'the promotion that had brought it is told to be undone');
});

test('R37: while a rollback waits, another one is refused', async () => {
  for (const number of [1, 2]) {
    await commit(number);
    await finishJobs(stage);
  }
  const { world } = stage.worker(0);
  await world.store.transaction((tx) => pinIn(world, tx, { ...by, environment: 'testing', release: '#2' }));
  await rollback(world, { ...by, environment: 'testing', to: '#1' });
  assert.equal((await latest('testing')).state, 'waiting');
  await assert.rejects(
    rollback(world, { ...by, environment: 'testing', to: '#1' }),
    (thrown) => thrown instanceof Failure && thrown.code === 'rollback/refused',
  );
});

test('R39: a freeze that begins later does not postpone what is due before', async () => {
  await commit(1);
  await finishJobs(stage);
  const { world } = stage.worker(0);
  stage.outside.clock.advance(minutes(1));
  const from = plus(world.clock.now(), minutes(60));
  await world.store.transaction((tx) =>
    freezeIn(world, tx, { ...by, environment: 'production', everything: false, from, until: undefined }),
  );
  stage.outside.clock.advance(minutes(30));
  await sweep(world);
  const [row] = await stage.query<{ answers: { peopleAreAsked: boolean } }>(
    `select answers from promotions where state = 'waiting' and environment_id = $1`,
    [environmentId(stage, 'production')],
  );
  assert.equal(row!.answers.peopleAreAsked, true, 'its soak is over, and that was noticed');
});

test('R27: what waits is told of a freeze to come, and looked at when it begins, whoever looked in between', async () => {
  await commit(1);
  await finishJobs(stage);
  const { world } = stage.worker(0);
  stage.outside.clock.advance(minutes(60));
  await sweep(world);
  const from = plus(world.clock.now(), minutes(60));
  await world.store.transaction((tx) =>
    freezeIn(world, tx, { ...by, environment: 'production', everything: false, from, until: undefined }),
  );
  const answerOf = async (gate: string) => {
    const [row] = await stage.query<{ answers: { all: { gate: string; answer: string; because: string }[] } }>(
      `select answers from promotions where state = 'waiting' and environment_id = $1`,
      [environmentId(stage, 'production')],
    );
    return row!.answers.all.find((one) => one.gate === gate);
  };
  await reconcile(world, environmentId(stage, 'production'));
  const before = await answerOf('freeze');
  assert.equal(before?.answer, 'open');
  assert.match(before!.because, /^production is to be frozen by ann from .* until somebody lifts it: because$/);
  stage.outside.clock.advance(minutes(60));
  await sweep(world);
  assert.equal((await answerOf('freeze'))?.answer, 'waiting');
});

test('R8: a release that may not enter, promoted by hand, does not cost the one that waits its place', async () => {
  for (const number of [1, 2]) {
    await commit(number);
    await carryOutAll('build');
    await carryOutAll('deploy', number === 1 ? allWell : { ...allWell, verification: 'fails' }, 'testing');
  }
  await finishJobs(stage);
  const waiting = await latest('production');
  assert.equal(waiting.state, 'waiting');
  const { world } = stage.worker(0);
  const release = (await stage.query<{ id: string }>('select id from releases where number = 2'))[0]!.id;
  const environment = environmentId(stage, 'staging');
  // Verified in staging by nobody: production refuses it for good only once staging has said no.
  await stage.query(
    `insert into events (at, kind, actor, environment_id, release_id, data) values ($1, 'release.verified', 'test', $2, $3, '{"verdict":"FAIL"}')`,
    [world.clock.now(), environment, release],
  );
  await stage.query(`insert into verifications values ($1, $2, 2, 'vrd_x', 'FAIL', $3, $3, 'it broke')`, [
    environment,
    release,
    world.clock.now(),
  ]);
  await promote(world, { project: 'shop', release: '#2', environment: 'production', actor: 'ann' });
  assert.equal((await latest('production')).outcome, 'refused');
  const [kept] = await stage.query<byHand.Told>('select state from promotions where id = $1', [waiting.id]);
  assert.equal(kept!.state, 'waiting');
});
