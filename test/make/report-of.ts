/** Reads reports as the product does: through bytes. */
import { readFileSync } from 'node:fs';
import { createReports } from '../../src/adapters/evidence/reports.ts';
import type { FindingDetails, LoadDetails } from '../../src/domain/release/evidence-details.ts';
import type { Reading } from '../../src/domain/release/reading.ts';
import type { HowToRead } from '../../src/ports/reports.ts';

const reports = createReports();

/** Of a value that is written as JSON, or of bytes as they are. Fails when nobody knows the format. */
export async function readingOf(content: unknown, how: HowToRead = {}): Promise<Reading> {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
  const read = await reports.read(bytes, how);
  if (read === undefined) throw new Error('the format is not recognised');
  return read.reading;
}

/** A report that a real tool wrote. */
export function golden(name: string): Buffer {
  return readFileSync(new URL(`../corpus/evidence/${name}`, import.meta.url));
}

export function findingsOf({ details }: Reading): FindingDetails {
  if (details?.of !== 'findings') throw new Error(`not findings but ${details?.of ?? 'nothing'}`);
  return details;
}

export function loadOf({ details }: Reading): LoadDetails {
  if (details?.of !== 'load') throw new Error(`no load but ${details?.of ?? 'nothing'}`);
  return details;
}
