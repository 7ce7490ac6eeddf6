// What a customer does, against the shop at LIFTLOCK_URL. Removes the orders it makes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

const made = [];

after(async () => {
  for (const id of made) await call('DELETE', `/orders/${id}`);
});

test('a customer sees the books and their prices', async () => {
  const { status, body: books } = await call('GET', '/books');
  assert.equal(status, 200);
  assert.ok(books.length > 0);
  for (const { title, price } of books) assert.ok(title !== '' && Number.isInteger(price) && price > 0);
});

test('an order can be read back as it was placed', async () => {
  const placed = await order([{ book: 1, copies: 1 }, { book: 3, copies: 2 }]);
  const { status, body } = await call('GET', `/orders/${placed.id}`);
  assert.equal(status, 200);
  assert.deepEqual(body, placed);
  assert.deepEqual(body.lines.map(({ book, copies }) => ({ book, copies })), [{ book: 1, copies: 1 }, { book: 3, copies: 2 }]);
});

test('the total of an order is the price of all its copies', async () => {
  const { body: books } = await call('GET', '/books');
  const placed = await order([{ book: books[0].id, copies: 1 }, { book: books[1].id, copies: 3 }]);
  assert.equal(placed.total, books[0].price + 3 * books[1].price);
});

test('a changed order has the new lines and the new total', async () => {
  const placed = await order([{ book: 1, copies: 1 }]);
  const { status, body } = await call('PUT', `/orders/${placed.id}`, { lines: [{ book: 2, copies: 1 }] });
  assert.equal(status, 200);
  assert.deepEqual(body.lines.map(({ book }) => book), [2]);
  assert.equal(body.total, body.lines[0].price);
});

test('a deleted order is gone', async () => {
  const placed = await order([{ book: 1, copies: 1 }]);
  assert.equal((await call('DELETE', `/orders/${placed.id}`)).status, 204);
  assert.equal((await call('GET', `/orders/${placed.id}`)).status, 404);
});

test('an order of nothing, or of a book that does not exist, is refused', async () => {
  assert.equal((await call('POST', '/orders', { lines: [] })).status, 400);
  assert.equal((await call('POST', '/orders', { lines: [{ book: 999_999, copies: 1 }] })).status, 400);
});

test('the page shows the shop', async () => {
  const response = await fetch(new URL('/', process.env.LIFTLOCK_URL));
  assert.equal(response.status, 200);
  assert.match(await response.text(), /<h1>.+<\/h1>/);
});

async function order(lines) {
  const { status, body } = await call('POST', '/orders', { lines });
  assert.equal(status, 201, JSON.stringify(body));
  made.push(body.id);
  return body;
}

async function call(method, path, body) {
  const response = await fetch(new URL(path, process.env.LIFTLOCK_URL), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
