import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnKeeper } from '../../src/adapters/processes/spawn-keeper.ts';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { groupMembers } from '../../src/adapters/processes/group.ts';
import { identify } from '../../src/adapters/processes/identity.ts';
import type { StoredExit, StoredState } from '../../src/adapters/processes/record.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { CommandSpec, Processes, RunState, ServiceLifetime, TaskLifetime } from '../../src/ports/processes.ts';

const environment = { PATH: '/usr/bin:/bin' };
const linux = process.platform === 'linux';

let home: string;
let work: string;
let processes: Processes;
let children: ChildProcess[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'liftlock processes '));
  work = join(home, 'a work directory');
  mkdirSync(work);
  processes = createProcesses({ directory: join(home, 'all runs'), nodePath: process.execPath });
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const { key } of await processes.list('')) await processes.stop(key, 0);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

describe('a task', () => {
  test('runs in its directory to an end that tells exit code and output', async () => {
    const started = await processes.start(task('t', 'pwd; echo problem >&2; exit 3'));
    assert.ok(started.state === 'running' || started.state === 'exited');
    assert.deepEqual(ending(await processes.wait('t')), { exitCode: 3, signal: null, cause: 'exited' });
    assert.match(await processes.tail('t', 1000), /a work directory\nproblem\n$/);
  });

  test('gets the environment it was given and nothing of ours', async () => {
    const print = `"$NODE" -p 'JSON.stringify(process.env)'`;
    const given = { NODE: process.execPath, SECRET: 'a "b" $c\n' };
    await processes.start({ ...task('env', print), environment: given });
    await processes.wait('env');
    const seen = JSON.parse(await processes.tail('env', 10_000)) as Record<string, string>;
    for (const addedByShell of ['PWD', 'OLDPWD', 'SHLVL', '_', '__CF_USER_TEXT_ENCODING']) delete seen[addedByShell];
    assert.deepEqual(seen, given);
  });

  test('leaves its environment nowhere on disk', async () => {
    await processes.start({ ...task('secret', 'exit 0'), environment: { ...environment, TOKEN: 'hunter2-hunter2' } });
    await processes.wait('secret');
    const names = readdirSync(runOf('secret'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.ok(names.length > 0);
    for (const entry of names) assert.ok(!readFileSync(join(entry.parentPath, entry.name), 'utf8').includes('hunter2'));
  });

  test('has its two outputs in the order written, also through /dev/stderr', async () => {
    await processes.start(task('order', 'for i in 1 2 3; do echo o$i; echo e$i >&2; done; echo last > /dev/stderr'));
    await processes.wait('order');
    assert.equal(await processes.tail('order', 1000), 'o1\ne1\no2\ne2\no3\ne3\nlast\n');
    assert.equal(await processes.tail('order', 7), 'e3\nlast\n'.slice(-7));
  });

  test('is killed at its time limit with all its children', async () => {
    await processes.start(task('slow', 'sleep 600 & sleep 600', { timeoutMs: 300 }));
    assert.deepEqual(ending(await processes.wait('slow')), { exitCode: null, signal: 'SIGTERM', cause: 'timeout' });
  });

  test('is killed at its output limit, of which everything is kept', async () => {
    await processes.start(task('loud', 'while :; do echo 0123456789; done', { outputLimitBytes: 5_000 }));
    const state = await processes.wait('loud');
    assert.equal(state.state === 'exited' && state.cause, 'output-limit');
    assert.equal(Buffer.byteLength(await processes.tail('loud', 100_000)), 5_000);
  });

  test('ends its left-over children when it ends', async () => {
    await processes.start(task('parent', 'sleep 600 & echo $!'));
    assert.deepEqual(ending(await processes.wait('parent')), { exitCode: 0, signal: null, cause: 'exited' });
    assert.equal(identify(Number(await processes.tail('parent', 100))), undefined);
  });

  test('that cannot be started says why and stays that way', async () => {
    const spec = { ...task('nowhere', 'exit 0'), directory: join(work, 'missing') };
    await processes.start(spec);
    assert.deepEqual(ending(await processes.wait('nowhere')), { exitCode: null, signal: null, cause: 'not-started' });
    assert.match(await processes.tail('nowhere', 1000), /could not be started in .*missing/);
    mkdirSync(spec.directory);
    assert.equal((await processes.start(spec)).state, 'exited');
  });

  test('is not held up when its log cannot be written, and the bytes that are missing are counted', async () => {
    await processes.start(
      task('deaf', `${untilExists('go')}; i=0; while [ $i -lt 20000 ]; do echo 123456789; i=$((i+1)); done; exit 5`),
    );
    rmSync(join(runOf('deaf'), 'log'), { recursive: true });
    writeFileSync(join(runOf('deaf'), 'log'), 'in the way');
    writeFileSync(join(work, 'go'), '');
    assert.equal(ending(await processes.wait('deaf')).exitCode, 5);
    assert.equal(stored<StoredExit>('deaf', 'exit.json').droppedBytes, 200_000);
  });
});

describe('a key', () => {
  test('is started once, however often it is asked for', async () => {
    const spec = task('once', 'echo x >> starts');
    await processes.start(spec);
    const ended = await processes.wait('once');
    assert.deepEqual(await processes.start(spec), ended);
    assert.deepEqual(await processes.start({ ...spec, command: 'echo other >> starts' }), ended);
    assert.deepEqual(lines('starts'), ['x']);
  });

  test('is started once by eight processes that ask at the same time', async () => {
    const spec = task('race', `echo x >> starts; ${untilExists('end')}`);
    const callers = Array.from({ length: 8 }, () =>
      caller(`${barrier()}; say(await processes.start(${JSON.stringify(spec)}))`),
    );
    await Promise.all(callers.map((each) => each.says('ready')));
    writeFileSync(join(work, 'barrier'), '');
    const answers = await Promise.all(callers.map(async (each) => JSON.parse(await each.says('{')) as RunState));
    const pids = new Set(answers.map((state) => (state.state === 'running' ? state.pid : state.state)));
    assert.deepEqual([...pids], [stored<StoredState>('race', 'state.json').command?.pid]);
    writeFileSync(join(work, 'end'), '');
    await processes.wait('race');
    assert.deepEqual(lines('starts'), ['x']);
  });

  test('whose keeper died before it started anything is started by the next who ask, once', async () => {
    mkdirSync(join(runOf('again'), 'log'), { recursive: true });
    const dead = { ...ownIdentity(), start: '1' };
    writeFileSync(join(runOf('again'), 'keeper.1'), JSON.stringify(dead));
    assert.deepEqual(await processes.inspect('again'), { state: 'absent' });
    const spec = task('again', 'echo x >> starts');
    await Promise.all(Array.from({ length: 5 }, () => processes.start(spec)));
    await processes.wait('again');
    assert.deepEqual(lines('starts'), ['x']);
  });

  test('is started once although its caller is killed at any moment of starting it', async () => {
    for (const [round, milliseconds] of [0, 5, 20, 40, 80, 120].entries()) {
      const spec = task(`killed/${round}`, `echo ${round} >> starts`);
      const asking = caller(`say('ready'); await processes.start(${JSON.stringify(spec)})`);
      await asking.says('ready');
      await delay(milliseconds);
      await asking.kill();
      await processes.start(spec);
      assert.equal(ending(await processes.wait(spec.key)).exitCode, 0);
    }
    assert.deepEqual(lines('starts'), ['0', '1', '2', '3', '4', '5']);
  });

  test('stays free when the machine cannot start it', async () => {
    const broken = createProcesses({ directory: join(home, 'all runs'), nodePath: join(home, 'no node') });
    await assert.rejects(broken.start(task('later', 'exit 0')), isFailure('process/refused'));
    assert.deepEqual(await processes.inspect('later'), { state: 'absent' });
    await processes.start(task('later', 'exit 0'));
    assert.equal(ending(await processes.wait('later')).exitCode, 0);
  });

  test('must be one', async () => {
    for (const key of ['', '/', 'a//b', '../up', 'a/..', 'a b', 'ä', 'x'.repeat(300)]) {
      await assert.rejects(processes.start(task(key, 'exit 0')), isFailure('input/invalid'), key);
    }
  });

  test('differs from another one in the case of a letter or a slash', async () => {
    for (const key of ['a/b', 'A/b', 'a', 'a.b', 'a-b', '.a'])
      await processes.start(task(key, `echo '${key}' >> starts`));
    for (const key of ['a/b', 'A/b', 'a', 'a.b', 'a-b', '.a']) await processes.wait(key);
    assert.deepEqual((await processes.list('')).map(({ key }) => key).sort(), ['.a', 'A/b', 'a', 'a-b', 'a.b', 'a/b']);
    assert.deepEqual(
      (await processes.list('a/')).map(({ key }) => key),
      ['a/b'],
    );
    assert.equal(lines('starts').length, 6);
  });

  test('is no longer listed after it is forgotten, which a running one cannot be; its key is never free again', async () => {
    await processes.start(task('f', untilExists('end')));
    await assert.rejects(processes.forget('f'), isFailure('process/refused'));
    writeFileSync(join(work, 'end'), '');
    const ended = await processes.wait('f');
    await processes.forget('f');
    await processes.forget('f');
    assert.deepEqual(await processes.list(''), []);
    assert.equal(await processes.tail('f', 100), '');
    assert.deepEqual(readdirSync(join(home, 'all runs')), ['~forgotten']);
    for (const told of [await processes.inspect('f'), await processes.wait('f'), await processes.stop('f', 0)])
      assert.deepEqual(told, ended);
    await processes.forget('never');
  });

  test('is not started again by a worker that slept since before it began, and wakes after it was forgotten', async () => {
    const spec = task('late', 'echo x >> starts');
    await processes.start(spec);
    const ended = await processes.wait('late');
    await processes.forget('late');
    assert.deepEqual(await processes.start(spec), ended);
    // The one that had looked before: it goes on with spawning its keeper.
    assert.equal(await spawnKeeper(join(home, 'all runs', 'late'), spec, process.execPath), undefined);
    assert.deepEqual(await processes.inspect('late'), ended);
    assert.deepEqual(lines('starts'), ['x']);
  });
});

describe('stopping', () => {
  test('kills what ignores SIGTERM after the grace, and may be asked for twice', async () => {
    await processes.start(task('stubborn', `trap '' TERM; sleep 600 & touch up; while :; do sleep 1; done`));
    await until('the trap is set', () => existsSync(join(work, 'up')));
    const pid = await runningPid('stubborn');
    const [first, second] = await Promise.all([processes.stop('stubborn', 200), processes.stop('stubborn', 200)]);
    assert.deepEqual(ending(first), { exitCode: null, signal: 'SIGKILL', cause: 'stopped' });
    assert.deepEqual(second, first);
    assert.deepEqual(await processes.stop('stubborn', 0), first);
    assert.equal(groupExists(pid), false);
  });

  test('lets a command end in its own way within the grace', async () => {
    await processes.start(
      task('polite', `trap 'sleep 0.3; echo bye; exit 4' TERM; touch up; while :; do sleep 0.05; done`),
    );
    await until('the trap is set', () => existsSync(join(work, 'up')));
    assert.deepEqual(ending(await processes.stop('polite', 60_000)), { exitCode: 4, signal: null, cause: 'stopped' });
    assert.match(await processes.tail('polite', 100), /bye\n$/);
  });

  test('a shorter grace overtakes a longer one', async () => {
    await processes.start(task('patient', `trap '' TERM; touch up; while :; do sleep 0.1; done`));
    await until('the trap is set', () => existsSync(join(work, 'up')));
    const long = processes.stop('patient', 3_600_000);
    await until('the first order is on disk', () => existsSync(join(runOf('patient'), 'stop.json')));
    assert.equal(ending(await processes.stop('patient', 0)).signal, 'SIGKILL');
    assert.equal(ending(await long).signal, 'SIGKILL');
  });

  test('what does not exist or has ended changes nothing', async () => {
    assert.deepEqual(await processes.stop('never', 100), { state: 'absent' });
    await processes.start(task('done', 'exit 0'));
    const ended = await processes.wait('done');
    assert.deepEqual(await processes.stop('done', 100), ended);
  });

  test('works when the keeper is dead', async () => {
    await processes.start(task('orphan', 'sleep 600 & sleep 600'));
    const pid = await runningPid('orphan');
    await killKeeper('orphan');
    assert.equal((await processes.inspect('orphan')).state, 'running');
    assert.deepEqual(ending(await processes.stop('orphan', 5_000)), {
      exitCode: null,
      signal: 'SIGTERM',
      cause: 'stopped',
    });
    assert.equal(groupExists(pid), false);
  });

  test('never signals a process that only has the same number', async () => {
    const bystander = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    children.push(bystander);
    const pid = bystander.pid ?? 0;
    const real = identify(pid);
    assert.ok(real !== undefined);
    const impostors = { 'other/start': { ...real, start: '1' }, 'other/boot': { ...real, boot: 'an earlier one' } };
    for (const [key, command] of Object.entries(impostors)) {
      mkdirSync(runOf(key), { recursive: true });
      const state: StoredState = { kind: 'task', startedAt: 1, keeper: command, command, restarts: 0, droppedBytes: 0 };
      writeFileSync(join(runOf(key), 'state.json'), JSON.stringify(state));
      assert.equal((await processes.inspect(key)).state, 'lost');
      assert.equal((await processes.stop(key, 0)).state, 'lost');
      assert.equal(await processes.usage(key), undefined);
    }
    assert.deepEqual(identify(pid), real);
    assert.equal(bystander.exitCode ?? bystander.signalCode, null);
  });
});

describe('a run outlives', () => {
  test('the SIGKILL of whoever started it, and a new process waits for its end', async () => {
    const first = caller(
      `say(await processes.start(${JSON.stringify(task('heir', `${untilExists('end')}; echo done; exit 7`))}))`,
    );
    await first.says('{');
    await first.kill();
    assert.equal((await processes.inspect('heir')).state, 'running');
    const second = caller(`say('ready'); say(await processes.wait('heir'))`);
    await second.says('ready');
    writeFileSync(join(work, 'end'), '');
    assert.equal(ending(JSON.parse(await second.says('{')) as RunState).exitCode, 7);
    assert.equal(await processes.tail('heir', 100), 'done\n');
  });

  test('its keeper: it is running while something of its group is left, then lost', async () => {
    await processes.start(task('bereft', `${untilExists('end')} & exit_later=1; ${untilExists('end')}`));
    await killKeeper('bereft');
    assert.equal((await processes.inspect('bereft')).state, 'running');
    writeFileSync(join(work, 'end'), '');
    assert.equal((await processes.wait('bereft')).state, 'lost');
    assert.equal((await processes.start(task('bereft', 'echo x >> starts'))).state, 'lost');
    assert.equal(existsSync(join(work, 'starts')), false);
  });

  test('not the loss of keeper and command together: it is lost, and never started again', async () => {
    const spec = task('lost', 'echo x >> starts; exec sleep 600');
    await processes.start(spec);
    await until('it runs', () => existsSync(join(work, 'starts')));
    const pid = await runningPid('lost');
    await killKeeper('lost');
    process.kill(-pid, 'SIGKILL');
    const state = await processes.wait('lost');
    assert.equal(state.state, 'lost');
    assert.match(state.state === 'lost' ? state.reason : '', /gone without a word/);
    assert.deepEqual(await processes.start(spec), state);
    assert.deepEqual(lines('starts'), ['x']);
    await processes.forget('lost');
  });

  test('a hang-up', async () => {
    await processes.start(task('hup', `trap 'exit 4' TERM; touch up; while :; do sleep 0.05; done`));
    await until('the trap is set', () => existsSync(join(work, 'up')));
    process.kill(stored<StoredState>('hup', 'state.json').keeper.pid, 'SIGHUP');
    // Only a keeper can tell the exit code.
    assert.equal(ending(await processes.stop('hup', 60_000)).exitCode, 4);
  });

  test('its starter without holding its listening socket', async () => {
    const start = `say(await processes.start(${JSON.stringify(task('port', 'exec sleep 600'))}))`;
    const listening = caller(
      `const server = (await import('node:net')).createServer().listen(0, '127.0.0.1', async () => { ${start}; say('port ' + server.address().port); })`,
    );
    const port = Number((await listening.says('port ')).slice('port '.length));
    await listening.kill();
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    assert.equal((server.address() as AddressInfo).port, port);
    server.close();
    assert.equal((await processes.inspect('port')).state, 'running');
  });

  test('its starter without holding files the starter had inherited', { skip: !linux }, async () => {
    const path = join(home, 'held.lock');
    const held = openSync(path, 'w');
    const inherited: StdioOptions = ['ignore', 'pipe', 'inherit', ...Array<'ignore'>(30).fill('ignore')];
    for (const descriptor of [5, 9, 14, 20, 30]) inherited[descriptor] = held;
    const asking = caller(`say(await processes.start(${JSON.stringify(task('fds', 'exec sleep 600'))}))`, inherited);
    await asking.says('{');
    closeSync(held);
    const { keeper, command } = stored<StoredState>('fds', 'state.json');
    assert.ok(openFiles(asking.pid).includes(path), 'the starter does hold it');
    assert.ok(!openFiles(keeper.pid).includes(path));
    assert.equal(openFiles(command?.pid ?? 0).length, 3);
  });
});

describe('a service', () => {
  test('is restarted when it dies, after pauses that double up to the longest', async () => {
    const note = `"$NODE" -e 'fs.appendFileSync("ups", Date.now() + "\\n")'; exit 1`;
    const spec = service('phoenix', note, { restartMinMs: 300, restartMaxMs: 600 });
    await processes.start({ ...spec, environment: { ...environment, NODE: process.execPath } });
    await until('it was restarted three times', async () => lines('ups').length >= 4);
    await until('it is told', async () => {
      const state = await processes.inspect('phoenix');
      return state.state === 'running' && state.restarts >= 3;
    });
    const ups = lines('ups').map(Number);
    const gaps = ups.slice(1).map((at, index) => at - (ups[index] ?? 0));
    for (const [index, least] of [300, 600, 600].entries()) assert.ok((gaps[index] ?? 0) >= least - 2, `${gaps}`);
    assert.equal(ending(await processes.stop('phoenix', 5_000)).cause, 'stopped');
    const after = lines('ups').length;
    assert.equal((await processes.start(spec)).state, 'exited');
    assert.equal(lines('ups').length, after);
  });

  test('that lives is left alone, however its output looks', async () => {
    await processes.start(service('steady', 'echo up >> ups; exec sleep 600'));
    await until('it is up', () => existsSync(join(work, 'ups')) && lines('ups').length > 0 && lines('ups')[0] !== '');
    const state = await processes.inspect('steady');
    assert.ok(state.state === 'running' && state.restarts === 0 && !state.down);
    assert.ok(identify(state.pid) !== undefined);
    assert.deepEqual(lines('ups'), ['up']);
  });

  test('is down while it waits for a restart, and can be stopped then', async () => {
    await processes.start(service('resting', 'exit 6', { restartMinMs: 3_600_000, restartMaxMs: 3_600_000 }));
    await until('it is down', async () => {
      const state = await processes.inspect('resting');
      return state.state === 'running' && state.down;
    });
    assert.deepEqual(ending(await processes.stop('resting', 1_000)), { exitCode: 6, signal: null, cause: 'stopped' });
  });

  test('whose keeper was killed is not restarted, and lost when it ends', async () => {
    await processes.start(service('alone', `echo up >> ups; ${untilExists('end')}`));
    await until('it is up', () => existsSync(join(work, 'ups')));
    await killKeeper('alone');
    assert.equal((await processes.inspect('alone')).state, 'running');
    writeFileSync(join(work, 'end'), '');
    assert.equal((await processes.wait('alone')).state, 'lost');
    assert.deepEqual(lines('ups'), ['up']);
  });

  test('has every one of 20,000 lines in its log, in order, through many rotations and a restart', async () => {
    const count =
      'i=$(cat at); end=$((i+10000)); while [ $i -lt $end ]; do echo line $i; i=$((i+1)); done; echo $i > at';
    const command = `${count}; [ $i -lt 20000 ] && exit 1; exec sleep 600`;
    writeFileSync(join(work, 'at'), '0');
    await processes.start(service('chatty', command, { logFileBytes: 10_000, logFiles: 1_000 }));
    await until('it has written all', async () => (await processes.tail('chatty', 20)).endsWith('line 19999\n'));
    const all = (await processes.tail('chatty', 1_000_000)).trimEnd().split('\n');
    assert.deepEqual(
      all,
      Array.from({ length: 20_000 }, (_, number) => `line ${number}`),
    );
    const pieces = readdirSync(join(runOf('chatty'), 'log')).map((name) =>
      readFileSync(join(runOf('chatty'), 'log', name)),
    );
    assert.ok(pieces.length > 20);
    for (const piece of pieces) assert.ok(piece.length <= 10_000 && piece.at(-1) === 0x0a);
  });
});

test('usage counts the whole group while it runs', async () => {
  const spec = task('busy', `sleep 600 & touch up; while :; do :; done`);
  await processes.start(spec);
  await until('it has used some CPU', async () => ((await processes.usage('busy'))?.cpuMs ?? 0) >= 50);
  const usage = await processes.usage('busy');
  assert.ok(usage !== undefined && usage.processes >= 2 && usage.residentBytes > 100_000);
  await processes.stop('busy', 1_000);
  assert.equal(await processes.usage('busy'), undefined);
  assert.equal(await processes.usage('never'), undefined);
});

test('waiting ends with the state of the moment when it is called off', async () => {
  await processes.start(task('long', 'exec sleep 600'));
  const off = new AbortController();
  const waiting = processes.wait('long', off.signal);
  off.abort();
  assert.equal((await waiting).state, 'running');
});

function task(key: string, command: string, limits: Partial<TaskLifetime> = {}): CommandSpec {
  const lifetime = { kind: 'task', timeoutMs: 600_000, outputLimitBytes: 10_000_000, ...limits } as const;
  return { key, command, directory: work, environment, lifetime };
}

function service(key: string, command: string, limits: Partial<ServiceLifetime> = {}): CommandSpec {
  const usual = { logFileBytes: 1_000_000, logFiles: 5, restartMinMs: 10, restartMaxMs: 100 };
  return { key, command, directory: work, environment, lifetime: { kind: 'service', ...usual, ...limits } };
}

function untilExists(name: string): string {
  return `while [ ! -e ${name} ]; do sleep 0.02; done`;
}

function ending(state: RunState): Omit<Extract<RunState, { state: 'exited' }>, 'state' | 'startedAt' | 'endedAt'> {
  if (state.state !== 'exited') assert.fail(`expected an ended run, got ${JSON.stringify(state)}`);
  assert.ok(state.endedAt >= state.startedAt);
  return { exitCode: state.exitCode, signal: state.signal, cause: state.cause };
}

function isFailure(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Failure && error.code === code;
}

/** The directory of a key in small letters. */
function runOf(key: string): string {
  return join(home, 'all runs', key.replaceAll('/', '+'));
}

function stored<T>(key: string, name: string): T {
  return JSON.parse(readFileSync(join(runOf(key), name), 'utf8')) as T;
}

function lines(name: string): readonly string[] {
  const path = join(work, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

async function runningPid(key: string): Promise<number> {
  const state = await processes.inspect(key);
  if (state.state !== 'running') assert.fail(`expected ${key} to run, got ${JSON.stringify(state)}`);
  return state.pid;
}

async function killKeeper(key: string): Promise<void> {
  const { pid } = stored<StoredState>(key, 'state.json').keeper;
  process.kill(pid, 'SIGKILL');
  await until('the keeper is dead', () => identify(pid) === undefined);
}

function ownIdentity(): object {
  return identify(process.pid) ?? assert.fail('we do not see ourselves');
}

/** Zombies do not count: they wait for an init that may take its time. */
function groupExists(group: number): boolean {
  if (linux) return groupMembers(group).length > 0;
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

function openFiles(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).map((name) => {
    try {
      return readlinkSync(join(directory, name));
    } catch {
      return '';
    }
  });
}

function barrier(): string {
  const path = JSON.stringify(join(work, 'barrier'));
  return `say('ready'); const { existsSync } = await import('node:fs'); while (!existsSync(${path})) await new Promise((next) => setTimeout(next, 1))`;
}

interface Caller {
  readonly pid: number;
  /** The next line that begins with `prefix`. */
  says(prefix: string): Promise<string>;
  kill(): Promise<void>;
}

/** Another control plane: its own process, with `processes` on the same directory and `say` to talk to us. */
function caller(body: string, stdio: StdioOptions = ['ignore', 'pipe', 'inherit']): Caller {
  const module = JSON.stringify(new URL('../../src/adapters/processes/processes.ts', import.meta.url).href);
  const options = JSON.stringify({ directory: join(home, 'all runs'), nodePath: process.execPath });
  const say = `const say = (what) => console.log(typeof what === 'string' ? what : JSON.stringify(what))`;
  const source = `const { createProcesses } = await import(${module}); const processes = createProcesses(${options}); ${say}; ${body}; setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio });
  children.push(child);
  const hasEnded = () => child.signalCode !== null || child.exitCode !== null;
  let said = '';
  child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()));
  return {
    pid: child.pid ?? 0,
    async says(prefix) {
      const find = () =>
        said
          .split('\n')
          .slice(0, -1)
          .find((line) => line.startsWith(prefix));
      await until(`the caller says ${prefix}`, () => find() !== undefined || hasEnded());
      return find() ?? assert.fail(`the caller ended and never said ${prefix}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await until('the caller is dead', hasEnded);
    },
  };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`gave up waiting until ${what}`);
    await delay(10);
  }
}
