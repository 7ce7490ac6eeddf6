/** The headers of a commit or a tag, taken apart by the one layout that Git writes and every reader agrees on. */
import type { ObjectRefusal } from '../../domain/trigger/signed-object.ts';

/** Why an object is not read; caught where the answer is made, never seen outside. */
export class ObjectRefused extends Error {
  readonly code: ObjectRefusal;

  constructor(code: ObjectRefusal, because: string) {
    super(because);
    this.code = code;
  }
}

export interface StoredHeader {
  readonly name: string;
  /** Continuation lines without their leading space; every line ends with a line feed. */
  readonly value: Buffer;
  /** Where it stands in the object, its last line feed included. */
  readonly start: number;
  readonly end: number;
}

export interface StoredParts {
  readonly headers: readonly StoredHeader[];
  /** Everything after the empty line. */
  readonly body: Buffer;
}

const [lineFeed, carriageReturn, space] = [10, 13, 32];

/** @throws ObjectRefused */
export function splitObject(content: Buffer): StoredParts {
  const end = content.indexOf('\n\n');
  if (end < 0) throw malformed('no empty line ends its headers');
  const body = content.subarray(end + 2);
  refuseAmbiguous(content.subarray(0, end + 1), body);
  requireFewLines(content, end);
  const headers: StoredHeader[] = [];
  for (let start = 0; start <= end;) {
    const header = readHeader(content, start, end + 1);
    headers.push(header);
    start = header.end;
  }
  return { headers, body };
}

/** Many more than the tags of a large merge bring along, and few enough to be taken apart at once. */
const mostHeaderLines = 10_000;

function requireFewLines(content: Buffer, end: number): void {
  let lines = 0;
  for (let at = content.indexOf(lineFeed); at >= 0 && at < end; at = content.indexOf(lineFeed, at + 1)) lines += 1;
  if (lines > mostHeaderLines) throw malformed(`its headers have more than ${mostHeaderLines} lines`);
}

/**
 * Git cuts a message at a NUL when it shows it, and terminals let a lone carriage return overwrite the line:
 * a person would sign or approve something else than what is read here.
 */
function refuseAmbiguous(head: Buffer, body: Buffer): void {
  if (head.includes(0) || body.includes(0)) throw ambiguous('it contains a NUL byte');
  if (head.includes(carriageReturn)) throw ambiguous('a header contains a carriage return');
  for (let at = body.indexOf(carriageReturn); at >= 0; at = body.indexOf(carriageReturn, at + 1)) {
    if (body[at + 1] !== lineFeed) throw ambiguous('its message contains a carriage return that ends no line');
  }
}

function readHeader(content: Buffer, start: number, limit: number): StoredHeader {
  const nameEnd = content.indexOf(space, start);
  const name = nameEnd < 0 ? '' : content.toString('latin1', start, Math.min(nameEnd, start + 65));
  if (!/^[A-Za-z][A-Za-z0-9:._-]{0,63}$/.test(name)) throw malformed('one of its headers has no readable name');
  const lines: Buffer[] = [];
  let from = nameEnd + 1;
  for (;;) {
    const end = content.indexOf(lineFeed, from) + 1;
    lines.push(content.subarray(from, end));
    if (end >= limit || content[end] !== space) return { name, value: Buffer.concat(lines), start, end };
    from = end + 1;
  }
}

/** The value of a header that has one line. @throws ObjectRefused */
export function oneLine(header: StoredHeader): string {
  if (header.value.indexOf(lineFeed) !== header.value.length - 1)
    throw malformed(`its header ${header.name} has more than one line`);
  return header.value.toString('latin1', 0, header.value.length - 1);
}

/** @throws ObjectRefused when a header that must stand once stands twice. */
export function refuseDuplicates(headers: readonly StoredHeader[], mayRepeat: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const { name } of headers) {
    if (seen.has(name) && !mayRepeat.has(name))
      throw new ObjectRefused('OBJECT_DUPLICATE_HEADER', `it has the header ${name} more than once`);
    seen.add(name);
  }
}

export function malformed(because: string): ObjectRefused {
  return new ObjectRefused('OBJECT_MALFORMED', because);
}

function ambiguous(because: string): ObjectRefused {
  return new ObjectRefused('OBJECT_AMBIGUOUS_BYTES', because);
}
