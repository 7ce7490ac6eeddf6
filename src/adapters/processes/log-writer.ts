import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface LogWriter {
  write(output: Buffer): void;
  /** A line of our own among the command's. */
  note(line: string): void;
  /** Bytes that could not be written so far. */
  dropped(): number;
}

export interface LogLimits {
  /** A file ends with the last line that fits; a longer line is cut at twice this size. */
  readonly fileBytes: number;
  readonly files: number;
}

const newline = 0x0a;

/**
 * Writes to `<directory>/output.<n>.log`, n counting up for ever and files never renamed, so that a
 * reader is never led astray by a rotation. Nothing is buffered: what was passed in is in the file, or
 * was dropped because the file cannot be written. Writing never throws; what was dropped is said in the
 * log as soon as it can be written again.
 */
export function openLog(directory: string, limits: LogLimits): LogWriter {
  const fileBytes = Math.max(1, limits.fileBytes);
  let sequence = 1;
  let descriptor: number | undefined;
  let size = 0;
  let atLineStart = true;
  let dropped = 0;
  let unsaid = 0;
  let problem = '';

  function write(output: Buffer): void {
    let rest = output;
    while (rest.length > 0) {
      const length = lengthForThisFile(rest);
      if (length === 0) startNextFile();
      else append(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }

  /** 0 when the next file is due. */
  function lengthForThisFile(rest: Buffer): number {
    const room = fileBytes - size;
    if (rest.length <= room) return rest.length;
    const wholeLines = room > 0 ? rest.lastIndexOf(newline, room - 1) + 1 : 0;
    if (wholeLines > 0) return wholeLines;
    if (atLineStart && size > 0) return 0;
    const line = rest.indexOf(newline) + 1;
    return Math.max(0, Math.min(line > 0 ? line : rest.length, 2 * fileBytes - size));
  }

  function startNextFile(): void {
    close();
    sequence += 1;
    size = 0;
    removeQuietly(pathOf(sequence - limits.files));
  }

  function append(piece: Buffer): void {
    let written = 0;
    try {
      descriptor ??= openSync(pathOf(sequence), 'a', 0o600);
      sayWhatWasDropped(descriptor);
      while (written < piece.length) written += writeSync(descriptor, piece, written);
    } catch (error) {
      problem = (error as NodeJS.ErrnoException).code ?? String(error);
      dropped += piece.length - written;
      unsaid += piece.length - written;
      close();
    }
    size += written;
    if (written > 0) atLineStart = piece[written - 1] === newline;
  }

  function sayWhatWasDropped(open: number): void {
    if (unsaid === 0) return;
    const line = Buffer.from(
      `${atLineStart ? '' : '\n'}[liftlock] ${unsaid} bytes of output could not be written (${problem})\n`,
    );
    const written = writeSync(open, line);
    size += written;
    atLineStart = line[written - 1] === newline;
    unsaid = 0;
  }

  function close(): void {
    const open = descriptor;
    descriptor = undefined;
    if (open === undefined) return;
    try {
      closeSync(open);
    } catch {
      // A file system that is full may say so only now; what was written before stands or was counted.
    }
  }

  function pathOf(number: number): string {
    return join(directory, `output.${String(number).padStart(8, '0')}.log`);
  }

  return {
    write,
    note: (line) => write(Buffer.from(`${atLineStart ? '' : '\n'}[liftlock] ${line}\n`)),
    dropped: () => dropped,
  };
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // One old file too many does no harm.
  }
}
