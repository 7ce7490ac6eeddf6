import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPrice, readLines, totalOf } from '../orders.js';

test('an order costs the price of every copy', () => {
  assert.equal(totalOf([{ price: 1290, copies: 1 }, { price: 790, copies: 3 }]), 3660);
  assert.equal(totalOf([]), 0);
});

test('an order keeps what the customer asked for and nothing else', () => {
  const { lines } = readLines({ lines: [{ book: 2, copies: 1, price: 1 }] });
  assert.deepEqual(lines, [{ book: 2, copies: 1 }]);
});

test('an order without a book or a sensible number of copies is refused', () => {
  for (const lines of [undefined, [], [{}], [{ book: 1 }], [{ book: 1, copies: 0 }], [{ book: 1, copies: 101 }], [{ book: '1', copies: 1 }]]) {
    assert.ok(readLines({ lines }).problem);
  }
  assert.ok(readLines(undefined).problem);
});

test('a book stands in one line only', () => {
  assert.equal(readLines({ lines: [{ book: 1, copies: 1 }, { book: 1, copies: 2 }] }).problem, 'a book stands in one line only');
});

test('prices are shown with two digits after the point', () => {
  assert.deepEqual([5, 1250, 100].map(formatPrice), ['0.05', '12.50', '1.00']);
});
