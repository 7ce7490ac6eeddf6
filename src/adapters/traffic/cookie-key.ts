import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './whole-file.ts';

/** The key that signs cookies: the same for ever and for every leader, so that users stay where they are across restarts and changes. */
export async function cookieKey(directory: string): Promise<Buffer> {
  const file = join(directory, 'cookie.key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readFile(file).catch(() => undefined);
  if (known?.length === 32) return known;
  const made = randomBytes(32);
  await writeWhole(file, made);
  return made;
}
