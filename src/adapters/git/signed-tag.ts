/** A tag object as it is stored, with the signature cut off its end. */
import type { TagObject } from '../../domain/trigger/signed-object.ts';
import { readPersonLine } from './person-line.ts';
import { malformed, ObjectRefused, oneLine, refuseDuplicates, splitObject } from './stored-headers.ts';

/** What the tag's own header says about its target; whether that is so must be looked up. */
export interface StoredTag {
  readonly tag: TagObject;
  readonly targetType: string;
}

/** With what a line begins that Git takes for the start of a signature (`get_format_by_sig` of its gpg-interface.c). */
const signatureStarts = [
  '-----BEGIN PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  '-----BEGIN SIGNED MESSAGE-----',
  '-----BEGIN SSH SIGNATURE-----',
];
const headerNames = ['object', 'type', 'tag', 'tagger'];

/** @throws ObjectRefused */
export function readSignedTag(id: string, content: Buffer): StoredTag {
  const { headers, body } = splitObject(content);
  const foreign = headers.find((header) => header.name.startsWith('gpgsig'));
  if (foreign !== undefined)
    throw new ObjectRefused(
      'SIGNATURE_OTHER_FORMAT',
      `it has a header ${foreign.name}, which no signature here covers`,
    );
  refuseDuplicates(headers, new Set());
  if (headers.map((header) => header.name).join(' ') !== headerNames.join(' '))
    throw malformed('its headers are not object, type, tag and tagger in this order');
  const [commit, targetType, name, tagger] = headers.map(oneLine) as [string, string, string, string];
  if (!(id.length === 40 ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/).test(commit))
    throw malformed('it names something that is not an object id');
  const start = signatureStart(body);
  const signed = content.length - body.length + start;
  const tag: TagObject = {
    kind: 'tag',
    id,
    commit,
    name: readName(name),
    tagger: readPersonLine('tagger', tagger, utf8),
    message: utf8(body.subarray(0, start)),
    payload: content.subarray(0, signed),
    signature: start === body.length ? undefined : body.subarray(start),
  };
  return { tag, targetType };
}

/** Git takes the last one for the signature, and would show all before it as the message: more than one is refused. */
function signatureStart(body: Buffer): number {
  let found: number | undefined;
  for (let line = 0; line < body.length; line = nextLine(body, line)) {
    if (!startsSignature(body, line)) continue;
    if (found !== undefined) throw new ObjectRefused('SIGNATURE_MULTIPLE', 'more than one signature begins in it');
    found = line;
  }
  return found ?? body.length;
}

function startsSignature(body: Buffer, line: number): boolean {
  return (
    body[line] === 45 && signatureStarts.some((start) => body.toString('latin1', line, line + start.length) === start)
  );
}

function nextLine(body: Buffer, from: number): number {
  const end = body.indexOf(10, from);
  return end < 0 ? body.length : end + 1;
}

/** The rules of `git check-ref-format` for what can follow `refs/tags/`. */
function readName(latin1: string): string {
  const name = utf8(Buffer.from(latin1, 'latin1'));
  const parts = name.split('/');
  const wrong =
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0020\u007f~^:?*[\\\ufffd]|\.\.|@\{/.test(name) ||
    name.startsWith('-') ||
    name.endsWith('.') ||
    name === '@' ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  if (wrong) throw malformed('its name cannot be the name of a tag');
  return name;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
