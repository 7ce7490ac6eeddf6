/** A Docker engine for tests, where the machine has one; images are made of what the machine has, because nothing can be pulled. */
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createEngine } from '../../src/adapters/targets/docker/engine.ts';

export const engine = createEngine({ dockerHost: process.env['DOCKER_HOST'] });

/** Why tests with containers are skipped; `false` when they are not. */
export async function withoutDocker(): Promise<string | false> {
  const answer = await engine
    .ask({ method: 'GET', path: '/version' }, z.object({ Version: z.string(), Os: z.literal('linux') }))
    .catch((error: Error) => error);
  if (answer instanceof Error) return `no Docker engine: ${answer.message}`;
  return busybox === undefined ? 'no static busybox to make images of (Debian: busybox-static)' : false;
}

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(
  (path) => existsSync(path) && !readFileSync(path).includes('/lib64/ld-linux'),
);

/** Files to make an image of, and `busybox`: a shell and a web server in one program. */
export async function putProject(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  await copyFile(busybox!, join(directory, 'busybox'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}
