import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { instant } from '../../../domain/base/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import { isAlive } from '../../../system/alive.ts';
import { commandLine } from './process.ts';
import { findRuntime, program, usableRuntime } from './runtime.ts';
import { launchElsewhere, query, realClock as clock, scratch, until } from './scratch.ts';
import { startEmbedded } from './start-embedded.ts';

const isRoot = process.getuid?.() === 0;

test('an empty directory becomes a server that takes connections, keeps what is written, and answers the same URL after a stop', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  assert.equal(first.adopted, false);
  await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  // It is our child: between its end and its being reaped a signal still reaches it.
  await until(() => !isAlive(first.pid), 'the stopped server to be gone');
  const second = await startEmbedded({ directory, clock });
  assert.equal(second.adopted, false);
  assert.equal(second.url('postgres'), first.url('postgres'));
  assert.deepEqual(await query(second.url('postgres'), 'SELECT answer FROM kept'), [{ answer: 42 }]);
});

test('the server is durable, speaks UTF-8 in every collation the same, and listens on the loopback address only', async (t) => {
  const server = await startEmbedded({ directory: await scratch(t), clock });
  const [settings] = await query(
    server.url('postgres'),
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS address,
       current_setting('unix_socket_directories') AS sockets, current_setting('server_encoding') AS encoding,
       current_setting('data_checksums') AS checksums, current_setting('password_encryption') AS passwords`,
  );
  assert.deepEqual(settings, {
    fsync: 'on',
    commit: 'on',
    address: '127.0.0.1',
    sockets: '',
    encoding: 'UTF8',
    checksums: 'on',
    passwords: 'scram-sha-256',
  });
});

test('nobody enters without the password, which only its owner can read', async (t) => {
  const directory = await scratch(t);
  const server = await startEmbedded({ directory, clock });
  const url = new URL(server.url('postgres'));
  url.password = 'guess';
  await assert.rejects(query(url.href, 'SELECT 1'), { code: '28P01' });
  assert.equal((await stat(path.join(directory, 'cluster', 'password'))).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

test('a running server is adopted, and stopping twice is as good as once', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  const second = await startEmbedded({ directory, clock });
  assert.deepEqual([second.adopted, second.pid, second.port], [true, first.pid, first.port]);
  await second.stop();
  await first.stop();
  await until(() => !isAlive(first.pid), 'the stopped server to be gone');
});

test('a server killed while sessions are open comes back on its port with everything that was committed', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
  const sleeping = query(first.url('postgres'), 'SELECT pg_sleep(600)').catch(() => 'ended');
  process.kill(first.pid, 'SIGKILL');
  // On a busy machine it dies slowly, and whoever comes until then finds it alive.
  await until(() => commandLine(first.pid).then((words) => words.length === 0), 'the killed server is gone');
  const second = await startEmbedded({ directory, clock });
  assert.deepEqual([second.adopted, second.port], [false, first.port]);
  assert.deepEqual(await query(second.url('postgres'), 'SELECT count(*)::int AS n FROM kept'), [{ n: 1000 }]);
  assert.equal(await sleeping, 'ended');
});

test('a lock file whose process id now belongs to somebody else neither fools the launcher nor hurts that process', async (t) => {
  const directory = await scratch(t);
  const lock = path.join(directory, 'cluster', 'data', 'postmaster.pid');
  const first = await startEmbedded({ directory, clock });
  const content = await readFile(lock, 'utf8');
  process.kill(first.pid, 'SIGKILL');
  await until(() => commandLine(first.pid).then((words) => words.length === 0), 'the killed server is gone');
  const { uid, gid } = await stat(lock);
  // A program of the system: ours may lie below a directory that only root enters.
  const stranger = spawn('sleep', ['600'], {
    stdio: 'ignore',
    ...(isRoot ? { uid, gid } : {}),
  });
  t.after(() => stranger.kill('SIGKILL'));
  await until(async () => (await commandLine(stranger.pid ?? 0)).length > 0, 'the stranger runs');
  await writeFile(lock, content.replace(/^\d+/, String(stranger.pid)));
  const second = await startEmbedded({ directory, clock });
  assert.deepEqual([second.adopted, second.port], [false, first.port]);
  await second.stop();
  assert.equal(stranger.exitCode === null && stranger.signalCode === null, true);
});

test('launchers in separate processes at once on an empty directory end with one server, which all of them answer', async (t) => {
  const directory = await scratch(t);
  const answers = await Promise.all([1, 2, 3].map(() => launchElsewhere(directory).answer));
  for (const answer of answers) assert.ok('pid' in answer, JSON.stringify(answer));
  const pids = new Set(answers.map((answer) => ('pid' in answer ? answer.pid : 0)));
  assert.equal(pids.size, 1);
  assert.equal(answers.filter((answer) => 'adopted' in answer && !answer.adopted).length, 1);
  const mine = await startEmbedded({ directory, clock });
  assert.deepEqual([mine.adopted, mine.pid], [true, [...pids][0]]);
});

test('launchers in separate processes at once after a crash end with one server', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  process.kill(first.pid, 'SIGKILL');
  const answers = await Promise.all([1, 2, 3].map(() => launchElsewhere(directory).answer));
  assert.equal(new Set(answers.map((answer) => ('pid' in answer ? answer.pid : answer.failed))).size, 1);
  for (const answer of answers) assert.equal('port' in answer && answer.port, first.port);
});

test('an initialisation that was killed half-way is done again, and its leftovers go', async (t) => {
  const directory = await scratch(t);
  const unfinished = async (): Promise<readonly string[]> =>
    (await readdir(directory).catch(() => [])).filter((name) => name.startsWith('cluster.new-'));
  const launch = launchElsewhere(directory);
  await until(async () => {
    const [name] = await unfinished();
    return (
      name !== undefined &&
      (await stat(path.join(directory, name, 'data', 'global')).then(
        () => true,
        () => false,
      ))
    );
  }, 'initdb is at work');
  process.kill(launch.pid ?? 0, 'SIGKILL');
  await launch.answer;
  const server = await startEmbedded({ directory, clock });
  assert.deepEqual(await query(server.url('postgres'), 'SELECT 1 AS one'), [{ one: 1 }]);
  await until(async () => {
    await startEmbedded({ directory, clock });
    return (await unfinished()).length === 0;
  }, 'the half-made cluster is removed');
});

test('a completed cluster that lost its version file is reported, not replaced', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await first.stop();
  const version = path.join(directory, 'cluster', 'data', 'PG_VERSION');
  await rm(version);
  await assert.rejects(startEmbedded({ directory, clock }), { code: 'database/failed', message: /damaged/ });
  assert.ok((await readdir(path.join(directory, 'cluster', 'data'))).includes('base'));
});

test('data of another major version is refused with the way out', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await first.stop();
  await writeFile(path.join(directory, 'cluster', 'data', 'PG_VERSION'), '17\n');
  await assert.rejects(startEmbedded({ directory, clock }), {
    code: 'database/unsupported',
    message: /PostgreSQL 17.*PostgreSQL 18/,
    hint: /dump/,
  });
});

test('a remembered port that is taken is given up for another, unless it was demanded', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await first.stop();
  await occupy(t, first.port);
  await assert.rejects(startEmbedded({ directory, clock, port: first.port }), {
    code: 'server/port-taken',
    hint: new RegExp(String(first.port)),
  });
  const second = await startEmbedded({ directory, clock });
  assert.notEqual(second.port, first.port);
  assert.deepEqual(await query(second.url('postgres'), 'SELECT 1 AS one'), [{ one: 1 }]);
});

test('a server that was started by hand on the data is left alone, and the launcher says so', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await first.stop();
  const data = path.join(directory, 'cluster', 'data');
  const { uid, gid } = await stat(data);
  const packaged = findRuntime(`${process.platform}-${process.arch}`);
  const runtime = await usableRuntime(packaged, { directory, account: isRoot ? { uid, gid } : undefined });
  const byHand = spawn(program(runtime, 'postgres'), ['-D', isRoot ? '/proc/self/cwd' : data], {
    cwd: data,
    env: { LC_ALL: 'C' },
    stdio: 'ignore',
    ...(isRoot ? { uid, gid } : {}),
  });
  const ended = new Promise((resolve) => byHand.once('exit', resolve));
  t.after(() => byHand.kill('SIGKILL'));
  await until(
    async () => (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready'),
    'it is ready',
  );
  await assert.rejects(startEmbedded({ directory, clock: hurried() }), {
    code: 'database/unreachable',
    message: /already exists/,
  });
  assert.equal(byHand.exitCode, null);
  byHand.kill('SIGINT');
  await ended;
});

test('a directory that cannot be made is a failure that names it', async (t) => {
  const directory = await scratch(t);
  await mkdir(path.dirname(directory), { recursive: true });
  await writeFile(directory, 'a file');
  await assert.rejects(startEmbedded({ directory: path.join(directory, 'below'), clock }), {
    code: 'database/failed',
    message: /below/,
  });
});

test(
  "an ordinary user gets a server of its own, and is told when the directory is somebody else's",
  { skip: isRoot ? whyClosed() : 'only root can become another user' },
  async (t) => {
    const theirs = await mkdtemp(path.join(tmpdir(), 'liftlock user '));
    const directory = path.join(theirs, 'postgres');
    t.after(() => rm(theirs, { recursive: true, force: true, maxRetries: 5 }));
    await chmod(theirs, 0o755);
    await chown(theirs, 65534, 65534);
    const answer = await launchElsewhere(directory, { uid: 65534, gid: 65534 }).answer;
    assert.ok('pid' in answer, JSON.stringify(answer));
    const asRoot = await startEmbedded({ directory, clock });
    assert.deepEqual([asRoot.adopted, asRoot.pid], [true, answer.pid]);
    const elsewhere = await launchElsewhere(directory, { uid: 12345, gid: 12345 }).answer;
    assert.match('failed' in elsewhere ? elsewhere.failed : '', /database\/failed: .*chown/s);
    await asRoot.stop();
    const restarted = await startEmbedded({ directory, clock });
    assert.equal((await stat(`/proc/${restarted.pid}`)).uid, 65534);
    await restarted.stop();
  },
);

/** Whoever may not read our files cannot run them: a clone below a directory of mode 0700. */
function whyClosed(): string | undefined {
  const { status } = spawnSync('test', ['-r', import.meta.filename], { uid: 65534, gid: 65534 });
  return status === 0 ? undefined : 'another user may not enter the directory in which this test lies';
}

async function occupy(t: TestContext, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
}

/** A clock whose hours pass in seconds, for waits that have nothing to wait for. */
function hurried(): Clock {
  const begun = Date.now();
  return { now: () => instant(begun + (Date.now() - begun) * 20), sleep: clock.sleep };
}
