/** A process of the control plane under test, kept running by the scenario as an init system would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface MemberOrder {
  /** The `main.ts` of the build to run. */
  readonly main: string;
  readonly home: string;
  readonly roles: { readonly serve: boolean; readonly work: boolean };
  /** Absent: it starts and keeps the embedded server. */
  readonly databaseUrl?: string;
  readonly keepDatabase: boolean;
  /** Where the built console lies. */
  readonly consoleDirectory?: string;
  /** Hosts of this machine that may be asked. */
  readonly allowHosts?: readonly string[];
  readonly dockerHost?: string;
}

export interface MemberReady {
  readonly ready: true;
  readonly url: string | undefined;
  readonly tokenFile: string;
}

export interface MemberExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when the scenario wanted it. */
  readonly wanted: boolean;
  /** What it wrote on its way down, if anything. */
  readonly lastWords: string;
}

export interface Member {
  readonly name: string;
  readonly pid: number;
  /** Milliseconds from the start of the process; rejects when it ends before. */
  readonly ready: Promise<MemberReady & { readonly after: number }>;
  readonly exit: Promise<MemberExit>;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<MemberExit>;
}

const program = fileURLToPath(new URL('./member-program.ts', import.meta.url));
/** An uncaught error of Node with its stack fits in. */
const lastWordsLines = 30;

/** Everything it says goes to `<logs>/<name>.log`. */
export function startMember(name: string, order: MemberOrder, logs: string): Member {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    cwd: logs,
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = listen(child, `${logs}/${name}.log`);
  let wanted = false;
  let running = true;
  const exit = new Promise<MemberExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, wanted, lastWords: lines.last() }));
  });
  child.once('exit', () => (running = false));
  const ready = Promise.race([
    lines.ready.then((said) => ({ ...said, after: performance.now() - begin })),
    exit.then(({ code, signal, lastWords }) => {
      throw new Error(`${name} ended with ${signal ?? code} before it was ready: ${lastWords}`);
    }),
  ]);
  ready.catch(() => undefined);
  return {
    name,
    pid: child.pid!,
    ready,
    exit,
    isRunning: () => running,
    signal: (signal) => void child.kill(signal),
    async kill() {
      wanted = true;
      child.kill('SIGKILL');
      await exit;
    },
    async stop() {
      wanted = true;
      child.kill('SIGTERM');
      return exit;
    },
  };
}

/** What a service gets from its machine, and of the test runner only where Node keeps what it compiled. */
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined));
}

function listen(child: ChildProcess, file: string): { readonly ready: Promise<MemberReady>; last(): string } {
  const log = createWriteStream(file, { flags: 'a' });
  // A scenario may fill the disk; what was said then is lost.
  log.on('error', () => undefined);
  const last: string[] = [];
  const { promise: ready, resolve } = Promise.withResolvers<MemberReady>();
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > lastWordsLines) last.shift();
      if (stream === child.stdout && line.startsWith('{"ready":true')) resolve(JSON.parse(line) as MemberReady);
    });
  }
  child.once('close', () => log.end());
  return { ready, last: () => last.slice(-lastWordsLines).join('\n') };
}
