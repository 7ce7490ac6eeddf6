/** Files that are read as they were written, whatever is killed in between. All of them are their owner's alone. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';

/** The old content or the new, never a part. With `sync` false that does not hold when the machine itself stops. */
export async function writeWhole(file: string, content: string | Uint8Array, { sync = true } = {}): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      if (sync) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    // Whoever tries again on a full disk would fill it further.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** `undefined` when there is none, or it is no JSON. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
