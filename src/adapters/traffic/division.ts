/** What may change between two routes without anybody coming or going. */
import { isDeepStrictEqual } from 'node:util';
import type { Route } from '../../ports/traffic.ts';

/** Only weights differ: requests are divided anew between the same instances. Both lead requests somewhere. */
export function isOnlyDividedAnew(before: Route, after: Route): boolean {
  return leads(before) && leads(after) && isDeepStrictEqual(undivided(before), undivided(after));
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

function undivided(route: Route): Route {
  return { ...route, sides: route.sides.map((side) => ({ ...side, weight: 0 })) };
}
