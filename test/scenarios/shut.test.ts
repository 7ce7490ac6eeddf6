/** What shuts between the start of a promotion and the first thing that users notice of it: in each state in which that may happen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeeklySpan } from '../../src/domain/base/calendar.ts';
import type { EnvironmentSpec } from '../../src/domain/pipeline/environment.ts';
import { freezeIn, liftFreezeIn, pinIn, unpinIn, vetoIn } from '../../src/engine/promotion/controls.ts';
import { applyPipeline } from '../../src/engine/pipeline/register.ts';
import { sweep } from '../../src/engine/sweep.ts';
import type { World } from '../../src/engine/world.ts';
import type { Transaction } from '../../src/ports/store.ts';
import { withAuditedStage } from './model/audited.ts';
import { allWell, type Place } from './model/outside.ts';
import { pipelineWith } from './model/pipeline.ts';
import * as byHand from './model/by-hand.ts';
import { finishJobs, type Stage } from './model/stage.ts';

const by = { project: 'shop', environment: 'testing', reason: 'the sale', actor: 'ann' };

let stage: Stage;
const audited = withAuditedStage((opened) => (stage = opened));

const latest = () => byHand.latest(stage, 'testing');
const deployAll = (answers = allWell) => byHand.carryOutAll(stage, 'deploy', { answers, environment: 'testing' });
const runs = () => byHand.runningIn(stage, 'testing');
const inTransaction = <T>(act: (world: World, tx: Transaction) => Promise<T>): Promise<T> => {
  const { world } = stage.worker(1);
  return world.store.transaction((tx) => act(world, tx));
};
const freeze = () =>
  inTransaction((world, tx) =>
    freezeIn(world, tx, { ...by, everything: false, from: world.clock.now(), until: undefined }),
  );
const thaw = (id: string) =>
  inTransaction((world, tx) => liftFreezeIn(world, tx, { freeze: id, reason: 'it is over', actor: 'ann' }));

/** Release 1 runs in testing, and release 2 was started there; no worker has it yet. */
async function startSecond(): Promise<void> {
  await byHand.commit(stage, 1);
  await finishJobs(stage);
  await byHand.commit(stage, 2);
  await byHand.carryOutAll(stage, 'build');
  assert.equal((await latest()).state, 'running');
}

function meanwhile(at: Place, act: () => Promise<unknown>): void {
  stage.outside.meanwhile = { at, act: async () => void (await act()) };
}

const countOf = async (kind: string) =>
  (await stage.query<{ count: number }>('select count(*)::int as count from events where kind = $1', [kind]))[0]!.count;

/** What was waiting for its freeze, pin or window goes once that is over, in the same promotion. */
async function goesAfter(id: string, lift: () => Promise<unknown>): Promise<void> {
  await lift();
  await finishJobs(stage);
  const { outcome, id: same } = await latest();
  assert.deepEqual([same, outcome, await runs()], [id, 'succeeded', 2]);
}

test('R27: a freeze before a worker has it: it waits again, says for what, and goes when the freeze is lifted', async () => {
  await startSecond();
  const { id } = await latest();
  const frozen = await freeze();
  await deployAll();
  await sweep(stage.worker(0).world);
  assert.deepEqual([(await latest()).state, await runs(), await countOf('promotion.put-back')], ['waiting', 1, 1]);
  const [row] = await stage.query<{ answers: { all: { gate: string; because: string }[] } }>(
    'select answers from promotions where id = $1',
    [id],
  );
  assert.match(row!.answers.all.find(({ gate }) => gate === 'freeze')!.because, /testing is frozen by ann .*the sale/);
  await goesAfter(id, () => thaw(frozen));
});

test('R27: a freeze while a worker prepares it: the same, and nothing of it was started', async () => {
  await startSecond();
  const { id } = await latest();
  let frozen = '';
  meanwhile('prepare', async () => void (frozen = await freeze()));
  await deployAll();
  await sweep(stage.worker(0).world);
  const entered = await stage.query(`select from events where kind = 'promotion.phase-entered' and promotion_id = $1`, [
    id,
  ]);
  assert.deepEqual([(await latest()).state, await runs(), entered.length], ['waiting', 1, 0]);
  await goesAfter(id, () => thaw(frozen));
});

