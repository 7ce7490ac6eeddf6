import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../../ports/traffic.ts';
import { idOf } from '../../../test/make/facts.ts';
import { groupsInForce, hasSameInstances, isOnlyDividedAnew } from './division.ts';

const instances = [{ host: '127.0.0.1', port: 1_001 }];
const route: Route = {
  environment: idOf('env', 1),
  by: 'nginx',
  listen: { host: '127.0.0.1', port: 1_000 },
  sides: [
    { name: 'stable', weight: 9_000, instances },
    { name: 'fresh', weight: 1_000, instances: [{ host: '127.0.0.1', port: 1_002 }] },
  ],
};
const [stable, fresh] = route.sides as [Route['sides'][0], Route['sides'][0]];

test('other weights are only another division, however the route was written', () => {
  const back = {
    sides: [
      { ...stable, weight: 10_000 },
      { instances: fresh.instances, weight: 0, name: 'fresh' },
    ],
  };
  assert.ok(isOnlyDividedAnew(route, { ...back, listen: route.listen, by: 'nginx', environment: route.environment }));
});

const beta = { side: 'fresh', by: 'header', name: 'X-Beta' } as const;
const early = { side: 'fresh', by: 'cookie', name: 'early' } as const;

test('some of the groups in their order are only another division; others are more', () => {
  const setUp = { ...route, groups: [beta, early, beta] };
  for (const groups of [undefined, [], [beta], [early], [early, beta], [beta, beta]])
    assert.ok(isOnlyDividedAnew(setUp, groups === undefined ? route : { ...route, groups }), JSON.stringify(groups));
  assert.deepEqual(groupsInForce(setUp, { ...route, groups: [early, beta] }), [1, 2]);
  // The same users, led to another side.
  assert.deepEqual(groupsInForce(setUp, { ...route, groups: [{ ...beta, side: 'stable' }, early] }), [0, 1]);
  for (const groups of [[early, early], [beta, beta, beta], [{ ...beta, value: 'yes' }], [{ ...beta, name: 'X' }]])
    assert.ok(!isOnlyDividedAnew(setUp, { ...route, groups }), JSON.stringify(groups));
});

test('users need not stay once all of them are on one side; until then they do', () => {
  const setUp = { ...route, sticky: { salt: 'a' } };
  const back = {
    ...route,
    sides: [
      { ...stable, weight: 10_000 },
      { ...fresh, weight: 0 },
    ],
  };
  assert.ok(isOnlyDividedAnew(setUp, back));
  assert.ok(!isOnlyDividedAnew(setUp, route));
  assert.ok(!isOnlyDividedAnew(setUp, { ...back, sticky: { salt: 'b' } }));
});

test('whatever else changes is more than that', () => {
  const none = [stable, fresh].map((side) => ({ ...side, weight: 0 }));
  for (const change of [
    { sides: [stable] },
    { sides: [fresh, stable] },
    { sides: [stable, { ...fresh, instances }] },
    { sides: [stable, { ...fresh, health: { timeoutMs: 1 } }] },
    { sides: none },
    { listen: { host: '127.0.0.1', port: 2_000 } },
    { sticky: { salt: 'a' } },
    { groups: [beta] },
    { limits: { bodyBytes: 1 } },
  ])
    assert.ok(!isOnlyDividedAnew(route, { ...route, ...change }), JSON.stringify(change));
});

test('the same instances may get other users, but not at another address', () => {
  assert.ok(hasSameInstances(route, { ...route, sticky: { salt: 'a' }, sides: [{ ...stable, weight: 0 }, fresh] }));
  assert.ok(!hasSameInstances(route, { ...route, listen: { ...route.listen, port: 2_000 } }));
  assert.ok(!hasSameInstances(route, { ...route, sides: [{ ...stable, instances: [] }, fresh] }));
});
