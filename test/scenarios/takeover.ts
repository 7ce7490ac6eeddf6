/**
 * Two workers on one PostgreSQL. One of them is killed, or put to sleep for longer than anybody waits, in the middle of
 * its deployments: the other one takes over, each deployment runs once and ends right, and whoever wakes up too late
 * does nothing any more and ends (R7, R40).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { query, until } from '../world/make.ts';
import { createClient, type Client } from './harness/client.ts';
import { countOf, journalOf } from './harness/journals.ts';
import type { Member } from './harness/member.ts';
import { makeReleases, makeRepository, pipelineText, projectName, promote, rightOutcome } from './harness/project.ts';
import { makeStage, type Stage } from './harness/stage.ts';

export interface TakeoverOptions {
  readonly rounds: number;
  /** How long the sleeping worker sleeps; absent: it is not tried. */
  readonly sleepMs?: number;
  readonly say: (what: string) => void;
}

export interface TakeoverReport {
  readonly faults: readonly string[];
  /** From SIGKILL to the moment when the other worker held the lease, one for each promotion taken over. */
  readonly takenAfterMs: readonly number[];
  /** From SIGSTOP to the takeover. */
  readonly takenFromSleeperAfterMs: readonly number[];
}

const environments = ['place-1', 'place-2', 'place-3'];
/** Seconds that one deployment lasts: long enough to be interrupted, and to outlast a takeover. */
const deploySeconds = 3;
const longDeploySeconds = 14;
const sleeperPlace = 'place-slow';
const orphanPlace = 'place-orphan';

export async function takeover(options: TakeoverOptions): Promise<TakeoverReport> {
  const stage = await makeStage();
  try {
    return await play(stage, options);
  } finally {
    await stage.remove();
  }
}

interface Cast {
  readonly stage: Stage;
  readonly url: string;
  readonly client: Client;
  /** By the id under which they work. */
  readonly workers: Map<string, Member>;
}

async function play(stage: Stage, options: TakeoverOptions): Promise<TakeoverReport> {
  const cast = await assemble(stage);
  // Only releases whose right end is a success; the others are built and not promoted.
  const numbers = Array.from({ length: options.rounds * 2 + 2 }, (_, index) => index + 1)
    .filter((number) => rightOutcome(number) === 'succeeded')
    .slice(0, options.rounds + 1);
  await makeReleases(cast.client, {
    repository: makeRepository(stage.directory),
    text: pipelineText(stage.journals, [
      ...environments.map((name) => place(stage, name, deploySeconds)),
      place(stage, sleeperPlace, longDeploySeconds),
      place(stage, orphanPlace, 0),
    ]),
    count: numbers.at(-1)!,
  });
  const faults: string[] = [];
  const takenAfterMs: number[] = [];
  for (const [index, release] of numbers.slice(0, options.rounds).entries()) {
    const round = await killHolder(cast, release);
    options.say(`round ${index + 1}: taken over after ${round.takenAfterMs.map(Math.round).join(', ')} ms`);
    takenAfterMs.push(...round.takenAfterMs);
    faults.push(...round.faults);
  }
  const slept =
    options.sleepMs === undefined
      ? undefined
      : await sleepHolder(cast, { release: numbers.at(-1)!, sleepMs: options.sleepMs });
  if (slept !== undefined)
    options.say(`asleep: taken over after ${Math.round(slept.takenAfterMs)} ms; the sleeper ended with ${slept.exit}`);
  faults.push(...(await begunByNobody(cast, numbers.at(-1)!)));
  return {
    faults: [...faults, ...(slept?.faults ?? [])],
    takenAfterMs,
    takenFromSleeperAfterMs: slept === undefined ? [] : [slept.takenAfterMs],
  };
}

function place(stage: Stage, name: string, seconds: number) {
  return { name, more: [`variables: { JOURNALS: ${JSON.stringify(stage.journals)}, PAUSE: ${seconds} }`] };
}

async function assemble(stage: Stage): Promise<Cast> {
  const server = await stage.server();
  await query(server.url('postgres'), 'create database scenario');
  const url = server.url('scenario');
  const api = await stage.start('api', { roles: { serve: true, work: false }, databaseUrl: url }).ready;
  const cast: Cast = { stage, url, client: createClient(() => api), workers: new Map() };
  await startWorker(cast);
  await startWorker(cast);
  return cast;
}

/** One at a time, so that the id that appears is its own. */
async function startWorker({ stage, url, workers }: Cast): Promise<void> {
  const known = new Set((await query(url, 'select id from replicas')).map(({ id }) => id as string));
  const member = stage.start(`worker-${known.size + 1}`, { roles: { serve: false, work: true }, databaseUrl: url });
  await member.ready;
  const [added] = (await query(url, 'select id from replicas')).filter(({ id }) => !known.has(id as string));
  workers.set(added!.id as string, member);
}

async function killHolder(
  cast: Cast,
  release: number,
): Promise<{ faults: readonly string[]; takenAfterMs: readonly number[] }> {
  const promotions = await promoteEverywhere(cast, { release, places: environments });
  const { holder, held } = await someHolder(cast);
  const killedAt = performance.now();
  await cast.workers.get(holder)!.kill();
  const takenAfterMs = await Promise.all(
    held.map((promotion) => untilTaken(cast, { promotion, from: holder, since: killedAt })),
  );
  cast.workers.delete(holder);
  await startWorker(cast);
  return { takenAfterMs, faults: await faultsAtTheEnd(cast, { release, promotions }) };
}

