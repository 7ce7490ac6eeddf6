/** The instances of one deployment: which there are, which are missing, and how they stand. */
import type { DeploymentId } from '../../../domain/base/id.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { RunState, Usage } from '../../../ports/processes.ts';
import type { Deployment, InstanceCount, Observed } from '../../../ports/target.ts';
import { ending, lastDeath } from '../ending.ts';
import { publicUrl } from './environment-address.ts';
import { isUp, type Run, type Runner, type Slot } from './runner.ts';

export interface Group {
  /** Whose name its runs bear, and the side of the route that leads to them. */
  readonly name: DeploymentId;
  /** Of each instance that was ever started the newest run, in order. */
  readonly runs: readonly Run[];
}

/** What was found when a group was looked for. */
export interface Found extends Group {
  /** Everything there, ended runs and those of other deployments among it. */
  readonly all: readonly Run[];
}

/** A death that is mended at once is no outage; what is still down after another look is one. */
const secondLookMs = 750;

/** The deployment's own runs; before it has any, those of an earlier one of which something still runs and that it may go on with. */
export async function findGroup(runner: Runner, deployment: Deployment): Promise<Found> {
  const all = await runner.list(deployment.environment.id);
  return { ...(await groupAmong(runner, all, deployment)), all };
}

async function groupAmong(runner: Runner, all: readonly Run[], deployment: Deployment): Promise<Group> {
  const own = groupOf(all, deployment.id);
  if (own.runs.length > 0) return own;
  const first: Slot = { deployment: deployment.id, instance: 1, attempt: 0 };
  const key = runner.keyOf(deployment.environment.id, first);
  const state = await runner.inspect(key);
  if (state.state !== 'absent') return { name: deployment.id, runs: [{ ...first, key, state, address: undefined }] };
  const earlier = deployment.continues.map((id) => groupOf(all, id));
  return earlier.find((group) => group.runs.some(isUp)) ?? own;
}

function groupOf(runs: readonly Run[], name: DeploymentId): Group {
  const newest = new Map<number, Run>();
  for (const run of runs.filter(({ deployment }) => deployment === name)) {
    const known = newest.get(run.instance);
    if (known === undefined || known.attempt < run.attempt) newest.set(run.instance, run);
  }
  return { name, runs: [...newest.values()].sort((left, right) => left.instance - right.instance) };
}

/** R40: what was started for this very deployment and has ended is not started again; what it continues is made whole. */
export function missingIn(group: Group, { id, instances }: Deployment): readonly Slot[] {
  return slotsIn(group, instances, (run) => group.name !== id && !isUp(run));
}

/** What would make the group whole: instances that never ran in it, and those that were lost. One that waits for its restart is neither. */
export function lostIn(group: Group, { instances }: Deployment): readonly Slot[] {
  return slotsIn(group, instances, hasEnded);
}

/** So many instances that do not run, the lowest numbers first. */
export function nextSlots(group: Group, { instances }: Deployment, count: number): readonly Slot[] {
  return slotsIn(group, Math.max(instances, group.runs.length + count), hasEnded).slice(0, count);
}

function hasEnded({ state }: Run): boolean {
  return state.state !== 'running';
}

/** Where the first so many instances would be started: those that never ran, and those whose newest run is to be started anew. */
function slotsIn({ name, runs }: Group, count: number, isAnew: (run: Run) => boolean): readonly Slot[] {
  return numbersTo(count).flatMap((instance): Slot[] => {
    const run = runs.find((one) => one.instance === instance);
    if (run === undefined) return [{ deployment: name, instance, attempt: 0 }];
    return isAnew(run) ? [{ deployment: name, instance, attempt: run.attempt + 1 }] : [];
  });
}

/** How many of the wanted ones are up, and what is wrong with the others. */
function countOf(group: Group, deployment: Deployment): InstanceCount {
  const { instances } = deployment;
  const missing = numbersTo(instances).flatMap((instance): string[] => {
    const run = group.runs.find((one) => one.instance === instance);
    if (run === undefined) return [`instance ${instance} was never started`];
    return isUp(run) ? [] : [`instance ${instance}: ${whyRunDown(run.state)}`];
  });
  const because = missing.length === 0 ? undefined : missing.join('; ');
  const lost = lostIn(group, deployment).length;
  return { up: instances - missing.length, wanted: instances, lost, because };
}

