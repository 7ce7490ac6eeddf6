import { copyFile, open, rename, stat, truncate, type FileHandle } from 'node:fs/promises';

/** A log is set aside at this size; one old piece is kept. */
const logFileBytes = 8 * 1024 * 1024;

/** Opens a log for appending, after setting a full one aside; `size` is where new lines will begin. */
export async function openLog(file: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  if ((await sizeOf(file)) > logFileBytes) await rename(file, `${file}.1`).catch(() => undefined);
  const handle = await open(file, 'a', 0o600);
  return { handle, size: (await handle.stat()).size };
}

/**
 * Sets aside a full log that a server holds open: copied, then cut to nothing, since the server
 * appends wherever the end is. Lines written between the two are lost, and the old piece when the disk is full.
 */
export async function rotateOpenLog(file: string): Promise<void> {
  if ((await sizeOf(file)) <= logFileBytes) return;
  await copyFile(file, `${file}.1`).catch(() => undefined);
  await truncate(file);
}

/** Text from a position on, at most 64 KiB. */
export async function readFrom(file: string, position: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(64 * 1024), position });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
