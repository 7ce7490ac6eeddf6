/**
 * Writes what an archive holds into a fresh directory, read-only.
 *
 * Whatever the archive says, nothing is written outside: a path must lie in a directory that this archive made, and
 * links are made last, so that nothing is ever written through one.
 */
import { chmod, mkdir, open, symlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { type ByteReader, readBytes } from './byte-reader.ts';
import { type Lanes, openLanes } from '../../domain/base/lanes.ts';
import {
  type ArchiveEntry,
  blockBytes,
  decodeHeader,
  decodePaxRecords,
  endOfArchive,
  padding,
  paxLimitBytes,
  type RawHeader,
} from './tar-format.ts';

/** Files up to this size are held in memory so that several can be written at once. */
const smallBytes = 256 * 1024;
const writersAtOnce = 16;

interface Unpacking {
  readonly root: string;
  readonly bytes: ByteReader;
  readonly lanes: Lanes;
  readonly directories: Set<string>;
  readonly links: ArchiveEntry[];
}

/** @throws RangeError when the archive is not one that `writeArchive` made. */
export async function readArchive(source: AsyncIterable<Buffer>, root: string): Promise<void> {
  const lanes = openLanes(writersAtOnce);
  const unpacking: Unpacking = { root, bytes: readBytes(source), lanes, directories: new Set(['.']), links: [] };
  try {
    for (let entry = await nextEntry(unpacking.bytes); entry !== undefined; entry = await nextEntry(unpacking.bytes)) {
      await place(unpacking, entry);
    }
  } finally {
    await lanes.close();
  }
  for (const link of unpacking.links) await symlink(link.target, `${root}/${link.path}`);
  await sealDirectories(unpacking);
}

async function nextEntry(bytes: ByteReader): Promise<ArchiveEntry | undefined> {
  const first = decodeHeader(await bytes.block(blockBytes));
  if (first === undefined) return requireEnd(bytes);
  if (first.flag !== 'x') return entryOf(first, new Map());
  if (first.size > paxLimitBytes) throw new RangeError('a pax header is too large');
  const records = decodePaxRecords(await bytes.block(first.size));
  await bytes.block(padding(first.size).length);
  const header = decodeHeader(await bytes.block(blockBytes));
  if (header === undefined) throw new RangeError('a pax header stands alone');
  return entryOf(header, records);
}

async function requireEnd(bytes: ByteReader): Promise<undefined> {
  const last = await bytes.block(endOfArchive.length - blockBytes);
  if (last.some((byte) => byte !== 0) || !(await bytes.atEnd())) throw new RangeError('something follows its end');
}

const kinds: ReadonlyMap<string, ArchiveEntry['kind']> = new Map([
  ['0', 'file'],
  ['2', 'link'],
  ['5', 'directory'],
]);

function entryOf(header: RawHeader, records: ReadonlyMap<string, string>): ArchiveEntry {
  const kind = kinds.get(header.flag);
  const name = records.get('path') ?? header.name;
  const path = kind === 'directory' ? name.replace(/\/$/, '') : name;
  const size = Number(records.get('size') ?? header.size);
  const wrong = path.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (kind === undefined || wrong || !Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`entry ${JSON.stringify(name)} is not one Liftlock writes`);
  return { kind, path, size, executable: header.executable, target: records.get('linkpath') ?? header.target };
}

async function place(unpacking: Unpacking, entry: ArchiveEntry): Promise<void> {
  const { root, directories, links } = unpacking;
  if (!directories.has(posix.dirname(entry.path)))
    throw new RangeError(`entry ${JSON.stringify(entry.path)} has no directory`);
  if (entry.kind === 'file') return placeFile(unpacking, entry);
  if (entry.size !== 0) throw new RangeError(`entry ${JSON.stringify(entry.path)} has content`);
  if (entry.kind === 'link') return void links.push(entry);
  await mkdir(`${root}/${entry.path}`);
  directories.add(entry.path);
}

async function placeFile({ root, bytes, lanes }: Unpacking, entry: ArchiveEntry): Promise<void> {
  const path = `${root}/${entry.path}`;
  const mode = entry.executable ? 0o555 : 0o444;
  if (entry.size > smallBytes) await writeNew(path, mode, bytes.take(entry.size));
  else {
    const content = await bytes.block(entry.size);
    await lanes.run(() => writeNew(path, mode, [content]));
  }
  await bytes.block(padding(entry.size).length);
}

/** The mode is set again after creation, which the umask of the process has a say in. */
async function writeNew(path: string, mode: number, content: AsyncIterable<Buffer> | readonly Buffer[]): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}

/** Deepest first: a directory that may not be written to cannot be completed. */
async function sealDirectories({ root, directories }: Unpacking): Promise<void> {
  const paths = [...directories].sort((left, right) => right.length - left.length);
  for (const path of paths) await chmod(path === '.' ? root : `${root}/${path}`, 0o555);
}
