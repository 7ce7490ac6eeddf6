/**
 * The archive format: POSIX ustar headers, with a pax header before an entry only when a ustar field cannot hold it
 * (IEEE Std 1003.1, `pax`). It is written here and not by a library because the digest of an artifact is the
 * hash of these very bytes: another version of a library may order, split or pad them differently.
 * Owner, group and time are always zero, the mode is 0644 or 0755.
 */

export interface ArchiveEntry {
  readonly kind: 'file' | 'directory' | 'link';
  /** Relative, parts joined by `/`, no trailing `/`. */
  readonly path: string;
  readonly executable: boolean;
  /** Bytes of content; 0 for anything but a file. */
  readonly size: number;
  /** Empty for anything but a link. */
  readonly target: string;
}

export const blockBytes = 512;
/** Two empty blocks end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockBytes);

const nameBytes = 100;
const largestOctal = 0o77777777777;
/** Fields of a pax header may not be larger than this here: far above any path that a system accepts. */
export const paxLimitBytes = 64 * 1024;

const typeFlags = { file: '0', link: '2', directory: '5' } as const;

export function encodeHeader(entry: ArchiveEntry): Buffer {
  const name = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const records = [
    fitsField(name) ? '' : paxRecord('path', name),
    fitsField(entry.target) ? '' : paxRecord('linkpath', entry.target),
    entry.size <= largestOctal ? '' : paxRecord('size', `${entry.size}`),
  ].join('');
  const header = ustarHeader({
    name: fitsField(name) ? name : 'see-pax-header',
    target: fitsField(entry.target) ? entry.target : 'see-pax-header',
    size: entry.size <= largestOctal ? entry.size : 0,
    flag: typeFlags[entry.kind],
    mode: entry.kind === 'directory' || entry.executable ? 0o755 : 0o644,
  });
  return records === '' ? header : Buffer.concat([paxHeader(records), header]);
}

/** Zero bytes that fill up the last block of a content. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

export interface RawHeader {
  readonly flag: string;
  readonly name: string;
  readonly target: string;
  readonly size: number;
  readonly executable: boolean;
}

/** Reads a block that `encodeHeader` wrote; `undefined` for the empty block at the end. @throws RangeError for anything else. */
export function decodeHeader(block: Buffer): RawHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (readOctal(block, 148, 7) !== checksum(block)) throw new RangeError('a header has a wrong checksum');
  if (block.toString('latin1', 257, 265) !== 'ustar\u000000') throw new RangeError('a header is not ustar');
  return {
    flag: block.toString('latin1', 156, 157),
    name: readText(block, 0, nameBytes),
    target: readText(block, 157, nameBytes),
    size: readOctal(block, 124, 11),
    executable: (readOctal(block, 100, 7) & 0o100) !== 0,
  };
}

/** @throws RangeError when the records are not `length key=value` lines. */
export function decodePaxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(32, start);
    const length = Number(bytes.toString('latin1', start, Math.max(space, start)));
    const record = bytes.subarray(space + 1, start + length);
    const equals = record.indexOf(61);
    if (
      !Number.isInteger(length) ||
      length < 5 ||
      start + length > bytes.length ||
      equals < 1 ||
      record.at(-1) !== 10
    ) {
      throw new RangeError('a pax header cannot be read');
    }
    records.set(record.toString('utf8', 0, equals), record.toString('utf8', equals + 1, record.length - 1));
    start += length;
  }
  return records;
}

interface Fields {
  readonly name: string;
  readonly target: string;
  readonly size: number;
  readonly flag: string;
  readonly mode: number;
}

function ustarHeader(fields: Fields): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(fields.name, 0, 'latin1');
  writeOctal(block, { at: 100, digits: 7, value: fields.mode });
  writeOctal(block, { at: 108, digits: 7, value: 0 });
  writeOctal(block, { at: 116, digits: 7, value: 0 });
  writeOctal(block, { at: 124, digits: 11, value: fields.size });
  writeOctal(block, { at: 136, digits: 11, value: 0 });
  block.write(fields.flag, 156, 'latin1');
  block.write(fields.target, 157, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  writeOctal(block, { at: 329, digits: 7, value: 0 });
  writeOctal(block, { at: 337, digits: 7, value: 0 });
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function paxHeader(records: string): Buffer {
  const bytes = Buffer.from(records, 'utf8');
  const header = ustarHeader({ name: 'pax-header', target: '', size: bytes.length, flag: 'x', mode: 0o644 });
  return Buffer.concat([header, bytes, padding(bytes.length)]);
}

/** The length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + `${length}`.length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

/** Names outside ASCII go to a pax header, which is UTF-8 by definition. */
function fitsField(text: string): boolean {
  return text.length <= nameBytes && Buffer.byteLength(text) === text.length;
}

/** Sum of the bytes of a header, its own field counted as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function writeOctal(block: Buffer, field: { at: number; digits: number; value: number }): void {
  block.write(field.value.toString(8).padStart(field.digits, '0'), field.at, 'latin1');
}

function readOctal(block: Buffer, at: number, digits: number): number {
  const text = block.toString('latin1', at, at + digits).replace(/[\0 ]+$/, '');
  if (!/^[0-7]+$/.test(text)) throw new RangeError('a header holds a number that cannot be read');
  return Number.parseInt(text, 8);
}

function readText(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? length : end);
}
