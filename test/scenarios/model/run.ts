/** Runs the model: random commands, an audit after each, and at the end proof that nothing is stuck. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideIn } from '../../../src/engine/gate/approve.ts';
import { liftFreezeIn, liftVetoIn, releaseHoldIn, unpinIn } from '../../../src/engine/promotion/controls.ts';
import { abort } from '../../../src/engine/promotion/stop.ts';
import { sha256 } from '../../make/facts.ts';
import type { Known, Session } from './command.ts';
import { anyCommands } from './commands.ts';
import type { EnvironmentRow, PromotionRow } from './rows.ts';
import { createAuditor } from './invariants.ts';
import { allWell } from './outside.ts';
import { environmentNames } from './pipeline.ts';
import { finishJobs, look, openStage, type Stage } from './stage.ts';

export interface ModelRun {
  readonly runs: number;
  readonly seed: number;
  /** Most commands of one run. */
  readonly length: number;
  /** Replays one failing run, as fast-check printed it. */
  readonly path?: string;
}

/** How often each thing happened in all runs: what never happened was not tested. */
export type Tally = Map<string, number>;

/** @throws Error with the seed and the shortest run that breaks a rule. */
export async function runModel({ runs, seed, length, path }: ModelRun): Promise<Tally> {
  const tally: Tally = new Map();
  const property = fc.asyncProperty(
    fc.commands(anyCommands, { maxCommands: length, size: 'max' }),
    async (commands) => {
      const stage = await openStage();
      try {
        const session: Session = { stage, auditor: createAuditor(stage) };
        await fc.asyncModelRun(() => ({ model: { commits: 0 } as Known, real: session }), commands);
        await count(stage, tally);
        await bringHome(session);
      } finally {
        await stage.close();
      }
    },
  );
  await fc.assert(property, { numRuns: runs, seed, unbiased: true, ...(path === undefined ? {} : { path }) });
  return tally;
}

async function count(stage: Stage, tally: Tally): Promise<void> {
  const rows = await stage.query<{ what: string; times: number }>(`select what, count(*)::integer as times from (
    select kind || coalesce(' ' || (data->>'outcome'), ' ' || (data->>'verdict'), '') as what from events
    union all select 'lease given to another worker' from promotions, generate_series(1, attempt)) happened group by what`);
  for (const { what, times } of rows) tally.set(what, (tally.get(what) ?? 0) + times);
}

/** R39: when people lift what they set and the world is well, a new release reaches every environment. */
async function bringHome({ stage, auditor }: Session): Promise<void> {
  const { outside } = stage;
  outside.answers = allWell;
  await liftEverything(stage);
  outside.commits.push(sha256('the last commit').slice(7, 47));
  outside.tags.set('v-last', outside.commits.at(-1)!);
  await look(stage);
  for (let round = 0; round < 60; round++) {
    await finishJobs(stage);
    await auditor.audit();
    if (await isHome(stage)) return;
    await approve(stage);
    outside.clock.advance(3_600_000);
    await liftEverything(stage);
  }
  const stuck =
    await stage.query(`select e.name, r.number, p.kind, p.state, p.outcome, p.reason, p.answers from promotions p join environments e on e.id = p.environment_id
    join releases r on r.id = p.release_id order by p.seq desc limit 8`);
  assert.fail(`R39: the last release did not reach every environment\n${JSON.stringify(stuck, undefined, 1)}`);
}

async function isHome(stage: Stage): Promise<boolean> {
  const [{ home }] = (await stage.query(
    `select count(*)::integer as home from environments e join deployments d on d.id = e.deployment_id
    join releases r on r.id = d.release_id where r.commit_id = $1`,
    [stage.outside.commits.at(-1)],
  )) as [{ home: number }];
  return home === environmentNames.length;
}

async function liftEverything(stage: Stage): Promise<void> {
  const { world } = stage.worker(0);
  const { store } = world;
  const by = { project: 'shop', reason: 'the end', actor: 'ann' };
  for (const { id } of await stage.query<{ id: string }>(
    'select id from freezes where lifted_at is null and from_at <= $1',
    [world.clock.now()],
  )) {
    if (await isInForce(stage, id)) await store.transaction((tx) => liftFreezeIn(world, tx, { ...by, freeze: id }));
  }
  for (const { name, hold, pin } of await stage.query<Pick<EnvironmentRow, 'name' | 'hold' | 'pin'>>(
    'select name, hold, pin from environments',
  )) {
    if (hold !== null) await store.transaction((tx) => releaseHoldIn(world, tx, { ...by, environment: name }));
    if (pin !== null) await store.transaction((tx) => unpinIn(world, tx, { ...by, environment: name }));
  }
  // First in line, for a release that its predecessors will never verify: only a person can take it out of the queue.
  for (const { id, answers } of await stage.query<Pick<PromotionRow, 'id' | 'answers'>>(
    `select p.id, p.answers from promotions p join releases r on r.id = p.release_id
    where p.state = 'waiting' and r.commit_id <> $1`,
    [stage.outside.commits.at(-1)],
  )) {
    const upstream = answers?.all.some((answer) => answer.answer === 'waiting' && answer.waitsFor === 'upstream');
    if (upstream === true) await abort(world, { ...by, promotion: id });
  }
  for (const { release_id } of await stage.query<{ release_id: string }>(
    'select distinct release_id from vetoes where lifted_at is null',
  )) {
    await store.transaction((tx) => liftVetoIn(world, tx, { ...by, release: release_id, environment: undefined }));
  }
}

async function isInForce(stage: Stage, id: string): Promise<boolean> {
  const rows = await stage.query('select from freezes where id = $1 and (until_at is null or until_at > $2)', [
    id,
    stage.outside.clock.now(),
  ]);
  return rows.length > 0;
}

async function approve(stage: Stage): Promise<void> {
  const { world } = stage.worker(0);
  const waiting = await stage.query<Pick<PromotionRow, 'answers'> & { release_id: string }>(
    `select p.release_id, p.answers from promotions p join environments e on e.id = p.environment_id where p.state = 'waiting' and e.name = 'production'`,
  );
  for (const { release_id, answers } of waiting) {
    if (answers?.peopleAreAsked !== true) continue;
    for (const actor of ['dan', 'eve']) {
      await world.store
        .transaction((tx) =>
          decideIn(world, tx, {
            project: 'shop',
            release: release_id,
            environment: 'production',
            decision: 'approve',
            planHash: undefined,
            reason: 'fine',
            actor,
          }),
        )
        .catch(ignoreWhenStarted);
    }
  }
}

/** One more person may have been enough. */
function ignoreWhenStarted(thrown: { code?: string }): void {
  if (thrown.code !== 'approval/refused') throw thrown;
}