/** Without those that are more than the environment wants by now. */
export function wantedOf({ runs }: Group, { instances }: Deployment): readonly Run[] {
  return runs.filter(({ instance }) => instance <= instances);
}

/** How the group stands, looked at twice when something of it seems down. */
export async function steadyGroup(
  { runner, clock }: { readonly runner: Runner; readonly clock: Clock },
  deployment: Deployment,
): Promise<Found> {
  const group = await findGroup(runner, deployment);
  if (!group.runs.some(({ state }) => state.state === 'running' && state.down)) return group;
  await clock.sleep(secondLookMs);
  return findGroup(runner, deployment);
}

/** A service that ended by itself so often within ten minutes is not merely restarted: it keeps dying. */
const mostRecentDeaths = 5;

/** Which instances keep dying, those counted that were started for the same before; `undefined` when none does. */
export function whyLooping({ all }: Found, { id, continues }: Deployment): string | undefined {
  const runs = all.filter(({ deployment }) => [id, ...continues].includes(deployment));
  const deaths = new Map<number, number>();
  for (const { instance, state } of runs)
    if (state.state === 'running') deaths.set(instance, (deaths.get(instance) ?? 0) + (state.recentDeaths ?? 0));
  const said = [...deaths].flatMap(([instance, count]) => {
    if (count < mostRecentDeaths) return [];
    const why = runs.filter((run) => run.instance === instance).map(({ state }) => lastDeath(state));
    return [`instance ${instance} died ${count} times within ten minutes${why.find((words) => words !== '') ?? ''}`];
  });
  return said.length === 0 ? undefined : said.join('; ');
}

/** Why nothing of it is up. */
export function whyDown(runs: readonly Run[]): string {
  const [first] = runs;
  if (first === undefined) return 'this deployment was never started on this machine';
  if (runs.length === 1) return whyRunDown(first.state);
  return `none of ${runs.length} instances is up: ${runs.map((run) => `${run.instance}: ${whyRunDown(run.state)}`).join('; ')}`;
}

function whyRunDown(state: RunState): string {
  if (state.state === 'absent') return 'it was never started on this machine';
  if (state.state === 'running')
    return `the service died ${state.restarts + 1} times${lastDeath(state)} and waits for its next restart`;
  return `the service ${ending(state)}`;
}

function numbersTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

export function without(runs: readonly Run[], others: readonly Run[]): readonly Run[] {
  return runs.filter(({ key }) => !others.some((other) => other.key === key));
}

export async function stopAll(runner: Runner, runs: readonly Run[], graceMs: number): Promise<void> {
  const running = runs.filter(({ state }) => state.state === 'running');
  await Promise.all(running.map(({ key }) => runner.stop(key, graceMs)));
}

/** How a deployment stands, by what was found of it; `others`: what should end by now. */
export async function observedOf(
  runner: Runner,
  deployment: Deployment,
  { found, others }: { readonly found: Found; readonly others: readonly Run[] },
): Promise<Exclude<Observed, { observed: 'unknown' }>> {
  const looping = whyLooping(found, deployment);
  const wanted = wantedOf(found, deployment);
  const up = wanted.filter(isUp);
  if (up.length === 0) return { observed: 'down', because: whyDown(found.runs), looping };
  return {
    observed: 'running',
    url: publicUrl(deployment),
    restarts: restartsOf(wanted),
    instances: countOf(found, deployment),
    crowded: others.some(({ state }) => state.state === 'running'),
    looping,
    usage: await usageOf(runner, up),
  };
}

function restartsOf(runs: readonly Run[]): number {
  return sum(runs.map(({ state, attempt }) => attempt + (state.state === 'running' ? state.restarts : 0)));
}

async function usageOf(runner: Runner, runs: readonly Run[]): Promise<Usage | undefined> {
  const known = (await Promise.all(runs.map(({ key }) => runner.usage(key)))).filter((usage) => usage !== undefined);
  if (known.length === 0) return undefined;
  return {
    cpuMs: sum(known.map(({ cpuMs }) => cpuMs)),
    residentBytes: sum(known.map(({ residentBytes }) => residentBytes)),
    processes: sum(known.map(({ processes }) => processes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
