/** A metric that a command of the project measures, in a copy of the artifact, about the new release at its own address. */
import { asFailure } from '../../domain/base/failure.ts';
import type { MetricSource } from '../../domain/pipeline/metric-spec.ts';
import { numberAt } from '../../domain/verdict/json-number.ts';
import { metricsOf } from '../../domain/rollout/metrics.ts';
import type { Rollout } from '../../domain/rollout/rollout.ts';
import type { MetricReading } from '../../domain/verdict/metric.ts';
import type { TurnKey } from '../../ports/rollouts.ts';
import { away, ownAddress } from './ask-meter.ts';
import { bringToLife } from '../promotion/deployment.ts';
import { asShutdown } from '../leases.ts';
import type { Measuring } from './measuring.ts';
import { fingerprint, outputOf, runTask } from '../tasks.ts';
import type { World } from '../world.ts';

const outputLimitBytes = 1_048_576;
const tellsNothing = 75;
const mostSaid = 200;

type CommandSource = Extract<MetricSource, { from: 'command' }>;

export async function measureByCommand(
  world: World,
  measuring: Measuring,
  signal: AbortSignal,
): Promise<MetricReading | 'interrupted'> {
  const { key, spec, environment, project, fresh } = measuring;
  const source = spec.source as CommandSource;
  const url = await ownAddress(world, measuring);
  if (url === undefined) return away;
  const { variables, hide } = await bringToLife(world, { ...fresh, environment, project });
  const taskKey = `${metricRuns(key)}/${key.turn}-${fingerprint(world, source.run)}`;
  const directory = await world.workspaces.copyOf(
    await world.artifacts.unpack(fresh.release.content.artifact),
    metricRuns(key),
  );
  const task = await runTask(
    world,
    {
      key: taskKey,
      command: source.run,
      directory,
      variables: { ...variables, LIFTLOCK_URL: url },
      hide,
      timeout: spec.timeout,
      outputLimitBytes,
    },
    asShutdown(signal),
  );
  if (task.ended === 'interrupted') return 'interrupted';
  if (task.ended === 'cut-off') return { says: 'error', because: task.because };
  return readingOf(source, { exitCode: task.exitCode, line: lastLine(await outputOf(world, taskKey)) });
}

/** Names the runs of a metric, and the directory that they share: there are never two at once. */
function metricRuns({ promotion, metric }: Pick<TurnKey, 'promotion' | 'metric'>): string {
  return `promotion/${promotion}/metric/${metric}`;
}

/** Once a rollout is over nothing of it is measured any more. What cannot be removed now keeps nobody from going on. */
export async function leaveDirectories(world: World, rollout: Rollout): Promise<void> {
  const { promotion } = rollout;
  for (const { name, source } of metricsOf(rollout))
    if (source.from === 'command')
      await world.workspaces.remove(metricRuns({ promotion, metric: name })).catch((thrown: unknown) =>
        world.log.warn('the directory of a metric could not be removed', {
          promotion,
          metric: name,
          reason: asFailure(thrown).message,
        }),
      );
}

function readingOf({ read }: CommandSource, { exitCode, line }: { exitCode: number; line: string }): MetricReading {
  const said = line === '' ? '' : `: ${line.slice(0, mostSaid)}`;
  if (exitCode === tellsNothing) return { says: 'inconclusive', because: `exited with ${tellsNothing}${said}` };
  if (read === 'exit-code')
    return exitCode === 0
      ? { says: 'success', because: 'exited with 0' }
      : { says: 'failure', because: `exited with ${exitCode}${said}` };
  if (exitCode !== 0) return { says: 'error', because: `exited with ${exitCode} instead of a number${said}` };
  if (line === '') return { says: 'inconclusive', because: 'it wrote nothing' };
  return read === 'number' ? numberIn(line) : fieldOf(line, read.field);
}

function numberIn(line: string): MetricReading {
  if (/^(nan|[+-]?inf(inity)?)$/i.test(line))
    return { says: 'inconclusive', because: `${line} is no number to judge by` };
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(line)) return { value: Number(line) };
  return { says: 'error', because: `its last line is no number: ${line.slice(0, mostSaid)}` };
}

function fieldOf(line: string, field: readonly string[]): MetricReading {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return { says: 'error', because: `its last line is not JSON: ${line.slice(0, mostSaid)}` };
  }
  return numberAt(found, field);
}

function lastLine(output: string): string {
  return (output.split('\n').findLast((one) => one.trim() !== '') ?? '').trim();
}
