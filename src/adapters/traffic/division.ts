/** What may change between two routes without anybody coming or going. */
import { isDeepStrictEqual } from 'node:util';
import type { Group, Route } from '../../ports/traffic.ts';

/**
 * Requests are divided anew between the same instances: other weights, fewer groups, or users who need not stay because all of them are
 * on one side. A server that was set up for the one route can lead by the other as well. Both lead requests somewhere.
 */
export function isOnlyDividedAnew(setUp: Route, wish: Route): boolean {
  return (
    leads(setUp) &&
    leads(wish) &&
    isDeepStrictEqual(undivided(setUp), undivided(wish)) &&
    groupsInForce(setUp, wish).length === (wish.groups ?? []).length &&
    (isDeepStrictEqual(setUp.sticky, wish.sticky) || (wish.sticky === undefined && !isDivided(wish)))
  );
}

/** Which of the groups that a server was set up for are wished, by their number: whoever is meant, wherever they are led. */
export function groupsInForce({ groups: setUp = [] }: Route, { groups: wished = [] }: Route): readonly number[] {
  return placesIn(setUp.map(meant), wished.map(meant));
}

function meant({ by, name, value }: Group): Omit<Group, 'side'> {
  return { by, name, ...(value === undefined ? {} : { value }) };
}

/** Where the wished stand among the known; one that comes in another order is not found, because the first that matches decides. */
export function placesIn<One>(known: readonly One[], wished: readonly One[]): readonly number[] {
  const found: number[] = [];
  for (const one of wished) {
    const from = (found.at(-1) ?? -1) + 1;
    const at = known.findIndex((other, index) => index >= from && isDeepStrictEqual(other, one));
    if (at >= 0) found.push(at);
  }
  return found;
}

/** The same instances serve at the same address, whoever gets their requests. */
export function hasSameInstances(before: Route, after: Route): boolean {
  return (
    isDeepStrictEqual(before.listen, after.listen) && isDeepStrictEqual(undivided(before).sides, undivided(after).sides)
  );
}

function leads({ sides }: Route): boolean {
  return sides.some(({ weight }) => weight > 0);
}

export function isDivided({ sides }: Route): boolean {
  return sides.filter(({ weight }) => weight > 0).length > 1;
}

function undivided({ groups: _groups, sticky: _sticky, ...route }: Route): Route {
  return { ...route, sides: route.sides.map((side) => ({ ...side, weight: 0 })) };
}
