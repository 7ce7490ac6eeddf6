/** Text that goes to a file or to standard output, as fast as it is taken. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Invocation } from '../invocation.ts';

/** Writes what `--output` names, or standard output. Answers the file. @throws Failure `input/invalid` when it cannot be written. */
export async function writeOut(
  { options, directory }: Invocation,
  parts: Iterable<string> | AsyncIterable<string>,
): Promise<string | undefined> {
  const { output: name } = options;
  const file = typeof name === 'string' ? name : undefined;
  const target = file === undefined ? process.stdout : createWriteStream(resolve(directory, file), { mode: 0o600 });
  try {
    if (target !== process.stdout) await once(target, 'open');
    for await (const part of parts) if (!target.write(part)) await once(target, 'drain');
    if (target !== process.stdout) {
      target.end();
      await once(target, 'close');
    }
  } catch (error) {
    if (error instanceof Failure || file === undefined) throw error;
    throw new Failure('input/invalid', `${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return file;
}
