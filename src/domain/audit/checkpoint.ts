/**
 * A checkpoint says how an audit log looked at one moment (c2sp.org/tlog-checkpoint): origin, size and root, then extension lines.
 * Two of ours: `time`, and `entries` with a mark for each of the entries since the checkpoint before, by which the first changed
 * entry can be named and not only noticed.
 */
import { Failure } from '../base/failure.ts';
import { instant, type Instant } from '../base/time.ts';
import { concatenated, fromBase64, toBase64 } from './bytes.ts';

export interface Checkpoint {
  /** Names the log. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly at: Instant | undefined;
  readonly marks: Marks | undefined;
}

/** Of the entries from `from` on, in order: the beginning of the hash of each. */
export interface Marks {
  readonly from: number;
  readonly marks: readonly Uint8Array[];
}

const markBytes = 6;

export function markOf(leafHash: Uint8Array): Uint8Array {
  return leafHash.subarray(0, markBytes);
}

export function formatCheckpoint({ origin, size, root, at, marks }: Checkpoint): string {
  const lines = [origin, String(size), toBase64(root)];
  if (at !== undefined) lines.push(`time ${at}`);
  if (marks !== undefined) lines.push(`entries ${marks.from} ${toBase64(concatenated(...marks.marks))}`);
  return `${lines.join('\n')}\n`;
}

/** The text of a note. Extension lines of others are passed over. @throws Failure `audit/unreadable`. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', count = '', encoded = '', ...extensions] = lines.slice(0, -1);
  const [size, root] = [numberOf(count), fromBase64(encoded)];
  if (origin === '' || size === undefined || root?.length !== 32 || lines.at(-1) !== '' || extensions.includes(''))
    throw new Failure('audit/unreadable', 'this is not a checkpoint of an audit log');
  return { origin, size, root, at: timeIn(extensions), marks: marksIn(extensions, size) };
}

function timeIn(extensions: readonly string[]): Instant | undefined {
  const value = valueOf(extensions, 'time');
  const time = value === undefined ? undefined : numberOf(value);
  return time === undefined || time > 8.64e15 ? undefined : instant(time);
}

function marksIn(extensions: readonly string[], size: number): Marks | undefined {
  const [first = '', encoded = ''] = valueOf(extensions, 'entries')?.split(' ') ?? [];
  const [from, bytes] = [numberOf(first), fromBase64(encoded)];
  if (from === undefined || bytes === undefined || from + bytes.length / markBytes !== size) return undefined;
  const marks = Array.from({ length: size - from }, (_, place) =>
    bytes.subarray(place * markBytes, (place + 1) * markBytes),
  );
  return { from, marks };
}

function valueOf(extensions: readonly string[], word: string): string | undefined {
  return extensions.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
}

/** Decimal, without leading zeros, exact as a number. */
function numberOf(text: string): number | undefined {
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
