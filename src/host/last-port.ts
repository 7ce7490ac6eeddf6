/** On which port the control plane of a home listened last: links, bookmarks and webhooks hold as long as it stays. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, type Home } from './home.ts';

const fileOf = ({ directory }: Home): string => join(directory, 'port');

export async function readLastPort(home: Home): Promise<number | undefined> {
  const text = await readFile(fileOf(home), 'utf8').catch(() => '');
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

export async function writeLastPort(home: Home, port: number): Promise<void> {
  await replaceFile(fileOf(home), String(port));
}
