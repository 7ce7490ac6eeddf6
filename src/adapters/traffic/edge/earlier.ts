/** What a worker and the one that it succeeded say of one address, as one. */
import { together } from '../../../domain/observation/sample.ts';
import type { Instance, InstanceState, RouteState, SideState } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';

export type EarlierSide = Pick<SideState, 'name' | 'inFlight' | 'tunnels' | 'counted' | 'instances'>;
export type Leaving = NonNullable<RouteState['leaving']>[number];

export interface Earlier {
  readonly sides: readonly EarlierSide[];
  readonly leaving: readonly Leaving[];
}

export function withEarlier(state: RouteState, earlier: Earlier): RouteState {
  return {
    ...state,
    sides: state.sides.map((side) =>
      sideWith(
        side,
        earlier.sides.find(({ name }) => name === side.name),
      ),
    ),
    leaving: allLeaving([...(state.leaving ?? []), ...earlier.leaving]),
  };
}

function sideWith(side: SideState, earlier: EarlierSide | undefined): SideState {
  if (earlier === undefined) return side;
  const busy = (one: Instance): number => earlier.instances?.find((other) => isSame(one, other))?.inFlight ?? 0;
  return {
    ...side,
    inFlight: side.inFlight + earlier.inFlight,
    tunnels: side.tunnels + earlier.tunnels,
    counted: together(side.counted, earlier.counted),
    ...(side.instances && { instances: side.instances.map((one) => ({ ...one, inFlight: one.inFlight + busy(one) })) }),
  };
}

/** Each once, since it left for the first of them. */
function allLeaving(all: readonly Leaving[]): readonly Leaving[] {
  return [...Map.groupBy(all, authorityOf).values()].map((same) => ({
    ...same.reduce((first, next) => (next.since < first.since ? next : first)),
    inFlight: same.reduce((sum, { inFlight }) => sum + inFlight, 0),
  }));
}

function isSame(one: Instance, other: InstanceState): boolean {
  return authorityOf(one) === authorityOf(other);
}
