/** Runs gpg in a home of its own that is removed again: no configuration, no agent, no network, no key but those given. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Gpg {
  readonly home: string;
  readonly path: string;
  readonly timeoutMs: number;
}

export interface GpgCall {
  readonly arguments: readonly string[];
  readonly input: Uint8Array;
}

export interface GpgEnd {
  readonly ended: 'exited' | 'timeout' | 'output-limit' | 'not-started';
  readonly exitCode: number | null;
  readonly output: string;
  /** From a descriptor of its own, so that nothing that is shown can look like it. */
  readonly status: string;
}

const usualPlaces = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
const outputLimitBytes = 16 * 1024 * 1024;
const statusLimitBytes = 1024 * 1024;

const fixedOptions = [
  '--no-options',
  '--batch',
  '--no-tty',
  '--no-autostart',
  '--disable-dirmngr',
  '--no-auto-key-retrieve',
  '--no-auto-key-locate',
  '--no-auto-check-trustdb',
  '--trust-model=always',
  '--weak-digest=SHA1',
  '--weak-digest=RIPEMD160',
  '--no-random-seed-file',
  '--lock-never',
  '--display-charset=utf-8',
  '--exit-on-status-write-error',
  '--status-fd=3',
];

/** The home has a short path and mode 0700; no agent is ever started in it. */
export async function withGpg<Value>(
  settings: { readonly gpgPath?: string; readonly timeoutMs?: number },
  use: (gpg: Gpg) => Promise<Value>,
): Promise<Value> {
  const home = await mkdtemp(join(tmpdir(), 'll-gpg-'));
  try {
    return await use({ home, path: settings.gpgPath ?? 'gpg', timeoutMs: settings.timeoutMs ?? 20_000 });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

export async function runGpg(gpg: Gpg, call: GpgCall): Promise<GpgEnd> {
  const child = start(gpg, call);
  let ended: GpgEnd['ended'] = 'exited';
  const stop = (why: GpgEnd['ended']) => {
    if (ended === 'exited') ended = why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop('timeout'), gpg.timeoutMs);
  const onLimit = () => stop('output-limit');
  const output = collect(child.stdout, outputLimitBytes, onLimit);
  const status = collect(child.stdio[3] as Readable | null, statusLimitBytes, onLimit);
  child.stderr?.resume();
  const exitCode = await new Promise<number | null | 'not-started'>((resolve) => {
    child.once('error', () => resolve('not-started'));
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (exitCode === 'not-started') return { ended: 'not-started', exitCode: null, output: '', status: '' };
  return { ended, exitCode, output: output(), status: status() };
}

function start(gpg: Gpg, call: GpgCall): ChildProcess {
  const places = isAbsolute(gpg.path) ? `${dirname(gpg.path)}:${usualPlaces}` : usualPlaces;
  const child = spawn(gpg.path, [...fixedOptions, ...call.arguments], {
    cwd: gpg.home,
    env: { PATH: places, HOME: gpg.home, GNUPGHOME: gpg.home, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  // A gpg that stops reading breaks the pipe; its status says why.
  child.stdin?.on('error', () => {});
  child.stdin?.end(call.input);
  return child;
}

function collect(stream: Readable | null, limitBytes: number, onLimit: () => void): () => string {
  const chunks: Buffer[] = [];
  let total = 0;
  stream?.on('error', () => {});
  stream?.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total <= limitBytes) chunks.push(chunk);
    else onLimit();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
