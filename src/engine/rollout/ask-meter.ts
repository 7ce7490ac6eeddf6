/** One number about one side of a rollout: a query with the names of that release in it, or the answer to a GET. */
import { Failure } from '../../domain/base/failure.ts';
import { filled, inPromql, type Placeholder } from '../../domain/pipeline/placeholders.ts';
import type { SideReading } from '../../domain/verdict/metric.ts';
import { sketch } from '../promotion/deployment.ts';
import type { Measuring } from './measuring.ts';
import type { World } from '../world.ts';

export async function askMeter(
  world: World,
  measuring: Measuring,
  { side, signal }: { side: 'new' | 'stable'; signal: AbortSignal },
): Promise<SideReading> {
  const { source, timeout: timeoutMs } = measuring.spec;
  const names = namesOf(measuring, side);
  if (source.from === 'command') throw new TypeError('a command is no meter');
  if (source.from === 'prometheus') {
    const token = await tokenOf(world, measuring, source.secret);
    const query = filled(source.query, names, inPromql);
    return world.meters.prometheus({ url: source.url, query, token, timeoutMs, signal });
  }
  const { at, field } = source;
  if ('path' in at) {
    const url = await ownAddress(world, measuring);
    return url === undefined ? away : world.meters.release({ url: `${url}${at.path}`, field, timeoutMs, signal });
  }
  const token = await tokenOf(world, measuring, source.secret);
  return world.meters.http({ url: filled(at.url, names, encodeURIComponent), field, token, timeoutMs, signal });
}

/** Whether it is down by its own fault is found out by whoever looks. */
export const away = { says: 'error', because: 'the new release has no address of its own now' } as const;

/** Where the new release answers apart from the users of the environment. */
export async function ownAddress(
  world: World,
  { fresh, stable, environment, project }: Measuring,
): Promise<string | undefined> {
  const pair = {
    fresh: sketch({ ...fresh, environment, project }),
    stable: sketch({ ...stable, environment, project }),
  };
  const sight = await world.targets[pair.fresh.target.kind].beside?.(pair.fresh)?.look(pair);
  return sight?.fresh.is === 'serves' ? sight.fresh.url : undefined;
}

function namesOf(measuring: Measuring, side: 'new' | 'stable'): Readonly<Record<Placeholder, string>> {
  const { row, release } = side === 'new' ? measuring.fresh : measuring.stable;
  return {
    release: String(release.number),
    'release-id': release.id,
    commit: release.content.commit,
    deployment: row.id,
    side,
    environment: measuring.environment.spec.name,
    project: measuring.project.name,
  };
}

async function tokenOf(
  world: World,
  { project, environment }: Measuring,
  name: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const scope = { project: project.name, environment: environment.spec.name };
  const value = await world.secrets.read(scope, name);
  if (value !== undefined) return value.trim();
  throw new Failure('secret/missing', `the secret ${name} of the metric is not there`, {
    hint: `liftlock secret set ${name} --environment ${environment.spec.name}`,
  });
}
