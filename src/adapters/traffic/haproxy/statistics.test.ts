import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatistics, totalOf, withReadings, type Tally } from './statistics.ts';
import type { SlotLoad } from './state.ts';

const none: Tally = { counter: 'c', alive: {}, gone: {} };
const isOurs = (name: string) => name.startsWith('env');

function reading(requests: number, failures = 0, name = 'env-0'): ReadonlyMap<string, SlotLoad> {
  return new Map([
    [name, { counted: { requests, failures, clientErrors: 2, brokenOff: 0 }, inFlight: 0, servers: new Map() }],
  ]);
}

test('requests, failures and what is under way are read by the names of the columns', () => {
  const loads = readStatistics([
    '# pxname,svname,scur,hrsp_4xx,hrsp_5xx,req_tot,srv_abrt,',
    'env-0,FRONTEND,9,9,9,9,9,',
    'env-0,s1,3,8,2,100,1,',
    'env-0,BACKEND,3,8,2,100,1,',
    'env-1,BACKEND,0,0,0,7,0,',
  ]);
  assert.deepEqual(
    [...loads],
    [
      [
        'env-0',
        {
          counted: { requests: 100, failures: 3, clientErrors: 8, brokenOff: 1 },
          inFlight: 3,
          servers: new Map([['s1', 3]]),
        },
      ],
      [
        'env-1',
        { counted: { requests: 7, failures: 0, clientErrors: 0, brokenOff: 0 }, inFlight: 0, servers: new Map() },
      ],
    ],
  );
});

test('what workers count adds up, and is kept when they are gone', () => {
  const first = withReadings(none, new Map([[1, reading(100, 1)]]), isOurs);
  const both = withReadings(
    first,
    new Map([
      [1, reading(110, 1)],
      [2, reading(5)],
    ]),
    isOurs,
  );
  const second = withReadings(both, new Map([[2, reading(20, 2)]]), isOurs);
  assert.deepEqual(totalOf(both, 'env-0'), { requests: 115, failures: 1, clientErrors: 4, brokenOff: 0 });
  assert.deepEqual(totalOf(second, 'env-0'), { requests: 130, failures: 3, clientErrors: 4, brokenOff: 0 });
  assert.deepEqual(totalOf(second, 'env-1'), { requests: 0, failures: 0, clientErrors: 0, brokenOff: 0 });
});

test('the number of a process that comes again is another process', () => {
  const first = withReadings(none, new Map([[1, reading(100)]]), isOurs);
  assert.deepEqual(totalOf(withReadings(first, new Map([[1, reading(3)]]), isOurs), 'env-0').requests, 103);
});

test('environments that are gone are forgotten', () => {
  const first = withReadings(none, new Map([[1, reading(100)]]), isOurs);
  const gone = withReadings(first, new Map(), isOurs);
  assert.deepEqual(withReadings(gone, new Map(), () => false).gone, {});
});

test('what an older version kept of workers that are gone has no client errors, and new ones are added to it', () => {
  const old: Tally = { counter: 'c', alive: {}, gone: { 'env-0': { requests: 50, failures: 1 } } };
  const now = withReadings(old, new Map([[1, reading(10)]]), isOurs);
  assert.deepEqual(totalOf(now, 'env-0'), { requests: 60, failures: 1, clientErrors: 2, brokenOff: 0 });
});