async function sleepHolder(cast: Cast, { release, sleepMs }: { release: number; sleepMs: number }) {
  const promotions = await promoteEverywhere(cast, { release, places: [sleeperPlace] });
  const { holder, held } = await someHolder(cast);
  const sleeper = cast.workers.get(holder)!;
  const stoppedAt = performance.now();
  sleeper.signal('SIGSTOP');
  const takenAfterMs = await untilTaken(cast, { promotion: held[0]!, from: holder, since: stoppedAt });
  await wait(Math.max(0, sleepMs - (performance.now() - stoppedAt)));
  sleeper.signal('SIGCONT');
  const exit = await Promise.race([sleeper.exit, wait(15_000, undefined, { ref: false })]);
  const faults = await faultsAtTheEnd(cast, { release, promotions });
  if (exit === undefined) faults.push('the worker that was declared gone did not end');
  else if (exit.code === 0 || exit.signal !== null || !exit.lastWords.includes('others have taken over'))
    faults.push(`the worker that was declared gone ended with ${exit.signal ?? exit.code}: ${exit.lastWords}`);
  cast.workers.delete(holder);
  return { faults, takenAfterMs, exit: exit === undefined ? 'nothing' : `code ${exit.code}` };
}

/** A claim that the database carried out for a worker that was gone by then: nobody works on the job, nobody was told. */
async function begunByNobody(cast: Cast, release: number): Promise<readonly string[]> {
  for (const [id, member] of cast.workers) {
    await member.stop();
    cast.workers.delete(id);
  }
  const promotion = {
    environment: orphanPlace,
    ...(await promote(cast.client, { release, environment: orphanPlace })),
  };
  const claimed = await query(
    cast.url,
    `update dbos.workflow_status set status = 'PENDING', executor_id = 'rpl_nobody' where workflow_uuid like $1 returning 1`,
    [`deploy/${promotion.promotion}/%`],
  );
  if (claimed.length !== 1) return [`there is no job of ${promotion.promotion} to claim`];
  await startWorker(cast);
  return faultsAtTheEnd(cast, { release, promotions: [promotion] });
}

/** Answers once every deploy command has begun. */
async function promoteEverywhere(
  { client, stage }: Cast,
  { release, places }: { release: number; places: readonly string[] },
): Promise<readonly { promotion: string; environment: string }[]> {
  const promotions = await Promise.all(
    places.map(async (environment) => ({ environment, ...(await promote(client, { release, environment })) })),
  );
  await until(
    () => places.every((environment) => countOf(journalOf(stage.journals, environment), 'start', release) === 1),
    `release ${release} is being deployed`,
  );
  return promotions;
}

async function someHolder({ url }: Cast): Promise<{ holder: string; held: readonly string[] }> {
  const leases = await query(
    url,
    'select lease_holder, lease_promotion_id from environments where lease_holder is not null order by name',
  );
  const holder = leases[0]!.lease_holder as string;
  return {
    holder,
    held: leases
      .filter(({ lease_holder }) => lease_holder === holder)
      .map(({ lease_promotion_id }) => lease_promotion_id as string),
  };
}

/** Milliseconds; by the lease that somebody else holds. */
async function untilTaken(
  { url }: Cast,
  { promotion, from, since }: { promotion: string; from: string; since: number },
): Promise<number> {
  await until(async () => {
    const rows = await query(
      url,
      'select 1 from environments where lease_promotion_id = $1 and lease_holder is not null and lease_holder <> $2',
      [promotion, from],
    );
    return rows.length === 1;
  }, `${promotion} is taken over`);
  return performance.now() - since;
}

async function faultsAtTheEnd(
  { client, url, stage }: Cast,
  { release, promotions }: { release: number; promotions: readonly { promotion: string; environment: string }[] },
): Promise<string[]> {
  const faults: string[] = [];
  for (const { promotion, environment } of promotions) {
    await until(
      async () => (await client.get<{ state: string }>(`/api/v1/promotions/${promotion}`)).state === 'ended',
      `${promotion} has ended`,
    );
    const { outcome, reason } = await client.get<{ outcome: string; reason: string }>(
      `/api/v1/promotions/${promotion}`,
    );
    if (outcome !== 'succeeded') faults.push(`release ${release} in ${environment} ended ${outcome}: ${reason}`);
    const journal = journalOf(stage.journals, environment);
    const [starts, ends] = [countOf(journal, 'start', release), countOf(journal, 'end', release)];
    if (starts !== 1 || ends !== 1)
      faults.push(`release ${release} in ${environment} was begun ${starts} times and ended ${ends} times`);
    const settled = await query(
      url,
      `select kind from events where promotion_id = $1 and kind in ('promotion.ended', 'release.verified')`,
      [promotion],
    );
    if (settled.length !== 2) faults.push(`${promotion} was settled ${settled.length} times in ${projectName}`);
  }
  return faults;
}
