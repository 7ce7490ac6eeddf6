import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../domain/base/failure.ts';
import { projectRoot } from '../../host/home.ts';
import { inspectRepository, type AskGit } from '../../pipeline-file/inspect.ts';
import { projectName, writePipeline } from '../../pipeline-file/write.ts';
import type { Act } from '../invocation.ts';

const run = promisify(execFile);

export const act: Act = async ({ directory, output, options }) => {
  const root = projectRoot(directory);
  const found = await inspectRepository(root, { git: askGit(root) });
  const named = options['name'];
  const findings = typeof named === 'string' ? { ...found, project: projectName(named) } : found;
  const file = join(root, 'liftlock.yaml');
  await writeFile(file, writePipeline(findings), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Failure('input/invalid', `${file} is there already and is not overwritten`, { hint: 'liftlock apply --check tells whether it is valid' });
    throw new Failure('input/invalid', `${file} cannot be written: ${error.message}`, { cause: error });
  });
  output.answer({ file, findings }, () => `wrote ${file}\nread it, then: liftlock up`);
  return 0;
};

/** Git's answer, or nothing where it has none. */
function askGit(directory: string): AskGit {
  return async (args) => {
    try {
      const { stdout } = await run('git', ['-C', directory, ...args], { timeout: 10_000 });
      return stdout.trim();
    } catch {
      return undefined;
    }
  };
}
