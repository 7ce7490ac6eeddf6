import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { test } from 'node:test';
import { publicLookup } from './public-lookup.ts';

/** Addresses resolve to themselves, without a network. */
function look(name: string, all: boolean): Promise<string | LookupAddress[]> {
  const lookup = publicLookup((because) => new Error(because));
  return new Promise((done, fail) => {
    lookup(name, { all }, (error, address) => (error === null ? done(address) : fail(error)));
  });
}

test('public addresses are given, alone or as a list, as they were asked for', async () => {
  assert.equal(await look('1.1.1.1', false), '1.1.1.1');
  assert.deepEqual(await look('2606:4700::1111', true), [{ address: '2606:4700::1111', family: 6 }]);
});

test('names that lead inside are refused, and names that do not exist fail', async () => {
  for (const name of ['127.0.0.1', '::1', 'localhost', '::ffff:10.0.0.1'])
    for (const all of [true, false]) await assert.rejects(look(name, all), /is an address of this network/, name);
  await assert.rejects(look('no-such-host.invalid', true), /ENOTFOUND|EAI_AGAIN/);
});
