/** The sample application's own Git repository, and the changes that the demo makes to it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const author = { name: 'Dana Developer', email: 'dana@bookshop.example' };

export interface SampleRepository {
  readonly directory: string;
  /** True when this run made it. */
  readonly created: boolean;
  /** The text of its pipeline file. */
  pipelineText(): Promise<string>;
  /** Lays a change of `examples/changes` over the shop and commits it; answers the commit. */
  commitChange(change: string, note?: string): Promise<string>;
}

/** Opens the repository in `directory`, made from `examples` at the first time. */
export async function openRepository(directory: string, examples: string): Promise<SampleRepository> {
  const created = !existsSync(join(directory, '.git'));
  if (created) {
    await mkdir(directory, { recursive: true });
    await cp(join(examples, 'shop'), directory, { recursive: true });
    await git(directory, 'init', '--quiet', '--initial-branch=main');
    await commit(directory, 'feat: open the bookshop');
  }
  return {
    directory,
    created,
    pipelineText: () => readFile(join(directory, 'liftlock.yaml'), 'utf8'),
    async commitChange(change, note) {
      const folder = join(examples, 'changes', change);
      await cp(join(folder, 'files'), directory, { recursive: true });
      // A line of its own makes each run's change a new commit, also when the files are what they were.
      await writeFile(
        join(directory, 'CHANGES.md'),
        `${await readFile(join(directory, 'CHANGES.md'), 'utf8').catch(() => '')}- ${change}${note === undefined ? '' : ` (${note})`}\n`,
      );
      return commit(directory, await readFile(join(folder, 'message.txt'), 'utf8'));
    },
  };
}

async function commit(directory: string, message: string): Promise<string> {
  await git(directory, 'add', '--all');
  await git(directory, 'commit', '--quiet', '--message', message.trim());
  return (await git(directory, 'rev-parse', 'HEAD')).trim();
}

/** Git with nobody's configuration, so that the demo does the same on every machine. */
async function git(directory: string, ...args: string[]): Promise<string> {
  const identity = [
    '-c',
    `user.name=${author.name}`,
    '-c',
    `user.email=${author.email}`,
    '-c',
    'commit.gpgsign=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  const { stdout } = await run('git', ['-C', directory, ...identity, ...args], { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}
