/**
 * Writes a tree exactly as it is stored. `git archive` and `git checkout` would let the repository's own
 * attributes leave files out, replace words or change line endings; objects are therefore written as they come.
 *
 * Submodules become empty directories, as in a plain `git clone`.
 */
import { type FileHandle, mkdir, open, readdir, rm, symlink } from 'node:fs/promises';
import { Failure } from '../../domain/base/failure.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { type GitObject, readObjects, wholeContent } from './object-stream.ts';
import { readTreeEntries, type TreeEntry } from './tree-entries.ts';
import { type Lanes, openLanes } from '../../domain/base/lanes.ts';

export interface ExportRequest {
  readonly repository: string;
  readonly tree: string;
  readonly directory: string;
}

const exportLimitBytes = 16 * 1024 ** 3;
const linkLimitBytes = 4096;
/** Files up to this size are held in memory so that several can be written at once. */
const smallBytes = 256 * 1024;
const writersAtOnce = 8;

/** @throws Failure `source/invalid` when the tree cannot be written safely; the directory is then left as it was. */
export async function exportTree(git: Git, request: ExportRequest): Promise<void> {
  const entries = await readTreeEntries(git, request.repository, request.tree);
  const made = await prepareDirectory(request.directory);
  try {
    await makeDirectories(request.directory, entries);
    const links = await writeFiles(
      git,
      request,
      entries.filter((entry) => entry.kind !== 'submodule'),
    );
    await makeLinks(request.directory, links);
  } catch (error) {
    await clearDirectory(request.directory, made);
    throw described(error, request.directory);
  }
}

async function prepareDirectory(directory: string): Promise<'made' | 'was-there'> {
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) return 'made';
  if ((await readdir(directory)).length > 0) {
    throw new Failure('unexpected/error', `${directory} is not empty: a tree is only written into an empty directory`);
  }
  return 'was-there';
}

/** Before any file or link: a directory can then never be made, or written into, through a link. */
async function makeDirectories(root: string, entries: readonly TreeEntry[]): Promise<void> {
  const wanted = new Map<string, Buffer>();
  for (const entry of entries) {
    const end = entry.kind === 'submodule' ? entry.path.length : entry.path.lastIndexOf(47);
    if (end > 0) wanted.set(entry.path.toString('latin1', 0, end), entry.path.subarray(0, end));
  }
  for (const path of wanted.values()) await mkdir(under(root, path), { recursive: true });
}

/** Answers the links, which are made when everything else is in place. */
async function writeFiles(
  git: Git,
  request: ExportRequest,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<TreeEntry, Buffer>> {
  const links = new Map<TreeEntry, Buffer>();
  const lanes = openLanes(writersAtOnce);
  const waiting = entries.values();
  const ids = entries.map((entry) => entry.id);
  const read = await readObjects(
    git,
    { repository: request.repository, ids, limitBytes: exportLimitBytes },
    async (object, id) => {
      const entry = waiting.next().value;
      if (object?.type !== 'blob' || entry === undefined)
        throw new Failure('source/invalid', `file content ${id} is missing from our copy`);
      if (entry.kind === 'link') links.set(entry, await linkTarget(object, entry));
      else await writeFile(request.directory, { entry, object, lanes });
    },
  ).finally(() => lanes.close());
  if (read.value === undefined) throw readFailure(`writing tree ${request.tree}`, read, git.timeoutMs);
  return links;
}

async function writeFile(root: string, file: { entry: TreeEntry; object: GitObject; lanes: Lanes }): Promise<void> {
  const { entry, object, lanes } = file;
  if (object.size > smallBytes) return writeNew(root, entry, object.content);
  const content = await wholeContent(object);
  await lanes.run(() => writeNew(root, entry, [content]));
}

/** `wx` refuses a path that exists already, which two entries of one name, or of one name but for its case, would share. */
async function writeNew(
  root: string,
  entry: TreeEntry,
  content: AsyncIterable<Buffer> | readonly Buffer[],
): Promise<void> {
  const file: FileHandle = await open(under(root, entry.path), 'wx', entry.kind === 'executable' ? 0o755 : 0o644);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

async function linkTarget(object: GitObject, entry: TreeEntry): Promise<Buffer> {
  const fits = object.size > 0 && object.size <= linkLimitBytes;
  const target = fits ? await wholeContent(object) : undefined;
  if (target === undefined || target.includes(0)) {
    throw new Failure(
      'source/invalid',
      `symbolic link ${JSON.stringify(entry.path.toString('utf8'))} has no usable target`,
    );
  }
  return target;
}

async function makeLinks(root: string, links: ReadonlyMap<TreeEntry, Buffer>): Promise<void> {
  for (const [entry, target] of links) await symlink(target, under(root, entry.path));
}

async function clearDirectory(directory: string, made: 'made' | 'was-there'): Promise<void> {
  if (made === 'made') return rm(directory, { recursive: true, force: true });
  for (const name of await readdir(directory, { encoding: 'buffer' })) {
    await rm(under(directory, name), { recursive: true, force: true });
  }
}

function described(error: unknown, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EEXIST' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG') return error;
  return new Failure('source/invalid', `the tree cannot be written to ${directory}: ${(error as Error).message}`, {
    hint: 'Two entries of the tree share a name on this file system, or a name is too long for it.',
    cause: error,
  });
}

function under(root: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), path]);
}
