/** A small repository, a real `liftlock up` on it, and the real command line as child processes. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The command in the checkout. */
const checkoutCommand = fileURLToPath(new URL('../../bin/liftlock.mjs', import.meta.url));

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Wish {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Stage {
  /** Everything of this stage lies in it; its path has a space. */
  readonly scratch: string;
  /** The Git repository. */
  readonly repository: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs one command to its end, in the repository. */
  liftlock(args: readonly string[], wish?: Wish): Promise<Answer>;
  /** Starts one that goes on. */
  start(args: readonly string[], wish?: Wish): Running;
  /** Starts one on a terminal of its own, where standard output and error are one; see `canMakeTerminals`. */
  terminal(args: readonly string[], wish?: Wish): Running & { type(text: string): void };
  /** What the API of the server that runs from the repository answers, for waiting: a command a look would keep the machine busy with starting. */
  get<View>(path: string): Promise<View>;
  git(...args: readonly string[]): Promise<string>;
  commit(message: string, files: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Answer>;
  stdout(): string;
  stderr(): string;
  /** Waits until the text matches; fails when the process ends first. */
  says(pattern: RegExp): Promise<void>;
}

const patience = 60_000;

/** `command`: the program that is tried. */
export async function openStage(command: string = checkoutCommand): Promise<Stage> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'liftlock e2e ')));
  const repository = join(scratch, 'the repository');
  await mkdir(repository);
  const environment = environmentIn(scratch);
  const running = new Set<ChildProcess>();
  const start = (args: readonly string[], wish: Wish = {}): Running => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: wish.cwd ?? repository,
      env: { ...environment, ...wish.env },
      stdio: 'pipe',
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    child.stdin.on('error', () => undefined);
    child.stdin.end(wish.input ?? '');
    return follow(child);
  };
  const git = async (...args: readonly string[]): Promise<string> => {
    const answer = await follow(spawn('git', args, { cwd: repository, env: environment })).ended;
    if (answer.code !== 0) throw new Error(`git ${args.join(' ')}: ${answer.stderr}`);
    return answer.stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  return {
    scratch,
    repository,
    environment,
    start,
    git,
    liftlock: (args, wish) => start(args, wish).ended,
    async get<View>(path: string) {
      const own = (name: string) => readFile(join(repository, '.liftlock', name), 'utf8');
      const { url } = JSON.parse(await own('server.json')) as { url: string };
      const answer = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${(await own('token')).trim()}` },
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as View;
    },
    terminal(args, wish = {}) {
      const child = spawn('python3', ['-c', terminalProgram, process.execPath, command, ...args], {
        cwd: wish.cwd ?? repository,
        env: { ...environment, TERM: 'xterm', ...wish.env },
        stdio: 'pipe',
      });
      running.add(child);
      child.once('close', () => running.delete(child));
      return { ...follow(child), type: (text) => void child.stdin.write(text) };
    },
    async commit(message, files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(repository, path)), { recursive: true });
        await writeFile(join(repository, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`);
    },
    async close() {
      await start(['down', '--purge', '--yes']).ended;
      await start(['down', '--purge', '--yes', '--home', '.liftlock/demo']).ended;
      for (const child of running) child.kill('SIGKILL');
      await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** A pseudo terminal needs a program that makes one. */
export const canMakeTerminals = spawnSync('python3', ['-c', 'import pty']).status === 0;

const terminalProgram = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** Nothing of the machine's but where programs are: neither a CI's mark nor somebody's database reaches the command. */
function environmentIn(scratch: string): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: scratch,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ann Author',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_COMMITTER_NAME: 'Ann Author',
    GIT_COMMITTER_EMAIL: 'ann@example.org',
  };
}

function follow(child: ChildProcess): Running {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Answer>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? (signal === null ? -1 : 1_000), stdout, stderr }));
  });
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(pattern) {
      await until(
        () => pattern.test(stdout + stderr),
        () => `${pattern} was not said, but:\n${stdout}${stderr}`,
        child,
      );
    },
  };
}

/** Polls; fails with the sentence after `patience`, or when the process ends first. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  otherwise: () => string,
  child?: ChildProcess,
): Promise<void> {
  for (const giveUpAt = Date.now() + patience; !(await holds()); await wait(50)) {
    const over = child !== undefined && (child.exitCode !== null || child.signalCode !== null);
    if (over || Date.now() > giveUpAt) throw new Error(otherwise());
  }
}
