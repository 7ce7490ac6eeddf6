/** `liftlock up` as a person runs it, on a small repository of its own with a pipeline of four environments. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const liftlock = join(import.meta.dirname, '..', 'bin', 'liftlock.mjs');

const pipeline = `version: 1
project: shop
trust: { signatures: none }
environments:
  - name: development
    kind: development
    target: { kind: command, deploy: '' }
    verify: none
  - name: testing
    kind: testing
    after: [development]
    target: { kind: command, deploy: '' }
    verify: none
  - name: staging
    kind: staging
    gates: []
    after: [testing]
    trigger: { on: success }
    target: { kind: command, deploy: '' }
    verify: none
  - name: production
    kind: production
    gates: [{ gate: approval, count: 1 }]
    after: [staging]
    trigger: { on: success }
    target: { kind: command, deploy: '' }
    verify: none
`;

/** A repository with one commit. */
export async function makeRepository(directory: string): Promise<string> {
  const repository = join(directory, 'shop');
  await mkdir(repository);
  await writeFile(join(repository, 'liftlock.yaml'), pipeline);
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], { cwd: repository });
  git('init', '-b', 'main');
  git('add', '.');
  git('commit', '-m', 'begin');
  return repository;
}

export interface Up {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Resolves when it says that it is up. With a database of its own below `home`, ended with it. */
export async function up(repository: string, home: string): Promise<Up> {
  const child = spawn(process.execPath, [liftlock, 'up', '--json', '--port', '0', '--home', home], {
    cwd: repository,
    env: environmentFor(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const answered = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  if (!answered) throw new Error(`liftlock up ended: ${said}`);
  child.stdout.resume();
  return { pid: child.pid!, stop: () => stop(child) };
}

/** Runs one command to its end; its output is read and thrown away. */
export async function runOnce(args: readonly string[], where: { directory: string; home: string }): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: where.directory,
    env: environmentFor(where.home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}: ${said}`);
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** What a person's shell has, without anything that points at another control plane. */
function environmentFor(home: string): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG, LIFTLOCK_HOME: home, LIFTLOCK_LOG_LEVEL: 'error' };
}
