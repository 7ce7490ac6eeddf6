import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ReportReading, Reports } from '../../ports/reports.ts';
import { createDecoder } from './decoder.ts';
import { createTally, type Reading } from './tally.ts';
import { readXml } from './xml.ts';

const largestBytes = 64 * 2 ** 20;
const pieceBytes = 64 * 1024;

/** Reads JUnit reports of any dialect. Memory stays bounded by the longest single text in the file, however many tests there are. */
export function createReports(): Reports {
  return { junit };
}

async function junit(path: string): Promise<ReportReading> {
  try {
    // Without waiting for a writer, should it be a pipe.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await read(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent = code === 'ENOENT' || code === 'ENOTDIR';
    return unreadable(absent ? 'the report was not written' : `the report cannot be read: ${message}`);
  }
}

async function read(file: FileHandle): Promise<ReportReading> {
  const info = await file.stat();
  if (!info.isFile()) return unreadable('the report is not a file');
  if (info.size === 0) return unreadable('the report is empty');
  const tally = createTally();
  const xml = readXml(tally.handlers);
  const decode = createDecoder();
  const piece = Buffer.alloc(pieceBytes);
  for (let total = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, total);
    total += bytesRead;
    if (total > largestBytes) return unreadable('the report is larger than 64 MiB');
    const text = decode(piece.subarray(0, bytesRead), bytesRead === 0);
    const trouble = text.problem ?? xml.write(text.text) ?? tally.problem();
    if (trouble !== undefined) return unreadable(`the report ${trouble}`);
    if (bytesRead === 0) break;
  }
  const trouble = xml.end();
  return trouble === undefined ? answer(tally.result()) : unreadable(`the report ${trouble}`);
}

function answer(reading: Reading): ReportReading {
  if (reading.disagreement !== undefined) return unreadable(`the report contradicts itself: ${reading.disagreement}`);
  return { readable: true, counts: reading.counts, failed: reading.failed };
}

function unreadable(because: string): ReportReading {
  return { readable: false, because };
}
