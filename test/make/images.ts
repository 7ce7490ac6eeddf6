/** Images made by the program that makes them for a control plane. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDockerTarget, type DockerTargetParts } from '../../src/adapters/targets/docker/docker-target.ts';
import { createEngine } from '../../src/adapters/targets/docker/engine.ts';
import { createImages } from '../../src/adapters/targets/docker/image-task.ts';
import type { Images } from '../../src/ports/images.ts';
import type { Target } from '../../src/ports/target.ts';

/** Of a world in which nobody deploys to containers, until somebody does. */
export function dockerTargetOf(parts: Omit<DockerTargetParts, 'engine' | 'home'>): Target {
  return createDockerTarget({ ...parts, engine: createEngine({ dockerHost: undefined }), home: 'test' });
}

export function imagesAt(dockerHost?: string): Images {
  return createImages({
    dockerHost,
    nodePath: process.execPath,
    program: join(fileURLToPath(new URL('../..', import.meta.url)), 'src/main/image-program.ts'),
  });
}
