/** The files of a tree, with every path checked before anything is written. */
import { Failure } from '../../domain/base/failure.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { runGit } from './run-git.ts';

export interface TreeEntry {
  readonly kind: 'file' | 'executable' | 'link' | 'submodule';
  readonly id: string;
  /** Raw bytes: Git does not say how names are encoded. */
  readonly path: Buffer;
}

const kinds: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['100644 blob', 'file'],
  ['100664 blob', 'file'],
  ['100755 blob', 'executable'],
  ['120000 blob', 'link'],
  ['160000 commit', 'submodule'],
]);

const listLimitBytes = 256 * 1024 * 1024;

/** @throws Failure `source/invalid` for a path that would lead out of the directory or into a `.git`. */
export async function readTreeEntries(git: Git, repository: string, tree: string): Promise<readonly TreeEntry[]> {
  const call = {
    repository,
    arguments: ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', tree],
    outputLimitBytes: listLimitBytes,
  };
  const listed = await runGit(git, call);
  if (listed.value === undefined) throw readFailure(`listing tree ${tree}`, listed, git.timeoutMs);
  return splitAtNul(listed.value).map(readEntry);
}

function readEntry(record: Buffer): TreeEntry {
  const tab = record.indexOf(9);
  const [, mode, id] =
    /^(\d{6} [a-z]+) ([0-9a-f]+)$/.exec(record.subarray(0, Math.max(tab, 0)).toString('latin1')) ?? [];
  const kind = kinds.get(mode ?? '');
  const path = record.subarray(tab + 1);
  if (kind === undefined || id === undefined)
    throw refused(path, `its mode (${mode ?? 'unreadable'}) is not one that Git writes`);
  const wrong = pathFault(path.toString('utf8'));
  if (wrong !== undefined) throw refused(path, wrong);
  return { kind, id, path };
}

/** Why a path may not be written, or `undefined`. */
function pathFault(path: string): string | undefined {
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'it leads out of the directory';
    if (isDotGit(part)) return 'it would be taken for a repository’s own data';
  }
  return undefined;
}

/** `.git` as file systems that fold case, ignore invisible characters (HFS+) or shorten names (NTFS) would find it. */
function isDotGit(part: string): boolean {
  const plain = part
    .replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .toLowerCase()
    .replace(/(?::.*)?[ .]*$/, '');
  return plain === '.git' || plain === 'git~1';
}

function splitAtNul(bytes: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    records.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return records;
}

function refused(path: Buffer, why: string): Failure {
  return new Failure(
    'source/invalid',
    `the tree holds ${JSON.stringify(path.toString('utf8'))}, which is refused: ${why}`,
    {
      hint: 'Remove that entry from the repository and commit again.',
    },
  );
}
