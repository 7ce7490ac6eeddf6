/** A commit as it is stored, with its signature taken out the way Git put it in. */
import type { CommitObject } from '../../domain/trigger/signed-object.ts';
import { readPersonLine } from './person-line.ts';
import {
  malformed,
  ObjectRefused,
  oneLine,
  refuseDuplicates,
  splitObject,
  type StoredHeader,
} from './stored-headers.ts';

/** A parent may not be named twice either, but that is said by its id. A `mergetag` is a signed tag that was merged: left as it is. */
const mayRepeat: ReadonlySet<string> = new Set(['parent', 'mergetag']);
const misplaced: ReadonlySet<string> = new Set(['tree', 'parent', 'author', 'committer']);

/**
 * Layout: https://git-scm.com/docs/gitformat-signature and `parse_buffer_signed_by_header` of Git's commit.c.
 * @throws ObjectRefused
 */
export function readSignedCommit(id: string, content: Buffer): CommitObject {
  const { headers, body } = splitObject(content);
  const signature = signatureOf(id, headers);
  refuseDuplicates(headers, mayRepeat);
  const rest = [...headers];
  const next = (name: string) => (rest[0]?.name === name ? oneLine(rest.shift()!) : undefined);
  const tree = next('tree');
  const parents: string[] = [];
  for (let parent = next('parent'); parent !== undefined; parent = next('parent')) parents.push(parent);
  const author = next('author');
  const committer = next('committer');
  if (tree === undefined || author === undefined || committer === undefined)
    throw malformed('tree, parents, author and committer do not stand first and in this order');
  requireIds(id, [tree, ...parents]);
  const stray = rest.find((header) => misplaced.has(header.name));
  if (stray !== undefined) throw malformed(`its header ${stray.name} is out of place`);
  const decode = decoderOf(rest.find((header) => header.name === 'encoding'));
  return {
    kind: 'commit',
    id,
    tree,
    parents,
    author: readPersonLine('author', author, decode),
    committer: readPersonLine('committer', committer, decode),
    message: decode(body),
    payload:
      signature === undefined
        ? content
        : Buffer.concat([content.subarray(0, signature.start), content.subarray(signature.end)]),
    signature: signature?.value,
  };
}

/**
 * Git leaves every header whose name begins with `gpgsig` out of what is signed, whatever follows: such a header
 * would be content that nobody signed. One for the other object format is therefore refused, and so is a second one.
 */
function signatureOf(id: string, headers: readonly StoredHeader[]): StoredHeader | undefined {
  const own = id.length === 40 ? 'gpgsig' : 'gpgsig-sha256';
  const all = headers.filter((header) => header.name.startsWith('gpgsig'));
  const other = all.find((header) => header.name !== own);
  if (other !== undefined)
    throw new ObjectRefused('SIGNATURE_OTHER_FORMAT', `it has a header ${other.name}, which no signature here covers`);
  if (all.length > 1) throw new ObjectRefused('SIGNATURE_MULTIPLE', `it has ${all.length} signatures`);
  return all[0];
}

/** @throws ObjectRefused */
function requireIds(id: string, named: readonly string[]): void {
  const objectId = id.length === 40 ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/;
  if (!named.every((part) => objectId.test(part))) throw malformed('it names something that is not an object id');
  const [, ...parents] = named;
  if (new Set(parents).size !== parents.length)
    throw new ObjectRefused('OBJECT_DUPLICATE_HEADER', 'it names a parent twice');
}

/** In these the bytes of plain words may mean other words, so that a trailer or an address could be hidden. */
const shifting: ReadonlySet<string> = new Set(['utf-16le', 'utf-16be', 'iso-2022-jp', 'replacement', 'x-user-defined']);

function decoderOf(header: StoredHeader | undefined): (bytes: Uint8Array) => string {
  const label = header === undefined ? 'utf-8' : oneLine(header);
  const decoder = decoderFor(label);
  if (decoder === undefined || shifting.has(decoder.encoding))
    throw new ObjectRefused('OBJECT_ENCODING', `its encoding ${JSON.stringify(label.slice(0, 40))} is not accepted`);
  return (bytes) => decoder.decode(bytes);
}

function decoderFor(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch {
    return undefined;
  }
}
