/**
 * `launcher.ts <directory> <worker file> <version>`: starts the worker, starts it again when it dies, and puts a successor beside it
 * when it asks for one. It owns the sockets of the addresses, which is why it is this small: it is the one part
 * that an upgrade does not replace.
 */
import cluster, { type Worker } from 'node:cluster';
import { dirname } from 'node:path';

const [directory, file, version] = process.argv.slice(2);
if (directory === undefined || file === undefined || version === undefined)
  throw new TypeError('launcher.ts <directory> <worker file> <version>');

/** Workers accept by themselves: a connection costs no detour through this process. */
cluster.schedulingPolicy = cluster.SCHED_NONE;

const shortestPauseMs = 50;
const longestPauseMs = 5_000;

let current: Worker | undefined;
let pauseMs = shortestPauseMs;
/** A worker that was succeeded may end; any other that ends is started again. */
const leaving = new Set<Worker>();

start({ exec: file, version });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
    process.exit(0);
  });
}

interface Program {
  readonly exec: string;
  readonly version: string;
}

function start(program: Program): void {
  cluster.setupPrimary({ exec: program.exec, args: [directory!, program.version], silent: false });
  const worker = cluster.fork();
  const begun = Date.now();
  worker.on('message', (message: { ready?: true; succeed?: Program }) => {
    if (message.ready === true) becomeCurrent(worker);
    if (message.succeed !== undefined) start(message.succeed);
  });
  worker.once('exit', () => {
    if (leaving.delete(worker)) return;
    const isSuccessor = current !== undefined && current !== worker;
    // A successor that cannot start leaves the one that serves alone.
    if (isSuccessor) return;
    current = undefined;
    pauseMs = Date.now() - begun > 10_000 ? shortestPauseMs : Math.min(longestPauseMs, pauseMs * 2);
    setTimeout(() => start(program), pauseMs);
  });
}

function becomeCurrent(worker: Worker): void {
  const before = current;
  current = worker;
  if (before === undefined || before === worker) return;
  leaving.add(before);
  before.send({ retire: true });
}

process.title = `liftlock edge (${dirname(directory)})`;
