/** Starting the instances of a deployment, and waiting until they are ready. */
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';
import type { DeployAnswer, Deployment } from '../../../ports/target.ts';
import { neverStarted } from '../never-started.ts';
import { findGroup, lostIn, wantedOf, type Found, type Group } from './group.ts';
import { waitUntilReady } from './readiness.ts';
import type { Run, Runner, Slot } from './runner.ts';

export interface RunningParts {
  readonly runner: Runner;
  readonly probe: Probe;
  readonly clock: Clock;
}

/** How much of a failed service's output is told. */
const tailBytes = 4_096;
const flushPatienceMs = 2_000;
const lookMs = 100;

export async function prepare(runner: Runner, deployment: Deployment): Promise<void> {
  runner.requireStartable(deployment);
  await runner.bring(deployment);
}

/** One after the other. When one cannot be started, those before it are ended again. `undefined`: all were started. */
export async function startAll(
  { runner }: RunningParts,
  deployment: Deployment,
  { slots, start }: { readonly slots: readonly Slot[]; readonly start: (slot: Slot) => Promise<void> },
): Promise<DeployAnswer | undefined> {
  const keys = slots.map((slot) => runner.keyOf(deployment.environment.id, slot));
  for (const [index, slot] of slots.entries()) {
    const failed = await neverStarted(
      () => runner.inspect(keys[index]!),
      () => start(slot),
    );
    if (failed === undefined) continue;
    await Promise.all(keys.slice(0, index).map((key) => runner.stop(key, deployment.service.stopGrace)));
    return failed;
  }
  return undefined;
}

/** Something of it was started, or what ran there before has ended: by us, who were cut off in the middle, as far as anybody knows. */
export function isBegun({ runs, all }: Found): boolean {
  return runs.length > 0 || (all.length > 0 && all.every(({ state }) => state.state !== 'running'));
}

export interface Waiting {
  readonly group: Group;
  readonly signal: AbortSignal;
  /** Whether what ran before was ended to make room. */
  readonly replaced: boolean;
  /** What it means when somebody or the machine ended it, which says nothing about the release. */
  readonly endedFromOutside: 'unknown' | 'not-started';
}

/** `undefined` when every instance is ready. */
export async function becomeReady(
  parts: RunningParts,
  deployment: Deployment,
  waiting: Waiting,
): Promise<DeployAnswer | undefined> {
  const { group, signal, replaced, endedFromOutside } = waiting;
  const failed = await firstNotReady(parts, deployment, { runs: wantedOf(group, deployment), signal });
  if (failed === undefined) return signal.aborted ? { deployed: 'stopped' } : undefined;
  if (signal.aborted) return { deployed: 'stopped' };
  const { run, because } = failed;
  const state = await parts.runner.inspect(run.key);
  const output = await lastWords(parts, run.key);
  if (state.state !== 'lost' && !(state.state === 'exited' && state.cause === 'stopped'))
    return { deployed: 'not-ready', because, output, replaced };
  if (endedFromOutside === 'unknown') return { deployed: 'unknown', because, output };
  return { deployed: 'not-started', because: output === '' ? because : `${because}: ${output.trim()}` };
}

/** Waits for all of them; one that will not come up ends the waiting for the others. */
async function firstNotReady(
  parts: RunningParts,
  { service, instances }: Deployment,
  { runs, signal }: { readonly runs: readonly Run[]; readonly signal: AbortSignal },
): Promise<{ readonly run: Run; readonly because: string } | undefined> {
  const over = new AbortController();
  let first: { run: Run; because: string } | undefined;
  const wait = async (run: Run): Promise<void> => {
    const either = AbortSignal.any([signal, over.signal]);
    const readiness = await waitUntilReady(parts, { ...run, health: service.health, signal: either });
    if (readiness.ready || over.signal.aborted) return;
    const which = instances === 1 ? '' : `instance ${run.instance} of ${instances}: `;
    first = { run, because: `${which}${readiness.because}` };
    over.abort();
  };
  await Promise.all(runs.map(wait));
  return first;
}

/** The death of a service may be seen before what it wrote last has reached its log, so an empty log gets time. */
async function lastWords({ runner, clock }: RunningParts, key: string): Promise<string> {
  const begin = clock.now();
  for (let before = ''; ; await clock.sleep(lookMs)) {
    const output = await runner.tail(key, tailBytes);
    const complete = output !== '' && output === before;
    if (complete || clock.now() - begin >= flushPatienceMs) return output;
    before = output;
  }
}

/** Starts what is lost of it and waits until that is ready. Answers why when it came to nothing. */
export async function mend(
  parts: RunningParts,
  deployment: Deployment,
  { signal, startIn }: { readonly signal: AbortSignal; readonly startIn?: (slot: Slot) => Promise<void> },
): Promise<string | undefined> {
  const { runner } = parts;
  const slots = lostIn(await findGroup(runner, deployment), deployment);
  if (slots.length === 0) return undefined;
  await prepare(runner, deployment);
  const start = startIn ?? ((slot: Slot): Promise<void> => runner.start(deployment, slot));
  const unstarted = await startAll(parts, deployment, { slots, start });
  const { name, runs } = await findGroup(runner, deployment);
  const group = { name, runs: runs.filter(({ instance }) => slots.some((slot) => slot.instance === instance)) };
  const failed =
    unstarted ??
    (await becomeReady(parts, deployment, { group, signal, replaced: false, endedFromOutside: 'not-started' }));
  if (failed === undefined) return undefined;
  return 'because' in failed ? failed.because : 'it was interrupted';
}
