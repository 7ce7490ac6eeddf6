/** The life of one worker process: it beats, works on jobs, sweeps, and takes over from replicas that are gone. */
import { asFailure, Failure } from '../domain/base/failure.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Job, Jobs } from '../ports/jobs.ts';
import { buildCommit } from './release/build.ts';
import { askOutside } from './gate/checks.ts';
import { deploy } from './promotion/deploy.ts';
import { lookAtRollouts } from './rollout/look-at-rollouts.ts';
import { measureTurn } from './rollout/measure.ts';
import { reverify } from './promotion/reverify.ts';
import { sweep, sweepServices, sweepSources, sweepStalled } from './sweep.ts';
import { asShutdown } from './leases.ts';
import { tidy } from './tidy.ts';
import type { World } from './world.ts';

/** Pauses between looks, in milliseconds. */
export interface Pace {
  readonly beat: number;
  readonly sweep: number;
  readonly rollouts: number;
  readonly sources: number;
  readonly services: number;
  readonly stalled: number;
  readonly orphans: number;
  readonly tidy: number;
}

export const usualPace: Pace = {
  beat: 500,
  sweep: 1_000,
  rollouts: 250,
  sources: 1_000,
  services: 1_000,
  stalled: 30_000,
  orphans: 2_000,
  tidy: 3_600_000,
};

/**
 * A replica whose connection is gone and that has been silent this long is gone; one that keeps its connection gets
 * longer. Silence counts only while we could have heard: after an outage of the database, or of ours, everybody gets this long to come back.
 */
const silence = 1_500;
const death = 10_000;

export interface Replica {
  /** Stops taking work, leaves what is under way to others (or to our next start), and says goodbye. */
  stop(): Promise<void>;
  /** Rejects when this replica was declared gone: it must not go on under this identity. */
  readonly ended: Promise<void>;
}

export async function startReplica(
  world: World,
  jobs: Jobs,
  options: { version: string; pace: Pace },
): Promise<Replica> {
  const stopping = new AbortController();
  const self: Self = {
    startedAt: world.clock.now(),
    version: options.version,
    hearsSince: undefined,
    lastBeatAt: undefined,
  };
  await beat(world, jobs, self);
  await jobs.start((job, signal) => handle(world, job, signal));
  const { signal } = stopping;
  const news = createBell(world, signal);
  const unsubscribe = world.store.onCommit(() => {
    world.leases.look();
    news.ring();
  });
  const { pace } = options;
  const loops = [
    every(world, { pause: pace.beat, signal }, () => beat(world, jobs, self)),
    every(world, { pause: pace.sweep, signal }, () => sweep(world)),
    every(world, { pause: pace.rollouts, signal, sooner: news }, () => lookAtRollouts(world)),
    every(world, { pause: pace.sources, signal }, () => sweepSources(world)),
    every(world, { pause: pace.services, signal }, () => sweepServices(world)),
    every(world, { pause: pace.stalled, signal }, () => sweepStalled(world)),
    every(world, { pause: pace.orphans, signal }, () => reclaimOrphans(world, jobs)),
    every(world, { pause: pace.tidy, signal }, () => tidy(world)),
  ];
  const ended = Promise.all(loops).then(() => undefined);
  ended.catch(() => stopping.abort());
  return {
    ended,
    async stop() {
      stopping.abort();
      world.leases.interruptAll();
      unsubscribe();
      await jobs.stop();
      await ended.catch(() => undefined);
      await world.store.transaction((tx) => tx.replicas.leave(world.replica, world.clock.now())).catch(() => undefined);
    },
  };
}

/** One job, one verb. */
export async function handle(world: World, job: Job, signal: AbortSignal): Promise<void> {
  switch (job.kind) {
    case 'build':
      return buildCommit(world, job.build, asShutdown(signal));
    case 'deploy':
      return deploy(world, job.promotion);
    case 'verify':
      return reverify(world, job.request, asShutdown(signal));
    case 'check':
      return askOutside(world, job.check, asShutdown(signal));
    case 'measure':
      return measureTurn(world, job, signal);
  }
}

interface Self {
  readonly startedAt: Instant;
  readonly version: string;
  /** Since when our beats have followed each other without a gap; absent after one that failed. */
  hearsSince: Instant | undefined;
  lastBeatAt: Instant | undefined;
}

async function beat(world: World, jobs: Jobs, self: Self): Promise<void> {
  const now = world.clock.now();
  const asleep = self.lastBeatAt === undefined || now - self.lastBeatAt > silence;
  const hearsSince = asleep ? now : (self.hearsSince ?? now);
  self.hearsSince = undefined;
  const { died, gone } = await world.store.transaction(async (tx) => {
    const answer = await tx.replicas.beat({
      id: world.replica,
      roles: 'worker',
      version: self.version,
      startedAt: self.startedAt,
      beatAt: now,
    });
    if (answer === 'declared-gone')
      throw new Failure(
        'lease/lost',
        `this worker (${world.replica}) was silent for too long and others have taken over its work`,
        { hint: 'start it again' },
      );
    const hearing = now - hearsSince >= silence;
    const marked = hearing
      ? await tx.replicas.markGone(world.replica, {
          silentSince: (now - silence) as Instant,
          deadSince: (now - death) as Instant,
          now,
        })
      : [];
    return { died: marked, gone: await tx.replicas.unreclaimed() };
  });
  self.hearsSince = hearsSince;
  self.lastBeatAt = world.clock.now();
  for (const replica of gone) {
    await jobs.reclaim(replica);
    await world.store.transaction((tx) => tx.replicas.reclaimed(replica, now));
    if (died.includes(replica)) world.log.warn('a worker is gone and its work was taken over', { replica });
    else world.log.info('a worker has stopped and its work was taken over', { replica });
  }
  if (gone.length > 0) {
    await sweep(world);
    jobs.kick();
  }
  await world.leases.beat();
}

/**
 * A worker that was declared gone may begin jobs until it learns of it, or have a claim under way when it is killed. Such a
 * job would hold up its environment for ever. Whoever begins jobs is on record before, so the owners are read first.
 */
async function reclaimOrphans(world: World, jobs: Jobs): Promise<void> {
  const owners = await jobs.owners();
  const present = await world.store.transaction((tx) => tx.replicas.present());
  const gone = owners.filter((owner) => !present.some(({ id }) => id === owner));
  for (const replica of gone) await jobs.reclaim(replica);
}

/** Ends a pause before its time: rung while nobody waits, the next one does not wait. */
interface Bell {
  ring(): void;
  wait(milliseconds: number): Promise<void>;
}

/** Commits come in bursts: one look for what comes within so many ms. */
const gatherMs = 10;

function createBell({ clock }: World, signal: AbortSignal): Bell {
  let heard = new AbortController();
  const ring = () => heard.abort();
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(milliseconds) {
      await clock.sleep(milliseconds, heard.signal);
      if (heard.signal.aborted) await clock.sleep(gatherMs);
      heard = new AbortController();
    },
  };
}

/** Repeats until stopped. The database being away is waited out; being declared gone ends it. */
async function every(
  world: World,
  { pause, signal, sooner }: { pause: number; signal: AbortSignal; sooner?: Bell },
  act: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await act();
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === 'lease/lost') throw failure;
      if (failure.code === 'database/unreachable')
        world.log.warn('the database cannot be reached; trying again', { reason: failure.message });
      else
        world.log.error('a periodic task failed and will be tried again', {
          code: failure.code,
          reason: failure.message,
        });
    }
    await (sooner?.wait(pause) ?? world.clock.sleep(pause, signal));
  }
}
