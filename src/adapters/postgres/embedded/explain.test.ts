import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../domain/base/failure.ts';
import { explainFileError, explainInitdb, explainServerLog } from './explain.ts';

const context = { port: 20_001, logFile: '/data/postgres.log' };

test('what a server writes when it does not start tells what to do, and whether to try again', () => {
  const cases = [
    ['FATAL:  lock file "postmaster.pid" already exists', 'database/unreachable', true, /Another PostgreSQL/],
    [
      'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use',
      'database/unreachable',
      true,
      /Sessions/,
    ],
    [
      'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nFATAL:  could not create any TCP/IP sockets',
      'server/port-taken',
      false,
      /20001/,
    ],
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      'database/failed',
      false,
      /Free space/,
    ],
    ['FATAL:  could not open file "global/pg_control": Permission denied', 'database/failed', false, /chown/],
    ['PANIC:  could not locate a valid checkpoint record', 'database/failed', false, /postgres\.log/],
    ['ended with SIGKILL', 'database/failed', true, /postgres\.log/],
  ] as const;
  for (const [log, code, passes, hint] of cases) {
    const explanation = explainServerLog(log, context);
    assert.deepEqual([explanation.failure.code, explanation.passes], [code, passes], log);
    assert.match(explanation.failure.hint ?? '', hint, log);
  }
});

test('what initdb says tells what to do', () => {
  const cases = [
    ['initdb: error: could not write file: No space left on device', 'database/failed', /Free space/],
    [
      'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 9',
      'database/failed',
      /Free space/,
    ],
    ['initdb: error: could not look up effective user ID 12345: user does not exist', 'database/failed', /passwd/],
    ['Error: spawn /package/bin/initdb ENOENT', 'database/unsupported', /glibc/],
    ['initdb: error: could not create directory "/data": Permission denied', 'database/failed', /chown/],
    ['Error: spawn EPERM', 'database/failed', /ordinary user/],
  ] as const;
  for (const [said, code, hint] of cases) {
    const failure = explainInitdb(said, '/package');
    assert.equal(failure.code, code, said);
    assert.match(failure.hint ?? '', hint, said);
  }
});

test('a failure stays itself, a refusal of the file system is named with its place, a mistake of ours stays unexpected', () => {
  const failure = new Failure('database/unsupported', 'no');
  assert.equal(explainFileError(failure, '/data'), failure);
  const full = explainFileError(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }), '/data');
  assert.deepEqual(
    [full.code, full.message.includes('/data'), full.hint?.includes('Free space')],
    ['database/failed', true, true],
  );
  const confined = explainFileError(Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'chown' }), '/data');
  assert.match(confined.hint ?? '', /ordinary user/);
  assert.equal(explainFileError(new TypeError('x is not a function'), '/data').code, 'unexpected/error');
});
