import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Route, Side } from '../../../ports/traffic.ts';
import { configurationOf, structureOf } from './configuration.ts';
import { entriesOf } from './maps.ts';
import { liveServer, placedIn, withRoute, withShares, type Placed, type SlotLoads, type State } from './state.ts';

const environment = 'env_1' as EnvironmentId;
const key = Buffer.alloc(32);
const idle: SlotLoads = new Map();
const now = 1_000 as Instant;

function side(name: string, weight: number, port = 9_000): Side {
  return { name, weight, instances: [{ host: '127.0.0.1', port }] };
}

function routeTo(sides: readonly Side[], more: Partial<Route> = {}): Route {
  return { environment, by: 'haproxy', listen: { host: '127.0.0.1', port: 7_500 }, sides, ...more };
}

function after(routes: readonly Route[], loads = idle): State {
  return routes.reduce<State>((state, route) => withRoute(state, route, { loads, now }), { environments: [] });
}

function placed(state: State): Placed {
  return placedIn(state, environment)!;
}

test('a side keeps its slot, and one that is gone leaves it to the next', () => {
  const state = after([
    routeTo([side('a', 10_000)]),
    routeTo([side('a', 5_000), side('b', 5_000)]),
    routeTo([side('b', 10_000)]),
    routeTo([side('b', 0), side('c', 10_000)]),
  ]);
  assert.deepEqual(
    placed(state).slots.map((slot) => slot?.side),
    ['c', 'b', undefined, undefined],
  );
});

test('a slot in which something is under way is not given away; more are made when none is idle', () => {
  const busy: SlotLoads = new Map(
    [0, 1, 2, 3].map((at) => [
      `env_1-${at}`,
      { counted: { requests: 9, failures: 1 }, inFlight: 1, servers: new Map() },
    ]),
  );
  const { slots } = placed(after([routeTo([side('a', 10_000)]), routeTo([side('b', 10_000)])], busy));
  assert.equal(slots.at(-1)?.side, 'b');
  assert.equal(slots.length, 5);
});

test('requests that are divided anew move nobody: who leaves and who has left keep their places', () => {
  const both = routeTo([side('a', 10_000), { ...side('b', 0), instances: [9_001, 9_002].map(instanceAt) }]);
  const fewer = routeTo([side('a', 10_000), { ...side('b', 0), instances: [instanceAt(9_002)] }]);
  const before = withRoute(after([both]), fewer, { loads: new Map([['env_1-1', load({ s1: 1 })]]), now });
  const later = 2_000 as Instant;
  const back = {
    ...fewer,
    sides: [
      { ...fewer.sides[0]!, weight: 0 },
      { ...fewer.sides[1]!, weight: 10_000 },
    ],
  };
  const divided = placed(withShares(before, back, later));
  assert.deepEqual(divided.route, back);
  assert.deepEqual(
    divided.slots.map((slot) => slot?.drainingSince),
    [later, undefined, undefined, undefined],
  );
  assert.deepEqual(
    divided.slots.map((slot) => slot?.servers),
    placed(before).slots.map((slot) => slot?.servers),
  );
  assert.equal(divided.slots[1]!.servers[0]!.leftAt, now);
  assert.equal(placed(withShares(before, fewer, later)).slots[1]!.drainingSince, now);
});

function instanceAt(port: number) {
  return { host: '127.0.0.1', port };
}

function load(servers: Readonly<Record<string, number>>) {
  return { counted: { requests: 1, failures: 0 }, inFlight: 1, servers: new Map(Object.entries(servers)) };
}

test('what a slot had counted for others is not counted for the side that takes it', () => {
  const loads: SlotLoads = new Map([
    ['env_1-0', { counted: { requests: 9, failures: 1 }, inFlight: 0, servers: new Map() }],
  ]);
  assert.deepEqual(placed(after([routeTo([side('a', 10_000)])], loads)).slots[0]!.before, { requests: 9, failures: 1 });
});

