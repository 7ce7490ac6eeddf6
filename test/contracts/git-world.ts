/** Real repositories in a fresh directory, made with the Git of this machine and none of its configuration. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface GitWorld {
  readonly root: string;
  /** Runs git in a repository (path below the root) and answers its output, trimmed. */
  git(repository: string, args: readonly string[], options?: { input?: string | Buffer; at?: number }): string;
  /** An empty repository with a work tree, its branch called main; answers its absolute path. */
  init(repository: string): string;
  /** Writes the files (path → content) and commits everything; answers the commit's id. */
  commit(repository: string, files: Readonly<Record<string, string | Buffer>>, message?: string): string;
  remove(): void;
}

export function gitWorld(): GitWorld {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'liftlock source ')));
  const git: GitWorld['git'] = (repository, args, options = {}) => {
    const at =
      options.at === undefined
        ? {}
        : { GIT_AUTHOR_DATE: `${options.at} +0200`, GIT_COMMITTER_DATE: `${options.at} +0200` };
    return execFileSync(
      'git',
      [
        '-c',
        'user.name=Ada Example',
        '-c',
        'user.email=ada@example.org',
        '-c',
        'commit.gpgSign=false',
        '-c',
        'gc.auto=0',
        '-c',
        'protocol.file.allow=always',
        ...args,
      ],
      {
        cwd: join(root, repository),
        env: {
          PATH: process.env['PATH'],
          HOME: root,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          LC_ALL: 'C',
          ...at,
        },
        input: options.input ?? '',
        stdio: ['pipe', 'pipe', 'pipe'],
        maxBuffer: 64 * 1024 * 1024,
      },
    )
      .toString('utf8')
      .trim();
  };
  return {
    root,
    git,
    init: (repository) => {
      mkdirSync(join(root, repository), { recursive: true });
      git(repository, ['init', '--quiet', '--initial-branch=main']);
      return join(root, repository);
    },
    commit: (repository, files, message = 'a change') => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, repository, path)), { recursive: true });
        writeFileSync(join(root, repository, path), content);
      }
      git(repository, ['add', '--all', '--force']);
      git(repository, ['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-m', message]);
      return git(repository, ['rev-parse', 'HEAD']);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
