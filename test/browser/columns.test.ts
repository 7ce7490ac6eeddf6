import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from '../../console/src/screens/pipeline/columns.ts';

const environment = (name: string, after: readonly string[], kind = 'testing') =>
  ({ name, after, kind }) as Parameters<typeof columnsOf>[0][number];
const names = (environments: Parameters<typeof columnsOf>[0]) =>
  columnsOf(environments).map((column) => column.map(({ name }) => name));

test('environments stand in the order of promotion, those that are as far below each other', () => {
  const all = [
    environment('development', []),
    environment('qa', ['development']),
    environment('load', ['development']),
    environment('staging', ['qa', 'load']),
  ];
  assert.deepEqual(names(all), [['development'], ['qa', 'load'], ['staging']]);
});

test('disaster recovery stands beside the production that it follows', () => {
  const all = [
    environment('staging', []),
    environment('production', ['staging'], 'production'),
    environment('recovery', ['production'], 'disaster-recovery'),
  ];
  assert.deepEqual(names(all), [['staging'], ['production', 'recovery']]);
});

test('one that comes after nothing that is shown stands at the beginning', () => {
  assert.deepEqual(names([environment('retired', ['gone'])]), [['retired']]);
});