test('R8, R27: one that waits again gives way to a newer one that waits, as soon as anybody looks', async () => {
  await startSecond();
  const { id: second } = await latest();
  await byHand.commit(stage, 3);
  await byHand.carryOutAll(stage, 'build');
  const { id: third, state } = await latest();
  assert.deepEqual([state, third === second], ['waiting', false]);
  const frozen = await freeze();
  await deployAll();
  await sweep(stage.worker(0).world);
  const [left] = await stage.query<byHand.Told>('select outcome from promotions where id = $1', [second]);
  assert.deepEqual([left!.outcome, (await latest()).state, await runs()], ['superseded', 'waiting', 1]);
  await thaw(frozen);
  await finishJobs(stage);
  assert.deepEqual([(await latest()).id, await runs()], [third, 3]);
});

test('R27: a freeze during its migration: the migration ends, users are led nowhere, and it ends refused', async () => {
  await startSecond();
  meanwhile('migrate', freeze);
  await deployAll();
  const { outcome, reason } = await latest();
  assert.deepEqual([outcome, await runs()], ['refused', 1]);
  assert.match(reason!, /testing is frozen by ann .*promote it again when it may enter; nothing had been replaced/s);
});

test('R27: a freeze in the moment before its target begins: nothing is replaced, and it ends refused', async () => {
  await startSecond();
  meanwhile('deploy', freeze);
  await deployAll();
  const { outcome, reason } = await latest();
  assert.deepEqual([outcome, await runs()], ['refused', 1]);
  assert.match(reason!, /testing is frozen by ann .*promote it again when it may enter; nothing had been replaced/s);
});

test('R27: a freeze during its verification changes nothing: users are on it', async () => {
  await startSecond();
  meanwhile('verify', freeze);
  await deployAll();
  assert.deepEqual([(await latest()).outcome, await runs()], ['succeeded', 2]);
});

test('R28: a pin on another release keeps out what was started, until it is lifted', async () => {
  await startSecond();
  const { id } = await latest();
  await inTransaction((world, tx) => pinIn(world, tx, { ...by, release: '#1' }));
  await deployAll();
  await sweep(stage.worker(0).world);
  assert.deepEqual([(await latest()).state, await runs()], ['waiting', 1]);
  await goesAfter(id, () => inTransaction((world, tx) => unpinIn(world, tx, by)));
});

test('R24: a window that closes before the deployment begins withdraws its pass; at the next opening it goes', async () => {
  const days: WeeklySpan['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const window = { zone: 'UTC', allow: [{ days, from: '08:00', to: '13:00' }], deny: [] };
  const pipeline = pipelineWith(1);
  const windowed = (spec: EnvironmentSpec): EnvironmentSpec =>
    spec.name === 'testing' ? { ...spec, gates: [{ gate: 'window', window }] } : spec;
  await applyPipeline(stage.worker(0).world, {
    pipeline: { ...pipeline, environments: pipeline.environments.map(windowed) },
    text: '',
    sourceUrl: undefined,
    actor: 'ann',
  });
  const environments = stage.environments.map((one) => ({ ...one, spec: windowed(one.spec) }));
  audited.auditBy({ ...stage, environments });
  await startSecond();
  const { id } = await latest();
  stage.outside.clock.advance(61 * 60_000);
  await deployAll();
  await sweep(stage.worker(0).world);
  assert.deepEqual([(await latest()).state, await runs()], ['waiting', 1]);
  await goesAfter(id, async () => stage.outside.clock.advance(19.1 * 3_600_000));
});

for (const place of ['prepare', 'migrate', 'deploy', 'verify'] as const)
  test(`R30: a veto stops it in the moment of ${place}, and what ran before runs`, async () => {
    await startSecond();
    meanwhile(place, () =>
      inTransaction((world, tx) => vetoIn(world, tx, { ...by, environment: undefined, release: '#2' })),
    );
    await deployAll();
    const { outcome, reason } = await latest();
    assert.deepEqual([outcome, await runs()], ['aborted', 1]);
    assert.match(reason!, /vetoed by ann: the sale/);
  });
