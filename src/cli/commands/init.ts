import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../domain/base/failure.ts';
import { projectRoot } from '../../host/home.ts';
import { inspectRepository, type AskGit } from '../../pipeline-file/inspect.ts';
import type { Findings } from '../../pipeline-file/findings.ts';
import { projectName, writePipeline } from '../../pipeline-file/write.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

const run = promisify(execFile);

export const act: Act = async ({ directory, output, options }) => {
  const root = projectRoot(directory);
  const found = await inspectRepository(root, { git: askGit(root) });
  const named = options['name'];
  const findings = typeof named === 'string' ? { ...found, project: projectName(named) } : found;
  const file = join(root, 'liftlock.yaml');
  await writeFile(file, writePipeline(findings), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new Failure('input/invalid', `${file} is there already and is not overwritten`, {
        hint: 'liftlock apply --check tells whether it is valid',
      });
    throw new Failure('input/invalid', `${file} cannot be written: ${error.message}`, { cause: error });
  });
  output.answer(
    { file, findings },
    () =>
      `wrote ${file}, guessing\n${table(guesses(findings))}\nread it and correct it, then: ${isRepository(root) ? '' : 'git init and commit, and '}liftlock up`,
  );
  return 0;
};

function isRepository(root: string): boolean {
  return existsSync(join(root, '.git'));
}

/** What the file says now, and what it does not know. */
function guesses({
  scripts,
  packages,
  healthPath,
  needsDatabase,
  mainBranch,
  mentionsPort,
  soleAuthor,
}: Findings): readonly (readonly string[])[] {
  const { build, start, test, migrate } = scripts;
  const builds =
    packages === undefined && build === undefined
      ? 'nothing: no package.json'
      : [packages && `install with ${packages.manager}`, build].filter((part) => part !== undefined).join(', then ');
  return [
    ['  main branch', mainBranch],
    ['  build', builds],
    [
      '  start',
      start === undefined
        ? 'unknown: write service.start'
        : `${start}${mentionsPort === false ? ' (does it listen on $PORT?)' : ''}`,
    ],
    ...(migrate === undefined ? [] : [['  migrate', migrate]]),
    ['  health', healthPath ?? (start === undefined ? 'unknown' : 'the process stays up; better a path that answers')],
    ['  tests', test ?? 'none found'],
    ['  database', needsDatabase ? 'a PostgreSQL for each environment' : 'none'],
    [
      '  approvals',
      soleAuthor === true
        ? 'by the author, too: no commit has another one'
        : 'by somebody who had no hand in the change: you are several',
    ],
  ];
}

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
