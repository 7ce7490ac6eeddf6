/**
 * `Traffic` by whoever an environment has chosen (`Route.by`). One address has one leader; when an environment chooses another, the
 * old one closes the address and the new one opens it. No two can listen there at once, so connections that come in between are
 * refused by the machine: the new leader is started before, so that this lasts no longer than closing and opening do. Requests
 * and streams under way end where they are; until then, half a minute at most, the change is not done.
 */
import { Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId } from '../../domain/base/id.ts';
import { abilitiesOf, sentenceOf, trafficKinds, type TrafficKind } from '../../domain/pipeline/traffic-spec.ts';
import type { Clock } from '../../ports/clock.ts';
import { addressTaken, type Route, type Traffic } from '../../ports/traffic.ts';

export interface Leader extends Traffic {
  /** Everything that takes time before an address can be opened. @throws Failure as `apply`, also when it is not installed. */
  prepare?(): Promise<void>;
}

export interface ChoiceParts {
  readonly leaders: Readonly<Partial<Record<TrafficKind, Leader>>>;
  readonly clock: Clock;
}

/** How long what is under way at the old leader may go on: as long as at a release that is replaced. */
const farewellMs = 30_000;
/** How long the old leader may take to close the address. */
const closingPatienceMs = 5_000;
const lookMs = 5;

export function createTraffic(parts: ChoiceParts): Traffic {
  return {
    async apply(route) {
      requireAbilities(route);
      const to = leaderOf(parts, route.by);
      const held = await holderOf(parts, route.environment, route.by);
      await (held === undefined ? to.apply(route) : move(parts, route, { to, ...held }));
    },
    routeOf: async (environment) => (await holderOf(parts, environment))?.route,
    async inspect(environment) {
      const { holder, route } = (await holderOf(parts, environment)) ?? {};
      const state = await holder?.inspect(environment);
      return state && route && { ...state, route: { ...state.route, by: route.by } };
    },
    async remove(environment, graceMs) {
      await Promise.all(Object.values(parts.leaders).map((leader) => leader.remove(environment, graceMs)));
    },
  };
}

/** The pipeline file was refused long before; this keeps an older record from being carried out by half. */
function requireAbilities({ by, groups, sticky, shadow, hold, classes }: Route): void {
  const can = abilitiesOf(by);
  const wanted = [
    ...(groups === undefined ? [] : ['groups' as const]),
    ...(sticky === undefined
      ? []
      : [sticky.header === undefined ? ('stickyCookie' as const) : ('stickyHeader' as const)]),
    ...(shadow === undefined ? [] : ['shadow' as const]),
    ...(hold === undefined ? [] : ['hold' as const]),
    ...(classes === undefined ? [] : ['classes' as const]),
  ];
  const lacking = wanted.find((ability) => !can[ability]);
  if (lacking === undefined) return;
  throw new Failure('traffic/refused', `${by} cannot ${sentenceOf(lacking)}`, {
    hint: 'Choose another rollout for the environment, or traffic: edge.',
  });
}

function leaderOf({ leaders }: ChoiceParts, kind: TrafficKind): Leader {
  const leader = leaders[kind];
  if (leader !== undefined) return leader;
  throw new Failure('traffic/refused', `this installation cannot lead requests by ${kind}`, {
    hint: `Choose one of ${Object.keys(leaders).join(', ')} as traffic of the environment.`,
  });
}

interface Held {
  readonly holder: Leader;
  readonly route: Route;
}

async function holderOf(
  { leaders }: ChoiceParts,
  environment: EnvironmentId,
  except?: TrafficKind,
): Promise<Held | undefined> {
  for (const kind of trafficKinds) {
    const holder = leaders[kind];
    if (holder === undefined || kind === except) continue;
    const route = await holder.routeOf(environment);
    // Routes of earlier versions did not say by whom.
    if (route !== undefined) return { holder, route: { ...route, by: kind } };
  }
  return undefined;
}

/**
 * The old leader is told the new route first, so that connections which clients keep open there follow it to their last request. When
 * the new leader cannot have the address, the old one gets it back.
 */
async function move(
  parts: ChoiceParts,
  route: Route,
  { to, holder, route: before }: Held & { readonly to: Leader },
): Promise<void> {
  await to.prepare?.();
  await holder.apply({ ...asFarAsAble(route, before.by), listen: before.listen });
  const leaving = holder.remove(route.environment, farewellMs);
  leaving.catch(() => undefined);
  try {
    await openOnceClosed(parts, () => to.apply(route));
  } catch (thrown) {
    const isThere = thrown instanceof Failure && thrown.code === 'traffic/not-kept';
    if (!isThere) await openOnceClosed(parts, () => holder.apply(before));
    throw thrown;
  }
  // Nobody counts there any more, so whoever retires an instance next must find nothing under way.
  await leaving;
}

function asFarAsAble(route: Route, by: TrafficKind): Route {
  const { shadow: _shadow, hold: _hold, groups, sticky, ...plain } = route;
  const can = abilitiesOf(by);
  const sticks = sticky !== undefined && (sticky.header === undefined ? can.stickyCookie : can.stickyHeader);
  return { ...plain, by, ...(groups && can.groups ? { groups } : {}), ...(sticks ? { sticky } : {}) };
}

async function openOnceClosed({ clock }: ChoiceParts, open: () => Promise<void>): Promise<void> {
  for (const begin = clock.now(); ; await clock.sleep(lookMs)) {
    try {
      return await open();
    } catch (thrown) {
      const taken = thrown instanceof Failure && thrown.reason === addressTaken;
      if (!taken || clock.now() - begin > closingPatienceMs) throw thrown;
    }
  }
}
