import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../domain/base/failure.ts';
import type { LogFields } from '../../ports/log.ts';
import { createLog } from './log.ts';

function written(fields: LogFields, message = 'something happened'): { text: string; line: Record<string, unknown> } {
  const lines: string[] = [];
  createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }).error(message, fields);
  assert.equal(lines.length, 1);
  const text = lines[0] ?? '';
  assert.equal(text.indexOf('\n'), text.length - 1);
  return { text, line: JSON.parse(text) };
}

test('a line holds level, time, message and the fields, and nothing about this machine', () => {
  const { line } = written({ promotion: 'prm_1', count: 3 });
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(
    { ...line, time: '' },
    { level: 'error', time: '', promotion: 'prm_1', count: 3, message: 'something happened' },
  );
});

test('lines below the level are left out', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  log.info('quiet');
  log.warn('loud');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).message),
    ['loud'],
  );
});

test('values under keys that sound secret never reach the log, at any depth', () => {
  const names = [
    'password',
    'PGPASSWORD',
    'token',
    'access_token',
    'authorization',
    'clientSecret',
    'Set-Cookie',
    'apiKey',
    'private_key',
  ];
  for (const name of names) {
    const { text } = written({ [name]: 'hunter2', deep: [{ [name]: { inner: 'hunter2' } }] });
    assert.ok(!text.includes('hunter2'), text);
  }
});

test('credentials inside addresses are hidden in messages, fields and errors', () => {
  const url = 'postgres://ann:hunter2@db.example/shop?sslkey=hunter2&x=1';
  const error = new Failure('database/unreachable', `cannot reach ${url}`, { cause: new Error(`connect ${url}`) });
  const { text, line } = written({ url, error, request: 'Bearer hunter2hunter2' }, `trying ${url}`);
  assert.ok(!text.includes('hunter2'), text);
  assert.match(String(line['url']), /^postgres:\/\/\[redacted\]@db\.example\/shop/);
});

test('an error is logged with its code and hint, and with its stack only when it is a bug', () => {
  const expected = written({ error: new Failure('source/unreachable', 'no answer', { hint: 'try later' }) }).line[
    'error'
  ];
  assert.deepEqual(expected, { code: 'source/unreachable', message: 'no answer', hint: 'try later' });
  const bug = written({ error: new TypeError('x is undefined') }).line['error'];
  assert.match((bug as { stack: string }).stack, /log\.test\.ts/);
});

test('fields cannot replace level, time or message of their line', () => {
  const { line } = written({ level: 'x', time: 'y', message: 'z' });
  assert.deepEqual(
    [line['level'], line['level_'], line['message'], line['message_']],
    ['error', 'x', 'something happened', 'z'],
  );
});

test('what refers to itself, throws when read or is very long is cut, not fatal', () => {
  const knot: Record<string, unknown> = {};
  knot['self'] = knot;
  const trap = Object.defineProperty({}, 'x', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  const { text } = written({ knot, trap, long: 'x'.repeat(1e6), many: Array(1e5).fill(0), big: 10n });
  assert.ok(text.length < 20_000);
});

test('any fields give one line of JSON', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything()),
      fc.string(),
      (fields, message) => void written(fields, message),
    ),
  );
});
