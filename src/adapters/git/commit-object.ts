/** Reads a commit as it is stored, strictly. */
import { Failure } from '../../domain/base/failure.ts';
import type { CommitInfo } from '../../ports/source.ts';

/** @throws Failure `source/invalid` when a header is missing, out of order or not what Git writes. */
export function readCommit(id: string, content: Buffer): CommitInfo {
  const end = content.indexOf('\n\n');
  const headerBytes = end < 0 ? content : content.subarray(0, end);
  const lines = headerBytes.toString('latin1').replace(/\n$/, '').split('\n');
  const objectId = new RegExp(`^[0-9a-f]{${id.length}}$`);
  const next = (name: string) =>
    lines[0]?.startsWith(`${name} `) === true ? lines.shift()?.slice(name.length + 1) : undefined;

  const tree = next('tree');
  const parents: string[] = [];
  for (let parent = next('parent'); parent !== undefined; parent = next('parent')) parents.push(parent);
  const author = next('author');
  const committer = next('committer');
  if (tree === undefined || author === undefined || committer === undefined) throw malformed(id, 'a header is missing');
  if (![tree, ...parents].every((part) => objectId.test(part)))
    throw malformed(id, 'it names something that is not an object id');

  const decode = decoderFor(lines.find((line) => line.startsWith('encoding '))?.slice('encoding '.length));
  const message = end < 0 ? '' : decode(content.subarray(end + 2));
  return { id, tree, parents, ...readAuthor(id, author, decode), subject: subjectOf(message), message };
}

type Decode = (bytes: Uint8Array) => string;

/** Bytes that are not valid in the declared encoding become U+FFFD; an unknown encoding is read as UTF-8. */
function decoderFor(label: string | undefined): Decode {
  try {
    const decoder = new TextDecoder(label ?? 'utf-8', { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => Buffer.from(bytes).toString('utf8');
  }
}

function readAuthor(id: string, line: string, decode: Decode): Pick<CommitInfo, 'author' | 'authoredAt'> {
  const parts = /^([^<>]*)<([^<>]*)> ?(-?\d{1,13}) ?[+-]\d+$/.exec(line);
  const [, name, email, seconds] = parts ?? [];
  if (name === undefined || email === undefined || seconds === undefined)
    throw malformed(id, 'its author line cannot be read');
  const text = (part: string) => decode(Buffer.from(part, 'latin1')).trim();
  return { author: { name: text(name), email: text(email) }, authoredAt: Number(seconds) * 1000 };
}

/** The first paragraph on one line, as Git shows it. */
function subjectOf(message: string): string {
  const lines = message.replace(/^\s*\n/, '').split('\n');
  const end = lines.findIndex((line) => line.trim() === '');
  const paragraph = end < 0 ? lines : lines.slice(0, end);
  return paragraph
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

function malformed(id: string, why: string): Failure {
  return new Failure('source/invalid', `commit ${id} is malformed: ${why}`, {
    hint: 'git fsck in the repository shows what is wrong.',
  });
}
