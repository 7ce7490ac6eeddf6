/** What repositories, clocks and machines do: commits come, jobs are carried out, workers stall and die. */
import fc from 'fast-check';
import { freezeIn, pinIn, vetoIn } from '../../../src/engine/promotion/controls.ts';
import { reconcile } from '../../../src/engine/promotion/reconcile.ts';
import { requestVerificationIn } from '../../../src/engine/promotion/reverify.ts';
import { abort } from '../../../src/engine/promotion/stop.ts';
import { sweep } from '../../../src/engine/sweep.ts';
import { sha256 } from '../../make/facts.ts';
import {
  asked,
  command,
  environment,
  inTransaction,
  index,
  people,
  reason,
  someRelease,
  which,
  type Known,
} from './command.ts';
import { allWell, commandAnswers, places, targetAnswers, type Answers } from './outside.ts';
import { carryOut, environmentId, finishJobs, look, type Stage } from './stage.ts';

const pauses = [1_000, 11_000, 61_000, 10 * 60_000, 40 * 60_000, 6 * 3_600_000, 14 * 3_600_000];

export const commits = fc.record({}).map(() =>
  command('somebody commits to main', {}, async (stage, known) => {
    known.commits += 1;
    stage.outside.commits.push(sha256(`commit ${known.commits}`).slice(7, 47));
    await look(stage);
  }),
);

export const progress = fc
  .record({ commit: fc.constantFrom(true, true, false), pause: fc.constantFrom(0, ...pauses) })
  .map(({ commit, pause }) =>
    command(
      `${commit ? 'a tagged commit comes, ' : ''}everything goes well, and ${pause / 1_000} s pass`,
      {},
      async (stage, known) => {
        if (commit) await bringRelease(stage, known);
        await finishJobs(stage);
        stage.outside.clock.advance(pause);
        await finishJobs(stage);
      },
    ),
  );

/** A commit with a tag, built. */
async function bringRelease(stage: Stage, known: Known): Promise<void> {
  known.commits += 1;
  const commit = sha256(`commit ${known.commits}`).slice(7, 47);
  stage.outside.commits.push(commit);
  stage.outside.tags.set(`v${known.commits}`, commit);
  await look(stage);
  for (const waiting of (await stage.waitingJobs()).filter(({ job }) => job.kind === 'build')) {
    await carryOut(stage.worker(0), waiting.job);
    await stage.done(waiting);
  }
}

export const tags = index.map((at) =>
  command(`somebody tags commit ${at}`, { needsCommits: true }, async (stage) => {
    const { commits: all, tags: named } = stage.outside;
    const position = all.length - 1 - (at % all.length);
    named.set(`v${position + 1}`, all[position]!);
    await look(stage);
    await look(stage);
  }),
);

const jobAnswers: fc.Arbitrary<Answers> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(allWell) },
  {
    weight: 2,
    arbitrary: fc.record({
      target: fc.constantFrom(...targetAnswers),
      migration: fc.constantFrom('passes' as const, ...commandAnswers),
      verification: fc.constantFrom(...commandAnswers),
    }),
  },
);

/** What may happen in the middle of a job: somebody interferes, or the worker stalls and another one takes over. */
const meanwhile = fc.option(
  fc.record({
    at: fc.constantFrom(...places),
    what: fc.constantFrom('abort', 'abort from elsewhere', 'veto', 'freeze', 'pin', 'stall', 'stall and wake', 'look'),
    actor: people,
  }),
  { nil: undefined, freq: 2 },
);
const death = fc.option(
  fc.record({
    at: fc.integer({ min: 1, max: 9 }),
    when: fc.constantFrom('before' as const, 'after' as const),
    noticed: fc.boolean(),
  }),
  { nil: undefined, freq: 3 },
);

