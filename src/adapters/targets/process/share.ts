/** Two runs of an environment with the requests of users divided between them. */
import type { UserSpec } from '../../../domain/pipeline/rollout-spec.ts';
import type { TrafficShare } from '../../../domain/rollout/rollout.ts';
import type { Pair, Sight } from '../../../ports/target.ts';
import type { Route, Side, Traffic } from '../../../ports/traffic.ts';
import { findRun, steadyState, whyDown, type ProcessTargetParts, type Run } from './runs.ts';

export const here = '127.0.0.1';
export const wholeWeight = 10_000;

type Parts = ProcessTargetParts & { readonly traffic: Traffic };

export async function share(
  { processes, traffic }: Parts,
  { fresh, stable }: Pair,
  wish: TrafficShare & { readonly users: UserSpec },
): Promise<void> {
  const { environment, target, port } = fresh;
  if (port === undefined || target.kind !== 'process') return;
  const [to, from] = [await findRun(processes, fresh), await findRun(processes, stable)];
  const known = (await traffic.inspect(environment.id))?.route;
  const divided = [
    { ...sideOf(from, known), weight: wholeWeight - wish.weight },
    { ...sideOf(to, known), weight: wish.weight },
  ];
  const others = (known?.sides ?? []).filter(({ name }) => name !== to.side && name !== from.side);
  await traffic.apply({
    environment: environment.id,
    listen: { host: target.host ?? here, port },
    sides: [...others.map((side) => ({ ...side, weight: 0 })), ...divided],
    ...(wish.weight === 0 || wish.users === 'none' ? {} : { sticky: stickyOf(wish.users, fresh.promotion) }),
    ...(wish.groups.length === 0
      ? {}
      : {
          groups: wish.groups.map(({ by, name, value }) => ({
            side: to.side,
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

/** A run that is down keeps its place: it may come back there. */
function sideOf({ side, port }: Run, known: Route | undefined): Omit<Side, 'weight'> {
  if (port !== undefined) return { name: side, instances: [{ host: here, port }] };
  return { name: side, instances: known?.sides.find(({ name }) => name === side)?.instances ?? [] };
}

export async function look(parts: Parts, { fresh, stable }: Pair): Promise<Sight> {
  const [to, from] = [await findRun(parts.processes, fresh), await findRun(parts.processes, stable)];
  const [state, before] = [await steadyState(parts, to.key), await steadyState(parts, from.key)];
  const route = await parts.traffic.inspect(fresh.environment.id);
  const counted = (name: string) => route?.sides.find((side) => side.name === name)?.counted;
  const [ofNew, ofStable] = [counted(to.side), counted(from.side)];
  const up = state.state === 'running' && !state.down;
  return {
    stable: before.state === 'running' && !before.down && from.port !== undefined ? 'serves' : 'down',
    fresh:
      up && to.url !== undefined
        ? { is: 'serves', url: to.url }
        : { is: 'down', because: whyDown(state), byItself: state.state === 'running' || isOwnEnd(state) },
    reading:
      route === undefined || ofNew === undefined || ofStable === undefined
        ? undefined
        : { counter: route.counter, ofNew, ofStable },
  };
}

function isOwnEnd(state: Run['state']): boolean {
  return state.state === 'exited' && state.cause !== 'stopped';
}
