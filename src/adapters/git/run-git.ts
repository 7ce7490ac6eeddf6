/** Runs one Git command: argument array, no shell, own process group, limited in time and output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Failure } from '../../domain/base/failure.ts';
import { fixedOptions, type Git } from './git-environment.ts';

export interface GitCall {
  /** Absent only for commands that make a repository. */
  readonly repository?: string;
  readonly options?: readonly string[];
  readonly arguments: readonly string[];
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly outputLimitBytes?: number;
}

export interface GitEnd<Value> {
  readonly ended: 'exited' | 'timeout' | 'output-limit' | 'not-started';
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** First 64 KiB of what Git said. */
  readonly stderr: string;
  /** What was made of the output; absent unless Git ended with status 0 and within its limits. */
  readonly value?: Value;
}

const stderrLimitBytes = 64 * 1024;
const killAfterMs = 2_000;

/** The whole output, at most 64 MiB unless the call says otherwise. */
export function runGit(git: Git, call: GitCall): Promise<GitEnd<Buffer>> {
  return streamGit(git, call, async (output) => {
    const chunks: Buffer[] = [];
    for await (const chunk of output) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

/**
 * Gives the output to `consume` while it comes. What `consume` throws ends the command and is thrown here,
 * unless the command itself went wrong: then its end is the answer.
 */
export async function streamGit<Value>(
  git: Git,
  call: GitCall,
  consume: (output: AsyncIterable<Buffer>) => Promise<Value>,
): Promise<GitEnd<Value>> {
  const child = start(git, call);
  let ended: GitEnd<Value>['ended'] = 'exited';
  const stop = (why: GitEnd<Value>['ended']) => {
    if (ended === 'exited') ended = why;
    endGroup(child);
  };
  const timer = setTimeout(() => stop('timeout'), git.timeoutMs);
  const closed = whenClosed(child);
  const stderr = collectStart(child.stderr as AsyncIterable<Buffer>);
  const limit = call.outputLimitBytes ?? 64 * 1024 * 1024;
  const output = limited(child.stdout as AsyncIterable<Buffer>, limit, () => stop('output-limit'));
  const consumed = await settle(consume(output));
  if ('error' in consumed) endGroup(child);
  await settle('error' in consumed ? output.return(undefined) : drain(output));
  const end = await closed;
  clearTimeout(timer);
  if (end.error !== undefined) return { ended: 'not-started', exitCode: null, stderr: end.error.message };
  const answer = { ended, exitCode: end.exitCode, stderr: await stderr };
  if (ended !== 'exited') return answer;
  if ('error' in consumed) {
    // Output that breaks off is how a failing Git looks from here: then its own words matter, not ours.
    if (end.exitCode !== null && end.exitCode !== 0 && !(consumed.error instanceof Failure)) return answer;
    throw consumed.error;
  }
  return end.exitCode === 0 ? { ...answer, value: consumed.value } : answer;
}

function start(git: Git, call: GitCall): ChildProcess {
  const where = call.repository === undefined ? [] : [`--git-dir=${call.repository}`];
  const child = spawn(git.path, [...fixedOptions, ...(call.options ?? []), ...where, ...call.arguments], {
    cwd: git.variables['HOME'],
    env: { ...git.variables, ...call.variables },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) git.onStart?.(child.pid);
  // A command that stops reading breaks the pipe; its exit status says why.
  child.stdin?.on('error', () => {});
  child.stdin?.end(call.input ?? '');
  return child;
}

function whenClosed(child: ChildProcess): Promise<{ exitCode: number | null; error?: Error }> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, error }));
    child.once('close', (exitCode) => resolve({ exitCode }));
  });
}

/** SIGTERM lets Git remove its temporary files; whatever is left after two seconds is killed. */
function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, killAfterMs);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

async function* limited(
  output: AsyncIterable<Buffer>,
  limitBytes: number,
  onLimit: () => void,
): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of output) {
    total += chunk.length;
    if (total > limitBytes) {
      onLimit();
      throw new Error(`more than ${limitBytes} bytes of output`);
    }
    yield chunk;
  }
}

/** A stream that is not read to its end never closes. */
async function drain(output: AsyncGenerator<Buffer>): Promise<IteratorResult<Buffer>> {
  for (;;) {
    const next = await output.next();
    if (next.done === true) return next;
  }
}

async function collectStart(output: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of output) {
      if (total < stderrLimitBytes) chunks.push(chunk);
      total += chunk.length;
    }
  } catch {
    // Cut off when the group was killed: what came before is still worth showing.
  }
  return Buffer.concat(chunks).subarray(0, stderrLimitBytes).toString('utf8');
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown };

function settle<Value>(promise: PromiseLike<Value>): PromiseLike<Settled<Value>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
