/** Two releases of an environment with the requests of users divided between them. */
import type { UserSpec } from '../../../domain/pipeline/rollout-spec.ts';
import type { TrafficShare } from '../../../domain/rollout/rollout.ts';
import type { Deployment, Pair, Sight } from '../../../ports/target.ts';
import type { Route, Side } from '../../../ports/traffic.ts';
import { findGroup, steadyGroup, wantedOf, whyDown, whyLooping, type Group } from './group.ts';
import { sideWith, tell, wholeWeight, type BesideParts } from './lead.ts';
import { isUp, urlOf, type Run } from './runner.ts';

export async function share(
  parts: BesideParts,
  { fresh, stable }: Pair,
  wish: TrafficShare & { readonly users: UserSpec },
): Promise<void> {
  const { runner, traffic } = parts;
  const [to, from] = [await findGroup(runner, fresh), await findGroup(runner, stable)];
  const known = await traffic.routeOf(fresh.environment.id);
  const divided = [
    { ...sideOf(from, stable, known), weight: wholeWeight - wish.weight },
    { ...sideOf(to, fresh, known), weight: wish.weight },
  ];
  const others = (known?.sides ?? []).filter(({ name }) => name !== to.name && name !== from.name);
  await tell(parts, fresh, {
    sides: [...others.map((side) => ({ ...side, weight: 0 })), ...divided],
    ...(wish.weight === 0 || wish.users === 'none' ? {} : { sticky: stickyOf(wish.users, fresh.promotion) }),
    ...(wish.groups.length === 0
      ? {}
      : {
          groups: wish.groups.map(({ by, name, value }) => ({
            side: to.name,
            by,
            name,
            ...(value === undefined ? {} : { value }),
          })),
        }),
    ...(wish.shadow ? { shadow: divided[1]!.instances } : {}),
  });
}

/** Another rollout chooses other users to be early. */
function stickyOf(users: Exclude<UserSpec, 'none'>, salt: string): NonNullable<Route['sticky']> {
  return users.by === 'header' ? { header: users.header, salt } : { salt };
}

/** An instance that is down keeps its place: it may come back there. */
export function sideOf(group: Group, deployment: Deployment, known: Route | undefined): Omit<Side, 'weight'> {
  const side = sideWith(group, deployment, wantedOf(group, deployment));
  if (side.instances.length > 0) return side;
  return { ...side, instances: known?.sides.find(({ name }) => name === group.name)?.instances ?? [] };
}

export async function look(parts: BesideParts, { fresh, stable }: Pair): Promise<Sight> {
  // Counts first: whoever ended while requests to it failed is then seen to have ended, and not blamed as one that serves.
  const route = await parts.traffic.inspect(fresh.environment.id);
  const [to, from] = [await steadyGroup(parts, fresh), await steadyGroup(parts, stable)];
  const counted = (name: string) => route?.sides.find((side) => side.name === name)?.counted;
  const [ofNew, ofStable] = [counted(to.name), counted(from.name)];
  const [up, upOfStable] = [to.runs.filter(isUp), from.runs.filter(isUp)];
  const [url] = up.map(urlOf);
  const [silence, silenceOfStable] = await Promise.all([
    whySilent(parts, fresh, up),
    whySilent(parts, stable, upOfStable),
  ]);
  const wrong = silence ?? whyLooping(to, fresh);
  return {
    stable:
      silenceOfStable !== undefined
        ? 'silent'
        : upOfStable.some(({ address }) => address !== undefined)
          ? 'serves'
          : 'down',
    fresh:
      wrong !== undefined
        ? // What keeps both from answering is not the fault of one.
          { is: 'down', because: wrong, byItself: silence === undefined || silenceOfStable === undefined }
        : url !== undefined
          ? { is: 'serves', url }
          : { is: 'down', because: whyDown(to.runs), byItself: to.runs.some(isDownByItself) },
    reading:
      route === undefined || ofNew === undefined || ofStable === undefined
        ? undefined
        : { counter: route.counter, ofNew, ofStable },
  };
}

const silenceMs = 2_000;

/**
 * A process that hangs, or that nobody reaches, is alive and down all the same: why, when its health check gets no answer twice.
 * One that refuses or says no is not meant: whoever keeps it has just started it again, or the requests of users will judge it.
 */
async function whySilent(
  { probe, clock }: BesideParts,
  { service: { health } }: Deployment,
  up: readonly Run[],
): Promise<string | undefined> {
  if (health.kind !== 'http') return undefined;
  const urls = up.flatMap((run) => urlOf(run) ?? []).map((url) => new URL(health.path, url).href);
  const isOneSilent = async (url: string): Promise<boolean> => {
    const begin = clock.now();
    const { reached } = await probe.http(url, { timeoutMs: silenceMs });
    return !reached && clock.now() - begin >= silenceMs;
  };
  for (let times = 0; times < 2; times++)
    if (urls.length === 0 || !(await Promise.all(urls.map(isOneSilent))).every(Boolean)) return undefined;
  return `${urls[0]} gave no answer within ${silenceMs / 1_000} s, twice`;
}

function isDownByItself({ state }: Run): boolean {
  return state.state === 'running' || (state.state === 'exited' && state.cause !== 'stopped');
}
