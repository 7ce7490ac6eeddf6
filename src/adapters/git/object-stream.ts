/** Objects by full id over one `git cat-file --batch`, each hashed again: its content is what its id says. */
import { createHash, type Hash } from 'node:crypto';
import { Failure } from '../../domain/base/failure.ts';
import type { Git } from './git-environment.ts';
import { type GitEnd, streamGit } from './run-git.ts';

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  /** Must be read to its end before the next object is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

export interface ObjectRequest {
  readonly repository: string;
  readonly ids: readonly string[];
  readonly limitBytes: number;
}

/**
 * Calls `use` for every id in order; an id that is not there is given as `undefined`.
 * @throws Failure `source/invalid` when an object's content does not hash to its id.
 */
export function readObjects(
  git: Git,
  request: ObjectRequest,
  use: (object: GitObject | undefined, id: string) => Promise<void>,
): Promise<GitEnd<true>> {
  const call = {
    repository: request.repository,
    arguments: ['cat-file', '--batch'],
    input: request.ids.map((id) => `${id}\n`).join(''),
    outputLimitBytes: request.limitBytes,
  };
  return streamGit(git, call, async (output) => {
    const bytes = byteReader(output);
    for (const id of request.ids) await readOne(bytes, id, use);
    return true as const;
  });
}

export async function wholeContent(object: GitObject): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of object.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readOne(
  bytes: ByteReader,
  id: string,
  use: (object: GitObject | undefined, id: string) => Promise<void>,
): Promise<void> {
  const header = await bytes.line();
  if (header === `${id} missing`) return use(undefined, id);
  const [foundId, type, size, ...rest] = header.split(' ');
  if (foundId !== id || type === undefined || !/^\d+$/.test(size ?? '') || rest.length > 0) {
    throw new Failure(
      'source/invalid',
      `git answered ${JSON.stringify(header.slice(0, 200))} when asked for object ${id}`,
    );
  }
  const hash = createHash(id.length === 40 ? 'sha1' : 'sha256').update(`${type} ${size}\0`);
  await use({ id, type, size: Number(size), content: hashed(bytes.take(Number(size)), hash) }, id);
  if (hash.digest('hex') !== id) throw new Failure('source/invalid', `object ${id} does not hold what its id says`);
  await bytes.line();
}

async function* hashed(content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

interface ByteReader {
  /** Up to the next line feed, without it. */
  line(): Promise<string>;
  take(size: number): AsyncGenerator<Buffer>;
}

function byteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const more = async () => {
    const next = await chunks.next();
    if (next.done === true) throw new Error('the output of git ended early');
    return next.value;
  };
  return {
    line: async () => {
      let end = rest.indexOf(10);
      while (end < 0) {
        if (rest.length > 4096) throw new Error('git answered with a line that is too long');
        rest = Buffer.concat([rest, await more()]);
        end = rest.indexOf(10);
      }
      const line = rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 1);
      return line;
    },
    take: async function* (size) {
      let left = size;
      while (left > 0) {
        if (rest.length === 0) rest = await more();
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        yield part;
      }
    },
  };
}
