/**
 * A control plane and two workers deploy while they and their PostgreSQL are killed again and again. Whatever was
 * acknowledged must end the way its release deserves, every command must have run exactly once, and the audit log must agree with
 * every checkpoint that somebody kept meanwhile (R7, R11, R40, R41).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../world/make.ts';
import { createClient, type Client } from './harness/client.ts';
import { faultsIn } from './harness/journals.ts';
import { keepRunning, type Kept } from './harness/keep.ts';
import {
  failedJobs,
  openPromotions,
  sample,
  takeovers,
  unfinished,
  wrongPromotions,
  type Acknowledged,
} from './harness/ledger.ts';
import { killPostmaster, postmasterOf, untilAnswering } from './harness/postmaster.ts';
import { makeReleases, makeRepository, pipelineText, promote } from './harness/project.ts';
import { chanceOf, type Chance } from './harness/seed.ts';
import { makeStage, type Stage } from './harness/stage.ts';
import { keepCheckpoints } from './harness/witness.ts';

export interface CrashOptions {
  readonly promotions: number;
  readonly environments: number;
  readonly kills: number;
  readonly seed: number;
  /** Longest pause between two kills. */
  readonly pauseMs: number;
  /** For everything to end after the last kill. */
  readonly patienceMs: number;
  /** Leaves directory and processes for somebody to look at. */
  readonly keep?: boolean;
  readonly say: (what: string) => void;
}

export interface CrashReport {
  /** Every one is a broken promise; empty when all is well. */
  readonly faults: readonly string[];
  readonly kills: Readonly<Record<string, number>>;
  /** Milliseconds until what was killed was there again. */
  readonly recoveries: Readonly<Record<string, readonly number[]>>;
  readonly takeovers: number;
  readonly repeatedRequests: number;
  readonly samples: number;
  /** Of the audit log, kept by somebody outside meanwhile. */
  readonly checkpoints: number;
  /** Processes that ended although nobody had killed them: last words. */
  readonly surprises: readonly string[];
  readonly drainedAfterMs: number;
}

export async function crash(options: CrashOptions): Promise<CrashReport> {
  const stage = await makeStage();
  try {
    return await play(stage, options);
  } finally {
    if (options.keep === true) options.say(`kept ${stage.directory}`);
    else await stage.remove();
  }
}

const sayEveryMs = 10_000;

interface Cast {
  readonly stage: Stage;
  readonly url: string;
  readonly plane: Kept;
  readonly workers: readonly Kept[];
  readonly client: Client;
}

async function play(stage: Stage, options: CrashOptions): Promise<CrashReport> {
  const chance = chanceOf(options.seed);
  const cast = await assemble(stage, chance);
  const names = Array.from({ length: options.environments }, (_, index) => `place-${index + 1}`);
  const releases = Math.ceil(options.promotions / options.environments);
  await makeReleases(cast.client, {
    repository: makeRepository(stage.directory),
    text: pipelineText(
      stage.journals,
      names.map((name) => ({ name })),
    ),
    count: releases,
  });
  options.say(`${releases} releases are built; promotions and kills begin`);
  const sampler = sample(cast.url);
  const witness = keepCheckpoints(cast.url);
  const wishes = Array.from({ length: options.promotions }, (_, index) => ({
    environment: names[index % names.length]!,
    release: Math.floor(index / names.length) + 1,
  }));
  const { kills, databaseBack, asking } = await killWhileAsking(cast, { options, chance, wishes });
  const acknowledged = await asking;
  const lastKillAt = performance.now();
  await drained(cast, options).catch((error: Error) => options.say(error.message));
  const drainedAfterMs = performance.now() - lastKillAt;
  await until(async () => (await unfinished(cast.url)).length === 0, 'leases and queue are empty', 60_000).catch(
    (error: Error) => options.say(error.message),
  );
  await sampler.stop();
  const faults = [
    ...sampler.faults,
    ...(await wrongPromotions(cast.url, acknowledged)),
    ...names.flatMap((name) =>
      faultsIn(
        stage.journals,
        name,
        wishes.filter(({ environment }) => environment === name).map(({ release }) => release),
      ),
    ),
    ...(await unfinished(cast.url)),
    ...(await failedJobs(cast.url)),
    ...(await witness.faults()),
  ];
  const taken = await takeovers(cast.url);
  faults.push(...(await leave(cast)));
  const everyone = [cast.plane, ...cast.workers];
  return {
    faults,
    kills,
    recoveries: {
      ...Object.fromEntries(everyone.map(({ name, recoveries }) => [name, recoveries])),
      postgres: databaseBack,
    },
    takeovers: taken,
    repeatedRequests: cast.client.repeated(),
    samples: sampler.samples(),
    checkpoints: witness.kept(),
    surprises: everyone.flatMap(({ name, surprises }) =>
      surprises.map(({ code, signal, lastWords }) => `${name} ended with ${signal ?? code}: ${lastWords}`),
    ),
    drainedAfterMs,
  };
}

