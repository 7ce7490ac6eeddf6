import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { firstWholeCharacter } from '../../domain/base/utf8.ts';

/** The last `bytes` of the log in `directory`, all its files taken as one, cut before a whole character. */
export async function tailOf(directory: string, bytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let missing = bytes;
  for (const name of (await logFiles(directory)).reverse()) {
    if (missing <= 0) break;
    const piece = await endOf(join(directory, name), missing);
    pieces.unshift(piece);
    missing -= piece.length;
  }
  const text = Buffer.concat(pieces);
  return text.toString('utf8', firstWholeCharacter(text));
}

async function logFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(absentAs([]));
  return names.filter((name) => /^output\.\d+\.log$/.test(name)).sort();
}

async function endOf(path: string, bytes: number): Promise<Buffer> {
  // The keeper may have removed the oldest file since we listed it.
  const file = await open(path).catch(absentAs(undefined));
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function absentAs<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