test('deployments, weights and how users stay change no structure; addresses, new groups and limits do', () => {
  const of = (...routes: Route[]) => structureOf(after(routes), { key });
  const sticky = { header: 'X-User', salt: 'a' };
  const first = routeTo([side('a', 10_000)], { sticky });
  const structure = of(first);
  assert.equal(
    of(first, routeTo([side('a', 9_000), side('b', 1_000, 9_001)], { sticky: { ...sticky, salt: 'b' } })),
    structure,
  );
  assert.equal(of(first, routeTo([side('b', 10_000, 9_001)])), structure);
  const group = { side: 'a', by: 'header', name: 'X-Beta' } as const;
  const led = routeTo([side('a', 0), side('b', 10_000, 9_001)], { groups: [group, { ...group, name: 'X-Early' }] });
  for (const groups of [[], [{ ...group, side: 'b' }], [{ ...group, name: 'X-Early' }]])
    assert.equal(of(led, { ...led, groups }), of(led), JSON.stringify(groups));
  for (const other of [
    { listen: { host: '127.0.0.1', port: 7_501 } },
    { groups: [group] },
    { limits: { bodyBytes: 1 } },
    {
      sides: [
        { ...side('a', 10_000), instances: Array.from({ length: 9 }, (_, at) => ({ host: '::1', port: 9_000 + at })) },
      ],
    },
  ])
    assert.notEqual(of(first, { ...first, ...other }), structure, JSON.stringify(other));
});

test('releases whose instances are asked in the same way follow each other without another structure', () => {
  const asked = (name: string, path: string): Side => ({ ...side(name, 10_000), health: { path, timeoutMs: 1_000 } });
  const nameOf = (state: State) => structureOf(state, { key });
  const first = after([routeTo([asked('a', '/health')])]);
  const later = after([
    routeTo([asked('a', '/health')]),
    routeTo([asked('b', '/health')]),
    routeTo([asked('c', '/health')]),
  ]);
  assert.equal(nameOf(later), nameOf(first));
  const other = after([routeTo([asked('a', '/health')]), routeTo([asked('b', '/ready')])]);
  assert.notEqual(nameOf(other), nameOf(first));
  assert.match(configurationOf(other, { key, named: 'x' }), /uri '\/ready'[^]*uri '\/health'/);
  const back = withRoute(other, routeTo([asked('b', '/ready'), asked('c', '/ready')]), { loads: idle, now });
  assert.equal(nameOf(withRoute(back, routeTo([asked('d', '/ready')]), { loads: idle, now })), nameOf(back));
  for (const path of ['health', "/a'\n", '/ä'])
    assert.throws(() => after([routeTo([asked('a', path)])]), { code: 'traffic/refused' });
});

test('a process that starts again finds the instances in its configuration', () => {
  const text = configurationOf(after([routeTo([side('a', 10_000, 9_123)])]), { key, named: 'n' });
  assert.match(text, /^ {2}server s1 127\.0\.0\.1:9123 pool-purge-delay 2s$/m);
  assert.match(text, /^ {2}server s2 127\.0\.0\.1:1 pool-purge-delay 2s disabled$/m);
});

test('the last side has the lowest places, and all of them are somebody’s', () => {
  const places = (...sides: Side[]) => entriesOf(placed(after([routeTo(sides)]))).places;
  assert.deepEqual(places(side('a', 7_500), side('b', 2_500)), [
    ['0:2499', 'env_1-1'],
    ['2500:9999', 'env_1-0'],
  ]);
  assert.deepEqual(places(side('a', 0), side('b', 10_000)), [['0:9999', 'env_1-1']]);
  assert.deepEqual(places(side('a', 3_333), side('b', 3_333)).at(-1), ['3333:9999', 'env_1-0']);
  assert.deepEqual(places(side('a', 0)), []);
});

test('an instance keeps its place while others come and go, and what has left keeps it until nothing is under way', () => {
  const at = (...ports: number[]) => ({
    ...routeTo([{ name: 'a', weight: 10_000, instances: ports.map((port) => ({ host: '127.0.0.1', port })) }]),
  });
  const ports = (state: State) =>
    placed(state).slots[0]!.servers.map((server) => server && [server.port, server.leftAt]);
  const left = after([at(1, 2), at(2, 3)]);
  assert.deepEqual(ports(left), [
    [1, now],
    [2, undefined],
    [3, undefined],
  ]);
  assert.equal(liveServer(placed(left), 0, 0), undefined);
  const busy: SlotLoads = new Map([
    ['env_1-0', { counted: { requests: 9, failures: 0 }, inFlight: 1, servers: new Map([['s1', 1]]) }],
  ]);
  assert.deepEqual(ports(withRoute(left, at(2, 3), { loads: busy, now })), [
    [1, now],
    [2, undefined],
    [3, undefined],
  ]);
  assert.deepEqual(ports(withRoute(left, at(2, 4), { loads: idle, now })), [
    [4, undefined],
    [2, undefined],
    [3, now],
  ]);
  assert.deepEqual(ports(withRoute(left, at(1, 2, 3), { loads: busy, now })), [
    [1, undefined],
    [2, undefined],
    [3, undefined],
  ]);
});