export const works = fc
  .record({ by: which, at: fc.nat({ max: 3 }), keep: fc.boolean(), answers: jobAnswers, meanwhile, death })
  .map((order) =>
    command(`a worker takes a job ${JSON.stringify(order)}`, {}, async (stage, known) => {
      if ((await stage.waitingJobs()).length === 0) await bringRelease(stage, known);
      const jobs = await stage.waitingJobs();
      const job = jobs[order.at % Math.max(1, jobs.length)];
      if (job === undefined) return;
      const { outside } = stage;
      const worker = stage.worker(order.by);
      const other = stage.worker(order.by === 0 ? 1 : 0);
      outside.answers = order.answers;
      if (order.death !== undefined) worker.dieAt(order.death.at, order.death.when);
      if (order.meanwhile !== undefined)
        outside.meanwhile = { at: order.meanwhile.at, act: () => interfere(order.meanwhile!) };
      const finished = await carryOut(worker, job.job);
      worker.dieAt(Infinity, 'before');
      outside.meanwhile = undefined;
      outside.answers = allWell;
      if (finished && !order.keep) await stage.done(job);
      if (!finished && order.death?.noticed === true) await declareGone(stage, worker.world.replica);

      async function interfere({ what, actor }: { what: string; actor: string }): Promise<void> {
        const promotion = job!.job.kind === 'deploy' ? job!.job.promotion : '';
        if (what === 'abort') await asked(() => abort(worker.world, { promotion, reason, actor }));
        if (what === 'abort from elsewhere') await asked(() => abort(other.world, { promotion, reason, actor }));
        if (what === 'look') await Promise.all([sweep(other.world), look(stage, other)]);
        if (what === 'veto')
          await asked(() =>
            other.world.store.transaction(async (tx) =>
              vetoIn(other.world, tx, {
                project: 'shop',
                release: await someRelease(stage, 0),
                environment: undefined,
                reason,
                actor,
              }),
            ),
          );
        const place = stage.environments.find(({ id }) => 'environment' in job!.job && job!.job.environment === id);
        if (what === 'freeze')
          await other.world.store.transaction((tx) =>
            freezeIn(other.world, tx, {
              project: 'shop',
              environment: place?.spec.name,
              everything: false,
              from: other.world.clock.now(),
              until: undefined,
              reason,
              actor,
            }),
          );
        if (what === 'pin' && place !== undefined)
          await asked(() =>
            other.world.store.transaction(async (tx) =>
              pinIn(other.world, tx, {
                project: 'shop',
                environment: place.spec.name,
                release: await someRelease(stage, 1),
                reason,
                actor,
              }),
            ),
          );
        if (!what.startsWith('stall')) return;
        outside.clock.advance(11_000);
        await sweep(other.world);
        if (what === 'stall and wake') return;
        const [taken] = (await stage.waitingJobs())
          .filter((waiting) => waiting.job.kind === 'deploy' && waiting.job.promotion === promotion)
          .toReversed();
        if (taken !== undefined && (await carryOut(other, taken.job))) await stage.done(taken);
      }
    }),
  );

async function declareGone(stage: Stage, replica: string): Promise<void> {
  await stage.query(
    `insert into replicas (id, lock_key, roles, version, started_at, beat_at, gone_at) values ($1, 0, 'worker', '0', 0, 0, 0) on conflict do nothing`,
    [replica],
  );
}

export const twice = fc.record({ at: fc.nat({ max: 3 }), answers: jobAnswers }).map((order) =>
  command(`two workers get the same job ${JSON.stringify(order)}`, {}, async (stage, known) => {
    if ((await stage.waitingJobs()).length === 0) await bringRelease(stage, known);
    const jobs = await stage.waitingJobs();
    const job = jobs[order.at % Math.max(1, jobs.length)];
    if (job === undefined) return;
    stage.outside.answers = order.answers;
    await Promise.all([
      carryOut(stage.worker(0), job.job),
      carryOut(stage.worker(1), job.job),
      carryOut(stage.worker(0), job.job),
    ]);
    stage.outside.answers = allWell;
    await stage.done(job);
  }),
);

export const looks = fc.record({ environment, times: fc.integer({ min: 1, max: 3 }) }).map((order) =>
  command(`${order.times} looks at ${order.environment} at once`, {}, async (stage) => {
    const id = environmentId(stage, order.environment);
    await Promise.all(
      Array.from({ length: order.times }, (_, turn) => reconcile(stage.worker((turn % 2) as 0 | 1).world, id)),
    );
  }),
);

export const ticks = fc.record({ pause: fc.constantFrom(...pauses), by: which }).map(({ pause, by }) =>
  command(`${pause / 1_000} s pass and worker ${by} sweeps`, {}, async (stage) => {
    stage.outside.clock.advance(pause);
    await sweep(stage.worker(by).world);
  }),
);

export const verifications = fc
  .record({ environment: fc.constantFrom('testing', 'staging', 'production'), answers: jobAnswers })
  .map((order) =>
    command(
      `${order.environment} is verified again: ${order.answers.verification}`,
      { needsCommits: true },
      async (stage) => {
        await inTransaction(stage, (world, tx) =>
          requestVerificationIn(world, tx, { project: 'shop', environment: order.environment, actor: 'ann' }),
        );
        stage.outside.answers = order.answers;
        for (const waiting of (await stage.waitingJobs()).filter(({ job }) => job.kind === 'verify')) {
          await carryOut(stage.worker(1), waiting.job);
          await stage.done(waiting);
        }
        stage.outside.answers = allWell;
      },
    ),
  );
