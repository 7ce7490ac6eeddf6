/** Images made by the program that makes them for a control plane. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createImages } from '../src/adapters/targets/docker/image-task.ts';
import type { Images } from '../src/ports/images.ts';

export function imagesAt(dockerHost?: string): Images {
  return createImages({
    dockerHost,
    nodePath: process.execPath,
    program: join(fileURLToPath(new URL('..', import.meta.url)), 'src/main/image-program.ts'),
  });
}
