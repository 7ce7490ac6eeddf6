/** The bytes of an archive, made while they are read. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type FoundEntry, refused } from './directory-entries.ts';
import { encodeHeader, endOfArchive, padding } from './tar-format.ts';

/** Large enough that hashing and compressing are not called for every small file. */
const chunkBytes = 256 * 1024;

export function writeArchive(root: string, entries: readonly FoundEntry[]): AsyncGenerator<Buffer> {
  return joined(pieces(root, entries));
}

async function* pieces(root: string, entries: readonly FoundEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    if (entry.kind === 'file') yield* filePieces(root, entry);
    else yield encodeHeader({ ...entry, size: 0, executable: false });
  }
  yield endOfArchive;
}

async function* filePieces(root: string, entry: FoundEntry): AsyncGenerator<Buffer> {
  // A file that became a link or a pipe since it was listed is refused, not followed or waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(`${root}/${entry.path}`, flags).catch((error: Error) => {
    throw refused(
      entry.path,
      `it cannot be read (${error.message})`,
      'Check its rights, and that nothing of the build still runs.',
    );
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw changed(entry.path);
    yield encodeHeader({ ...entry, size: stat.size, executable: (stat.mode & 0o100) !== 0 });
    yield* content(file, entry.path, stat.size);
    yield padding(stat.size);
  } finally {
    await file.close();
  }
}

async function* content(file: FileHandle, path: string, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, chunkBytes)));
    if (bytesRead === 0) throw changed(path);
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* joined(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < chunkBytes) continue;
    yield Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

function changed(path: string): Error {
  return refused(path, 'it changed while it was packed', 'See that nothing of the build still runs when it ends.');
}
