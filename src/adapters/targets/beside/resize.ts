/** Two releases of an environment while the instances of one take the place of those of the other, a few at a time. */
import { nextMove, type Sizes, type Standing } from '../../../domain/rollout/replacing.ts';
import type { Beside, Deployment, Pair, Resized } from '../../../ports/target.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { becomeReady, prepare, startAll } from './bring-up.ts';
import { findGroup, nextSlots, stopAll, whyDown, without, type Group } from './group.ts';
import { drained, sideWith, tell, wholeWeight, type BesideParts } from './lead.ts';
import { isAt, isUp, type Run } from './runner.ts';

type Side = keyof Sizes;
type Wish = Parameters<Beside['resize']>[1];
type Refused = Exclude<Resized, { resized: 'yes' }>;

interface Staff {
  readonly deployment: Deployment;
  readonly group: Group;
  readonly running: readonly Run[];
  /** Those of them that get requests, or may. */
  readonly serving: readonly Run[];
}

type Seen = Readonly<Record<Side, Staff>>;

const sides = ['fresh', 'stable'] as const;
const lookMs = 250;
/** How long instances that died, and that their keeper starts again, may hold it up. */
const patienceMs = 30_000;

/** Looks anew before each move, so that it may be cut short anywhere and begun again by somebody else. */
export async function resize(
  parts: BesideParts,
  pair: Pair,
  { wish, signal }: { readonly wish: Wish; readonly signal: AbortSignal },
): Promise<Resized> {
  const { clock, runner } = parts;
  for (let stuckSince: number | undefined; ;) {
    if (signal.aborted) return { resized: 'stopped' };
    const taken = await takeIn(parts, await see(parts, pair), { wish, signal });
    if ('resized' in taken) return taken;
    const seen = taken;
    await leadTo(parts, seen);
    const move = nextMove(wish.limits, wish, { fresh: standingOf(seen.fresh), stable: standingOf(seen.stable) });
    if (move.do === 'done') {
      await forgetOldRuns(() => runner.list(pair.fresh.environment.id), runner.forget);
      return { resized: 'yes' };
    }
    if (move.do === 'wait') {
      stuckSince ??= clock.now();
      if (clock.now() - stuckSince > patienceMs) return stuck(seen);
      await clock.sleep(lookMs, signal);
      continue;
    }
    stuckSince = undefined;
    if (move.do === 'stop') await stop(parts, seen, move);
    const failed = move.do === 'start' ? await start(parts, seen, move) : undefined;
    if (failed !== undefined) return failed;
  }
}

async function see({ runner, traffic }: BesideParts, pair: Pair): Promise<Seen> {
  const route = await traffic.routeOf(pair.fresh.environment.id);
  const staffOf = async (deployment: Deployment): Promise<Staff> => {
    const group = await findGroup(runner, deployment);
    const led = route?.sides.find(({ name }) => name === group.name)?.instances ?? [];
    const isLed = (run: Run) => led.some((one) => isAt(run, one));
    const running = group.runs.filter(({ state }) => state.state === 'running');
    return { deployment, group, running, serving: running.filter(isLed) };
  };
  return { fresh: await staffOf(pair.fresh), stable: await staffOf(pair.stable) };
}

function standingOf({ running, serving }: Staff): Standing {
  return { all: running.length, ready: serving.filter(isUp).length };
}

/** Instances that get no request yet are waited for; not where there are too many anyway. */
async function takeIn(
  parts: BesideParts,
  seen: Seen,
  { wish, signal }: { readonly wish: Wish; readonly signal: AbortSignal },
): Promise<Seen | Refused> {
  let taken = seen;
  for (const side of sides) {
    const { deployment, group, running, serving } = seen[side];
    if (running.length > wish[side]) continue;
    const waiting = { group: { name: group.name, runs: without(running, serving) }, signal, replaced: false };
    const failed = await becomeReady(parts, deployment, { ...waiting, endedFromOutside: 'not-started' });
    taken = { ...taken, [side]: { ...seen[side], serving: running } };
    if (failed === undefined) continue;
    if (!('because' in failed)) return { resized: 'stopped' };
    return { resized: 'no', side, because: withOutput(failed), byItself: failed.deployed === 'not-ready' };
  }
  return taken;
}

function withOutput(failed: { readonly because: string; readonly output?: string }): string {
  const output = failed.output?.trim() ?? '';
  return output === '' ? failed.because : `${failed.because}: ${output}`;
}

/** Every instance that is up gets as many requests as any other. Nobody else gets one. */
async function leadTo(parts: BesideParts, { fresh, stable }: Seen): Promise<void> {
  const [ofFresh, ofStable] = [standingOf(fresh).ready, standingOf(stable).ready];
  const weight = ofFresh === 0 ? 0 : Math.round((wholeWeight * ofFresh) / (ofFresh + ofStable));
  const known = await parts.traffic.inspect(fresh.deployment.environment.id);
  const others = (known?.route.sides ?? []).filter(({ name }) => {
    const state = known?.sides.find((side) => side.name === name);
    const isBusy = state !== undefined && state.inFlight + state.tunnels > 0;
    return isBusy && name !== fresh.group.name && name !== stable.group.name;
  });
  await tell(parts, fresh.deployment, {
    sides: [
      ...others.map((side) => ({ ...side, weight: 0 })),
      { ...sideWith(stable.group, stable.deployment, stable.serving), weight: wholeWeight - weight },
      { ...sideWith(fresh.group, fresh.deployment, fresh.serving), weight },
    ],
  });
}

interface Count {
  readonly side: Side;
  readonly count: number;
}

async function start(parts: BesideParts, seen: Seen, { side, count }: Count): Promise<Refused | undefined> {
  const { deployment, group } = seen[side];
  await prepare(parts.runner, deployment);
  const failed = await startAll(parts, deployment, {
    slots: nextSlots(group, deployment, count),
    start: (slot) => parts.runner.start(deployment, slot),
  });
  if (failed === undefined || !('because' in failed)) return undefined;
  return { resized: 'no', side, because: failed.because, byItself: false };
}

/** Those that do not serve first, then in the order in which those of the other release are started. */
async function stop(parts: BesideParts, seen: Seen, { side, count }: Count): Promise<void> {
  const { deployment, running, serving } = seen[side];
  const isReady = (run: Run) => serving.includes(run) && isUp(run);
  const leaving = running.toSorted((left, right) => Number(isReady(left)) - Number(isReady(right))).slice(0, count);
  await leadTo(parts, { ...seen, [side]: { ...seen[side], serving: without(serving, leaving) } });
  await drained(parts, deployment, leaving);
  await stopAll(parts.runner, leaving, deployment.service.stopGrace);
}

function stuck(seen: Seen): Refused {
  const side = seen.fresh.running.every(isUp) ? 'stable' : 'fresh';
  const down = seen[side].running.filter((run) => !isUp(run));
  return { resized: 'no', side, because: whyDown(down), byItself: true };
}
