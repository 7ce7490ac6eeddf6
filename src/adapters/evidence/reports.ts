/** Reads reports of every format, each within its own limits. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ReportFormat } from '../../domain/pipeline/report.ts';
import type { Reading } from '../../domain/release/reading.ts';
import type { FileRead, HowToRead, ReportRead, Reports } from '../../ports/reports.ts';
import { readAutocannon } from './autocannon.ts';
import { readCyclonedx } from './cyclonedx.ts';
import { detectJson } from './detect.ts';
import { readExitCode } from './exit-code.ts';
import { parseJson } from './json.ts';
import { readJunit } from './junit/junit.ts';
import { readK6 } from './k6.ts';
import { readNpmAudit } from './npm-audit.ts';
import { readOsv } from './osv.ts';
import { inconclusive, type Report } from './reading.ts';
import { readSarif } from './sarif.ts';
import { readSpdx } from './spdx.ts';
import { readTrivy } from './trivy.ts';

interface Format {
  readonly mostBytes: number;
  readonly json: boolean;
  readonly read: (report: Report) => Reading | Promise<Reading>;
}

const mebibyte = 2 ** 20;

/** Sizes are generous for what the tools write and small enough to be read within two seconds. */
const formats: Readonly<Record<ReportFormat, Format>> = {
  junit: { mostBytes: 32 * mebibyte, json: false, read: readJunit },
  sarif: { mostBytes: 32 * mebibyte, json: true, read: readSarif },
  'npm-audit': { mostBytes: 16 * mebibyte, json: true, read: readNpmAudit },
  trivy: { mostBytes: 32 * mebibyte, json: true, read: readTrivy },
  osv: { mostBytes: 32 * mebibyte, json: true, read: readOsv },
  cyclonedx: { mostBytes: 32 * mebibyte, json: true, read: readCyclonedx },
  spdx: { mostBytes: 32 * mebibyte, json: true, read: readSpdx },
  k6: { mostBytes: 4 * mebibyte, json: true, read: readK6 },
  autocannon: { mostBytes: mebibyte, json: true, read: readAutocannon },
  'exit-code': { mostBytes: 64, json: false, read: readExitCode },
};

export function createReports(): Reports {
  return { read, readFile };
}

async function read(content: Uint8Array, how: HowToRead): Promise<ReportRead | undefined> {
  const { exitCode } = how;
  const known = how.format ?? detectText(content);
  if (known !== undefined && !formats[known].json)
    return { format: known, reading: await readAs(known, { content, value: undefined, exitCode }) };
  if (content.length > formats[known ?? 'sarif'].mostBytes) return known && { format: known, reading: tooLarge(known) };
  const parsed = parseJson(content);
  if (parsed.problem !== undefined)
    return known && { format: known, reading: inconclusive(`the report ${parsed.problem}`) };
  const format = known ?? detectJson(parsed.value);
  return format && { format, reading: await readAs(format, { content, value: parsed.value, exitCode }) };
}

/** Formats that are no JSON, by how they begin. */
function detectText(content: Uint8Array): ReportFormat | undefined {
  const beginning = Buffer.from(content.subarray(0, 200)).toString('latin1').replaceAll('\0', '');
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\??[a-z!]/i.test(beginning)) return 'junit';
  return /^\s*\d{1,3}\s*$/.test(beginning) && content.length <= formats['exit-code'].mostBytes
    ? 'exit-code'
    : undefined;
}

async function readAs(format: ReportFormat, report: Report): Promise<Reading> {
  if (report.content.length > formats[format].mostBytes) return tooLarge(format);
  if (report.content.length === 0) return inconclusive('the report is empty');
  return await formats[format].read(report);
}

function tooLarge(format: ReportFormat): Reading {
  return inconclusive(`the report is larger than ${sizeOf(formats[format].mostBytes)}`);
}

function sizeOf(bytes: number): string {
  return bytes < mebibyte ? `${bytes} bytes` : `${bytes / mebibyte} MiB`;
}

async function readFile(path: string, how: HowToRead & { readonly format: ReportFormat }): Promise<FileRead> {
  const taken = await take(path, formats[how.format].mostBytes);
  if (typeof taken === 'string') return { reading: inconclusive(`the report ${taken}`), content: undefined };
  return { reading: (await read(taken, how))!.reading, content: taken };
}

/** The bytes of a file, or why there are none. */
async function take(path: string, mostBytes: number): Promise<Uint8Array | string> {
  try {
    // Without waiting for a writer, should it be a pipe.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await takeFrom(file, mostBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'was not written' : `cannot be read: ${message}`;
  }
}

/** The size is taken from what is read: the file may still be growing. */
async function takeFrom(file: FileHandle, mostBytes: number): Promise<Uint8Array | string> {
  const info = await file.stat();
  if (!info.isFile()) return 'is not a file';
  if (info.size > mostBytes) return `is larger than ${sizeOf(mostBytes)}`;
  const bytes = Buffer.alloc(info.size);
  const { bytesRead } = await file.read(bytes, 0, info.size, 0);
  return bytes.subarray(0, bytesRead);
}
