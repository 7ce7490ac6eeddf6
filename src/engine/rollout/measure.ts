/**
 * Measures one metric of a rollout for one turn. A job of its own, so that a meter that takes its time delays nobody's look. Whoever
 * is killed meanwhile leaves an open row: another worker asks again, and finds a command by its key.
 */
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { Instant } from '../../domain/base/time.ts';
import { dueTurns, metricsOf } from '../../domain/rollout/metrics.ts';
import type { Rollout } from '../../domain/rollout/rollout.ts';
import { tallyOf, withTurns } from '../../domain/rollout/tally.ts';
import { asksBoth, wordOf, type MetricReading, type SideReading } from '../../domain/verdict/metric.ts';
import type { MeasuredTurn, TurnKey } from '../../ports/rollouts.ts';
import type { Transaction } from '../../ports/store.ts';
import { measureByCommand } from './measure-by-command.ts';
import { askMeter } from './ask-meter.ts';
import type { Measuring } from './measuring.ts';
import { sidesOf } from './pair.ts';
import { whileTouching } from '../touching.ts';
import type { World } from '../world.ts';

/** In the transaction that looked: begins what is due, each turn once. Answers whether there is something to do. */
export async function beginTurns(
  tx: Transaction,
  { rollout, openTurns, now }: { rollout: Rollout; openTurns: readonly MeasuredTurn[]; now: Instant },
): Promise<boolean> {
  const due = dueTurns(rollout, openTurns, now);
  for (const turn of due) {
    const key = { promotion: rollout.promotion, metric: turn.metric, turn: turn.turn };
    if (await tx.rolloutMetrics.begin({ ...key, dueAt: turn.dueAt }, now))
      await tx.enqueue({ kind: 'measure', ...key });
  }
  return due.length > 0;
}

/** Turns of each metric that are read at once. */
const page = 1_000;

export interface MeasuredRollout {
  /** With all that was measured until now. */
  readonly rollout: Rollout;
  /** Those that are being measured. */
  readonly openTurns: readonly MeasuredTurn[];
}

/** Reads what came since the rollout last counted; all of it where a version that did not count left it. */
export async function withMeasurements(tx: Transaction, before: Rollout): Promise<MeasuredRollout> {
  const names = metricsOf(before).map(({ name }) => name);
  for (let rollout = before; ;) {
    const known = Object.fromEntries(names.map((name) => [name, tallyOf(rollout, name).turn]));
    const turns = names.length === 0 ? [] : await tx.rolloutMetrics.after(rollout.promotion, known, page);
    rollout = withTurns(rollout, turns);
    if (turns.length < page) return { rollout, openTurns: turns.filter(({ measured }) => measured === undefined) };
  }
}

/** The job. It may run twice: a turn is recorded once. */
export async function measureTurn(world: World, key: TurnKey, signal: AbortSignal): Promise<void> {
  const found = await world.store.transaction((tx) => load(tx, key));
  if (found === undefined) return;
  const touch = (tx: Transaction, at: Instant) => tx.rolloutMetrics.touch(key, at);
  const reading = found === 'over' ? over : await whileTouching(world, touch, () => read(world, found, signal));
  if (reading === 'interrupted')
    throw new Failure('lease/lost', `metric ${key.metric} is left to another worker: this one is stopping`);
  const word = found === 'over' ? over : wordOf(found.spec, reading);
  const kept = 'value' in reading && !Number.isFinite(reading.value) ? word : reading;
  await world.store.transaction((tx) =>
    tx.rolloutMetrics.finish(key, { at: world.clock.now(), reading: kept, ...word }),
  );
}

const over = { says: 'error', because: 'the rollout was over before it could be measured' } as const;

async function load(tx: Transaction, key: TurnKey): Promise<Measuring | 'over' | undefined> {
  if ((await tx.rolloutMetrics.open(key)) === undefined) return undefined;
  const row = await tx.rollouts.get(key.promotion);
  const promotion = await tx.promotions.get(key.promotion);
  const environment = row && (await tx.environments.get(row.environment));
  if (row === undefined || environment === undefined || promotion?.promotion.progress.state !== 'running')
    return 'over';
  const spec = metricsOf(row.rollout).find(({ name }) => name === key.metric);
  const project = await tx.projects.get(environment.project);
  const sides = await sidesOf(tx, key.promotion, environment);
  if (spec === undefined || project === undefined || sides === undefined) return 'over';
  return { key, spec, project, environment, ...sides };
}

async function read(world: World, measuring: Measuring, signal: AbortSignal): Promise<MetricReading | 'interrupted'> {
  try {
    if (measuring.spec.source.from === 'command') return await measureByCommand(world, measuring, signal);
    // At the same time, so that both numbers are of the same traffic.
    const [ofNew, ofStable] = await Promise.all([
      askMeter(world, measuring, { side: 'new', signal }),
      asksBoth(measuring.spec) ? askMeter(world, measuring, { side: 'stable', signal }) : undefined,
    ]);
    return signal.aborted ? 'interrupted' : together(ofNew, ofStable);
  } catch (thrown) {
    if (signal.aborted) return 'interrupted';
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return { says: 'error', because: failure.message };
  }
}

function together(ofNew: SideReading, ofStable: SideReading | undefined): MetricReading {
  if (!('value' in ofNew) || ofStable === undefined) return ofNew;
  const stable =
    'value' in ofStable && !Number.isFinite(ofStable.value)
      ? ({ says: 'inconclusive', because: `${ofStable.value} is no number to judge by` } as const)
      : ofStable;
  return { ...ofNew, stable };
}
