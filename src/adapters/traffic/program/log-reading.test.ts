import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseLine as parseCaddy } from '../caddy/log-line.ts';
import { parseLine as parseNginx } from '../nginx/log-line.ts';
import { countedOf, lastReading, readOn, type Reading } from './log-reading.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock-log-'));
});
after(() => rm(directory, { recursive: true, force: true }));

test('a log is read on from where it was left, over torn lines, renamed files and new ones', async () => {
  const log = join(directory, 'access.log');
  let reading: Reading = await lastReading(directory);
  const requests = async (): Promise<number> => {
    reading = await readOn(directory, JSON.parse(JSON.stringify(reading)) as Reading, parseNginx);
    return countedOf(reading, 'one')['all']!.requests;
  };
  assert.equal(await requests(), 0);
  await appendFile(log, 'one 200 0.001 + +\none 200 0.0');
  assert.equal(await requests(), 1);
  await appendFile(log, '02 + +\n');
  assert.equal(await requests(), 2);
  await rename(log, join(directory, 'access-1.log'));
  await appendFile(join(directory, 'access-1.log'), 'one 200 0.003 + +\n');
  await appendFile(log, 'one 503 0.004 + +\n');
  assert.equal(await requests(), 4);
  assert.equal(await requests(), 4);
  await unlink(join(directory, 'access-1.log'));
  await appendFile(
    log,
    `${'one 200 0.001 + +\n'.repeat(99_996)}one 404 0.001 + +\none 499 0.001 - +\none 200 0.001 - +\none 401 0.001 + +\n`,
  );
  assert.equal(await requests(), 100_004);
  const { failures, clientErrors, latency } = countedOf(reading, 'one')['all']!;
  assert.deepEqual([failures, clientErrors], [1, 2]);
  assert.equal(
    Object.values(latency.counts).reduce((sum, count) => sum + count, 0),
    100_004,
  );
});

test('lines of nginx: what a release was asked; a client that left in mid-answer is no failure of it', () => {
  assert.deepEqual(parseNginx('dep_1 200 0.012 + +'), { side: 'dep_1', status: 200, milliseconds: 12 });
  assert.deepEqual(parseNginx('dep_1 200 0.012 - +'), { side: 'dep_1', status: 200, milliseconds: 12 });
  assert.deepEqual(parseNginx('dep_1 101 60.5 + +'), {
    side: 'dep_1',
    status: 101,
    milliseconds: undefined,
  });
  assert.deepEqual(parseNginx('dep_1 499 8.5 - +'), { side: 'dep_1', status: 499, milliseconds: 8_500 });
  for (const nothing of ['dep_1 400 0.000 + -', '- 200 0.1 + +', '', 'dep_1 200', 'x y z + +'])
    assert.equal(parseNginx(nothing), undefined, nothing);
});

test('lines of Caddy: the side stands as the user', () => {
  const line = (fields: object) => parseCaddy(JSON.stringify({ level: 'info', msg: 'handled request', ...fields }));
  assert.deepEqual(line({ user_id: 'dep_1', status: 200, duration: 0.5 }), {
    side: 'dep_1',
    status: 200,
    milliseconds: 500,
  });
  assert.deepEqual(line({ user_id: 'dep_1', status: 101, duration: 60 })?.milliseconds, undefined);
  assert.deepEqual(line({ user_id: 'dep_1', status: 0, duration: 8.5 }), {
    side: 'dep_1',
    status: 0,
    milliseconds: 8_500,
  });
  assert.equal(line({ user_id: '', status: 200, duration: 0.5 }), undefined);
  assert.equal(parseCaddy('{"level":"info","user_id":"dep'), undefined);
});
