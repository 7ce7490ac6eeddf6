/**
 * Counts what servers wrote into their access logs, read on from where the last reading ended: nothing is counted twice or left out when
 * the server, the one that reads, or both begin anew. Rotated pieces are files whose names begin with `access-` and sort by age.
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { bucketOf } from '../../../domain/observation/histogram.ts';
import { emptySample, isClientError, type Sample, type Traffic } from '../../../domain/observation/sample.ts';
import { onlyClass } from '../../../domain/pipeline/route-classes.ts';
import { readJson, writeWhole } from '../whole-file.ts';

/** A request that a release was asked. */
export interface Line {
  readonly side: string;
  /** What was sent: neither of them tells half an answer of a release from a whole one. */
  readonly status: number;
  /** Absent where the time says nothing: an upgraded connection lasts as long as it likes. */
  readonly milliseconds: number | undefined;
}

/** `undefined` for what says nothing about a release, and for what is no line. */
export type Parse = (line: string) => Line | undefined;

/** Of one side, as it is kept in a file. */
interface Counted extends Pick<Sample, 'requests' | 'failures' | 'latency'> {
  readonly clientErrors?: number;
}

export interface Reading {
  /** Names this count; another name says that it began anew. */
  readonly counter: string;
  /** By file (inode): how far it was read. */
  readonly offsets: Readonly<Record<string, number>>;
  readonly sides: Readonly<Record<string, Counted>>;
}

const readingFile = (directory: string) => join(directory, 'counts.json');
const pieceBytes = 1_048_576;
const newLine = 0x0a;

export async function lastReading(directory: string): Promise<Reading> {
  const known = await readJson<Reading>(readingFile(directory));
  return known ?? { counter: randomBytes(8).toString('hex'), offsets: {}, sides: {} };
}

export function keepReading(directory: string, reading: Reading): Promise<void> {
  // Twice a second; what is lost with the machine itself begins anew.
  return writeWhole(readingFile(directory), JSON.stringify(reading), { sync: false });
}

/** Before anybody counts, so that the count has one name from the beginning. */
export async function keepFirstReading(directory: string): Promise<void> {
  if ((await readJson(readingFile(directory))) === undefined)
    await keepReading(directory, await lastReading(directory));
}

export async function logFiles(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => /^access(?:-.*)?\.log$/.test(name));
  return names.sort((left, right) => order(left) - order(right) || (left < right ? -1 : 1));
}

function order(name: string): number {
  return name === 'access.log' ? 1 : 0;
}

export async function readOn(directory: string, before: Reading, parse: Parse): Promise<Reading> {
  const offsets: Record<string, number> = {};
  const sides: Record<string, Mutable> = Object.fromEntries(
    Object.entries(before.sides).map(([name, { latency, ...counts }]) => [
      name,
      { ...nothing, ...counts, counts: { ...latency.counts } },
    ]),
  );
  for (const name of await logFiles(directory)) {
    const handle = await open(join(directory, name)).catch(() => undefined);
    if (handle === undefined) continue;
    try {
      const { ino, size } = await handle.stat();
      const known = before.offsets[ino] ?? 0;
      // Shorter than what was read of it: another file, which got the number of one that was deleted.
      offsets[ino] = await readFrom(handle, known > size ? 0 : known, (line) => take(sides, parse(line)));
    } finally {
      await handle.close();
    }
  }
  return {
    counter: before.counter,
    offsets,
    sides: Object.fromEntries(
      Object.entries(sides).map(([name, { counts, ...counted }]) => [name, { ...counted, latency: { counts } }]),
    ),
  };
}

/** Whole lines only; answers where the first one begins that is not whole yet. */
async function readFrom(handle: FileHandle, from: number, use: (line: string) => void): Promise<number> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (let offset = from; ;) {
    const { bytesRead } = await handle.read(piece, 0, pieceBytes, offset);
    const end = piece.subarray(0, bytesRead).lastIndexOf(newLine);
    // A line that fills a piece is none of ours.
    if (end < 0) return bytesRead === pieceBytes ? offset + pieceBytes : offset;
    for (const line of piece.toString('latin1', 0, end).split('\n')) use(line);
    offset += end + 1;
  }
}

interface Mutable {
  requests: number;
  failures: number;
  clientErrors: number;
  readonly counts: Record<number, number>;
}

/** What an older version did not count begins with nothing: only what comes between two readings is ever compared. */
const nothing = { requests: 0, failures: 0, clientErrors: 0 };

function take(sides: Record<string, Mutable>, line: Line | undefined): void {
  if (line === undefined) return;
  const side = (sides[line.side] ??= { ...nothing, counts: {} });
  side.requests += 1;
  if (line.status >= 500) side.failures += 1;
  else if (isClientError(line.status)) side.clientErrors += 1;
  if (line.milliseconds === undefined) return;
  const bucket = bucketOf(line.milliseconds);
  side.counts[bucket] = (side.counts[bucket] ?? 0) + 1;
}

export function countedOf(reading: Reading, side: string): Traffic {
  return { [onlyClass]: reading.sides[side] ?? emptySample };
}