/** Says every now and then what it still waits for. */
async function drained({ url }: Cast, { patienceMs, say }: CrashOptions): Promise<void> {
  let said = performance.now();
  await until(
    async () => {
      const open = await openPromotions(url).catch(() => undefined);
      if (open !== undefined && open.length > 0 && performance.now() - said > sayEveryMs) {
        said = performance.now();
        say(`${open.length} promotions are open: ${open.slice(0, 3).join('; ')}`);
      }
      return open?.length === 0;
    },
    'all promotions have ended',
    patienceMs,
  );
}

async function assemble(stage: Stage, chance: Chance): Promise<Cast> {
  const plane = keepRunning(
    'plane',
    () => stage.start('plane', { roles: { serve: true, work: true } }),
    chance.branch(),
  );
  await plane.ready();
  const url = (await stage.server()).url('liftlock');
  const workers = ['worker-1', 'worker-2'].map((name) =>
    keepRunning(
      name,
      () => stage.start(name, { roles: { serve: false, work: true }, databaseUrl: url }),
      chance.branch(),
    ),
  );
  await Promise.all(workers.map((worker) => worker.ready()));
  const client = createClient(() => plane.now() ?? { url: undefined, tokenFile: '' });
  return { stage, url, plane, workers, client };
}

interface Script {
  readonly options: CrashOptions;
  readonly chance: Chance;
  readonly wishes: readonly { readonly environment: string; readonly release: number }[];
}

/** Requests are spread over the kills, so that there is always something to interrupt. */
async function killWhileAsking(
  cast: Cast,
  { options, chance, wishes }: Script,
): Promise<{ kills: Record<string, number>; databaseBack: number[]; asking: Promise<readonly Acknowledged[]> }> {
  const kills: Record<string, number> = {};
  const databaseBack: number[] = [];
  const asked: Promise<Acknowledged>[] = [];
  const waiting: Promise<void>[] = [];
  let done = 0;
  while (done < options.kills) {
    const due = Math.ceil((wishes.length * (done + 1)) / options.kills);
    for (const wish of wishes.slice(asked.length, due)) asked.push(ask(cast.client, wish, chance.happens(0.2)));
    await wait(chance.between(0, options.pauseMs));
    for (const victim of chooseVictims(chance)) {
      const killed =
        victim === 'postgres' ? await killPostmaster(cast.stage.home) : await memberNamed(cast, victim).kill();
      if (!killed) continue;
      done += 1;
      kills[victim] = (kills[victim] ?? 0) + 1;
      options.say(`kill ${done}: ${victim}`);
      if (victim === 'postgres') waiting.push(untilAnswering(cast.url).then((after) => void databaseBack.push(after)));
      else if (chance.happens(0.25)) await killStarting(memberNamed(cast, victim), chance);
    }
  }
  for (const wish of wishes.slice(asked.length)) asked.push(ask(cast.client, wish, false));
  await Promise.all([...waiting, cast.plane.ready(), ...cast.workers.map((worker) => worker.ready())]);
  return { kills, databaseBack, asking: Promise.all(asked) };
}

/** One, or several at the same moment. */
function chooseVictims(chance: Chance): readonly string[] {
  const together = [
    ['plane', 'postgres'],
    ['postgres', 'plane'],
    ['worker-1', 'worker-2'],
    ['plane', 'worker-1', 'worker-2', 'postgres'],
  ];
  return chance.happens(0.15)
    ? chance.pick(together)
    : [chance.pick(['plane', 'plane', 'worker-1', 'worker-2', 'postgres'])];
}

/** Again, while it starts. */
async function killStarting(kept: Kept, chance: Chance): Promise<void> {
  await kept.startingAgain();
  await wait(chance.between(0, 600));
  await kept.kill();
}

function memberNamed({ plane, workers }: Cast, name: string): Kept {
  return [plane, ...workers].find((kept) => kept.name === name)!;
}

/** R11: some programs ask again with the same key although they were answered; they must be told the same. */
async function ask(client: Client, wish: Script['wishes'][number], again: boolean): Promise<Acknowledged> {
  const request = { ...wish, key: `${wish.environment}-${wish.release}` };
  const { promotion } = await promote(client, request);
  if (!again) return { ...wish, promotion };
  const repeated = await promote(client, request);
  if (repeated.promotion !== promotion)
    throw new Error(`the same request was answered ${promotion} and then ${repeated.promotion}`);
  return { ...wish, promotion };
}

/** Everybody is told to end, and nothing is left. */
async function leave({ stage, plane, workers }: Cast): Promise<readonly string[]> {
  const exits = [...(await Promise.all(workers.map((worker) => worker.stop()))), await plane.stop()];
  const failed = exits
    .filter(({ code }) => code !== 0)
    .map(({ code, signal, lastWords }) => `a process told to stop ended with ${signal ?? code}: ${lastWords}`);
  await until(() => stage.left().length === 0, 'no process is left', 10_000).catch(() => undefined);
  const left = stage.left().map((line) => `left behind: ${line}`);
  const database = (await postmasterOf(stage.home)) === undefined ? [] : ['PostgreSQL was left running'];
  return [...failed, ...left, ...database];
}
