import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '../../../domain/base/time.ts';
import { emptySample } from '../../../domain/observation/sample.ts';
import type { Route, RouteState, SideState } from '../../../ports/traffic.ts';
import { withEarlier, type Leaving } from './earlier.ts';

const at = (port: number, inFlight: number) => ({ host: '127.0.0.1', port, inFlight, well: true });
const leftAt = (port: number, inFlight: number, since: number): Leaving => ({
  ...at(port, inFlight),
  since: since as Instant,
});
const sideOf = (name: string, inFlight: number, requests: number): SideState => ({
  name,
  inFlight,
  tunnels: 0,
  drainingSince: undefined,
  counted: { all: { ...emptySample, requests } },
  instances: [at(1, inFlight), at(2, 0)],
});

test('what two workers have under way is added, instance by instance; one that left did so when the first let it go', () => {
  const own: RouteState = {
    route: {} as Route,
    counter: 'same',
    sides: [sideOf('one', 1, 10), sideOf('new', 2, 3)],
    leaving: [leftAt(7, 1, 2_000), leftAt(8, 1, 1_000)],
  };
  const both = withEarlier(own, { sides: [sideOf('one', 4, 5)], leaving: [leftAt(7, 2, 1_500), leftAt(9, 1, 500)] });
  assert.deepEqual(
    both.sides.map(({ inFlight, counted, instances }) => [inFlight, counted['all']!.requests, instances]),
    [
      [5, 15, [at(1, 5), at(2, 0)]],
      [2, 3, [at(1, 2), at(2, 0)]],
    ],
  );
  assert.deepEqual(both.leaving, [leftAt(7, 3, 1_500), leftAt(8, 1, 1_000), leftAt(9, 1, 500)]);
});
