/** Single moments on the stage, one command at a time, for tests that know what they want to see. */
import assert from 'node:assert/strict';
import type { Job } from '../../../src/ports/jobs.ts';
import { allWell, type Answers } from './outside.ts';
import { carryOut, environmentId, look, type Stage } from './stage.ts';

export interface Told {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
}

/** A new commit, known to every trigger; nothing is carried out yet. */
export async function commit(stage: Stage, number: number): Promise<void> {
  stage.outside.commits.push(String(number).padStart(40, '0'));
  stage.outside.tags.set(`v${number}`, stage.outside.commits.at(-1)!);
  await look(stage);
}

/** Carries out the waiting jobs of this kind, for this environment when one is named. */
export async function carryOutAll(
  stage: Stage,
  kind: Job['kind'],
  { answers = allWell, environment }: { answers?: Answers; environment?: string | undefined } = {},
): Promise<void> {
  stage.outside.answers = answers;
  for (const waiting of await stage.waitingJobs()) {
    const { job } = waiting;
    const elsewhere =
      environment !== undefined && (!('environment' in job) || job.environment !== environmentId(stage, environment));
    if (job.kind !== kind || elsewhere) continue;
    assert.ok(await carryOut(stage.worker(0), job));
    await stage.done(waiting);
  }
  stage.outside.answers = allWell;
}

/** The latest promotion into an environment. */
export async function latest(stage: Stage, environment: string): Promise<Told> {
  const rows = await stage.query<Told>(
    'select id, state, outcome, reason from promotions where environment_id = $1 order by seq desc',
    [environmentId(stage, environment)],
  );
  return rows[0]!;
}

export async function runningIn(stage: Stage, environment: string): Promise<number | undefined> {
  const rows = await stage.query<{ number: number }>(
    'select r.number from environments e join deployments d on d.id = e.deployment_id join releases r on r.id = d.release_id where e.id = $1',
    [environmentId(stage, environment)],
  );
  return rows[0]?.number;
}
