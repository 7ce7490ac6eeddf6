// What may be asked of the shop while customers use it: reads only.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { LIFTLOCK_URL, LIFTLOCK_RELEASE, LIFTLOCK_ENVIRONMENT } = process.env;

test('the shop and its database are up', async () => {
  assert.deepEqual(await get('/healthz'), { status: 'ok' });
});

test('the shop that answers is the release that was deployed', async () => {
  const { release, environment } = await get('/version');
  assert.deepEqual({ release, environment }, { release: LIFTLOCK_RELEASE, environment: LIFTLOCK_ENVIRONMENT });
});

test('there are books to buy', async () => {
  assert.ok((await get('/books')).length > 0);
});

async function get(path) {
  const response = await fetch(new URL(path, LIFTLOCK_URL), { signal: AbortSignal.timeout(10_000) });
  assert.equal(response.status, 200);
  return response.json();
}
