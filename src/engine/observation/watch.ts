/**
 * Asks what serves whether it is well, and starts again what is not: a process that hangs lives, so that whoever keeps it sees
 * nothing. `domain/observation/ailing.ts` says what follows from the answers; while all are well nothing is written.
 */
import type { Duration, Instant } from '../../domain/base/time.ts';
import {
  afterLook,
  afterRestart,
  afterTelling,
  courseOf,
  restartAfterOf,
  type Ailing,
  type Answer,
  type Course,
  type Start,
} from '../../domain/observation/ailing.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { isBusy } from './busy.ts';
import { bringToLife, sketch, type Recorded } from '../promotion/deployment.ts';
import { putRight, type Take } from './mend.ts';
import type { World } from '../world.ts';

/** Beside the times that the service itself has to leave and to come up. */
const renewingTime = 60_000 as Duration;

export async function watch(world: World, serving: Recorded, take: Take): Promise<void> {
  const target = world.targets[serving.row.snapshot.target.kind];
  if (target.ask === undefined) return;
  const answers = await target.ask(sketch(serving));
  const before = serving.environment.ailing;
  if (before === undefined && answers.every(({ is }) => is === 'well')) return;
  const found = await world.store.transaction((tx) => record(world, tx, { serving, answers }));
  if (found !== undefined && found.course.do === 'restart')
    await renew(world, serving, { ailing: found.ailing, course: found.course, take });
}

interface Asked {
  readonly serving: Recorded;
  readonly answers: readonly Answer[];
}

interface Found {
  readonly ailing: Ailing;
  readonly course: Course;
}

/** `undefined` when nothing is wrong, and when somebody else has the environment or has looked meanwhile. */
async function record(world: World, tx: Transaction, { serving, answers }: Asked): Promise<Found | undefined> {
  const { row } = serving;
  const environment = (await tx.environments.lock(serving.environment.id))!;
  const at = world.clock.now();
  const before = environment.ailing;
  const isAnother = environment.deployment !== row.id || before?.lookedAt !== serving.environment.ailing?.lookedAt;
  if (isAnother || (await isBusy(tx, environment, at))) return undefined;
  const ailing = afterLook(before, { deployment: row.id, at, answers });
  const course = courseOf(ailing, { at, answers, restartAfter: restartAfterOf(row.snapshot.service.health) });
  const isTold = course.do === 'tell' || course.do === 'tell-well';
  const next = ailing !== undefined && isTold ? afterTelling(ailing, course.do === 'tell') : ailing;
  if (next !== before) await tx.environments.setAiling(environment.id, next);
  if (isTold) await tellOf(tx, serving, { course, at });
  return ailing && { ailing, course };
}

async function tellOf(
  tx: Transaction,
  { project, environment, release }: Recorded,
  { course, at }: { readonly course: Extract<Course, { do: 'tell' | 'tell-well' }>; readonly at: Instant },
): Promise<void> {
  await tx.events.append({
    kind: course.do === 'tell' ? 'environment.unwell' : 'environment.well',
    actor: actors.engine,
    at,
    project: project.id,
    environment: environment.id,
    release: release.id,
    data: course.do === 'tell' ? { because: course.because, ...(course.again ? { again: true } : {}) } : {},
  });
}

const ofOne = { before: 'environment.degraded', after: 'environment.mended', inVain: 'environment.still-degraded' };
const ofAll = { before: 'environment.down', after: 'environment.healed', inVain: 'environment.still-down' };

interface Renewal {
  readonly ailing: Ailing;
  readonly course: Start;
  readonly take: Take;
}

/** The start is on record before it is made: one that is cut short counts, and what it ended is started by the next look. */
async function renew(world: World, serving: Recorded, { ailing, course, take }: Renewal): Promise<void> {
  const { instance, answers, outage, because } = course;
  const { environment, row } = serving;
  const { health, stopGrace } = row.snapshot.service;
  const comingUp = health.kind === 'http' ? health.deadline : health.settle;
  world.log.warn('an instance is not well and is being started again', {
    environment: environment.spec.name,
    instance,
    reason: because,
  });
  await putRight(world, serving, {
    because,
    take,
    time: (renewingTime + stopGrace + comingUp) as Duration,
    events: outage ? ofAll : ofOne,
    data: { instance, ...(course.again ? { again: true } : {}) },
    record: (tx) => tx.environments.setAiling(environment.id, afterRestart(ailing, course, world.clock.now())),
    act: async () => {
      const deployment = await bringToLife(world, serving);
      const { signal } = new AbortController();
      return world.targets[deployment.target.kind].renew?.(deployment, { instance, answers }, signal);
    },
  });
}
