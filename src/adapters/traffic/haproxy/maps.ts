/** The two maps of an environment: whose each place among 10,000 is, and how users stay and which groups are led where. Both change without a reload. */
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { backendOf, groupsInForce, type Placed } from './state.ts';

export const mapNames = ['places', 'users'] as const;
export type MapName = (typeof mapNames)[number];

export type Entries = readonly (readonly [key: string, value: string])[];

const allPlaces = 10_000;

/** Beside the configuration, where HAProxy runs: a name without a path needs no quoting. */
export function mapFile(environment: EnvironmentId, name: MapName): string {
  return `${environment}.${name}`;
}

export function mapText(entries: Entries): string {
  return entries.map(([key, value]) => `${key} ${value}\n`).join('');
}

export function entriesOf(placed: Placed): Readonly<Record<MapName, Entries>> {
  return { places: placesOf(placed), users: usersOf(placed) };
}

/**
 * The last side takes the lowest places and the first one the highest: while the last one's weight grows, users move only towards it,
 * and none moves back.
 */
function placesOf({ route, slots }: Placed): Entries {
  const weighted = route.sides.toReversed().filter(({ weight }) => weight > 0);
  let reached = 0;
  return weighted.map(({ name, weight }, index) => {
    const first = reached;
    reached = index === weighted.length - 1 ? allPlaces : Math.min(allPlaces, reached + weight);
    return [
      `${first}:${reached - 1}`,
      backendOf(
        route.environment,
        slots.findIndex((slot) => slot?.side === name),
      ),
    ];
  });
}

/** What says in `users` where a group of the configuration is led. */
export function groupKey(index: number): string {
  return `group-${index}`;
}

function usersOf(placed: Placed): Entries {
  const { environment } = placed.route;
  return [
    ...stayingOf(placed),
    ...groupsInForce(placed).flatMap(({ at, side }): Entries => {
      const slot = placed.slots.findIndex((one) => one?.side === side);
      return slot < 0 ? [] : [[groupKey(at), backendOf(environment, slot)]];
    }),
  ];
}

function stayingOf({ route: { sticky } }: Placed): Entries {
  if (sticky === undefined) return [['by', 'none']];
  return [
    ['by', sticky.header === undefined ? 'cookie' : 'header'],
    // As a key of HMAC, a zero byte and nothing are the same.
    ['salt', Buffer.from(sticky.salt === '' ? '\0' : sticky.salt).toString('base64')],
  ];
}
