/** What a home has in the Docker engine of its machine, and the name that says that it is this home's. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEngine } from '../adapters/targets/docker/engine.ts';
import { ownContainers, type OwnContainers } from '../adapters/targets/docker/own-containers.ts';

export function keySeedFile(directory: string): string {
  return join(directory, 'database.key');
}

/** Derived from the key of the home: nobody learns the key from it. */
export function homeNameOf(keySeed: string): string {
  return createHmac('sha256', keySeed).update('containers').digest('hex').slice(0, 12);
}

export function containersOf(keySeed: string, dockerHost: string | undefined): OwnContainers {
  return ownContainers(createEngine({ dockerHost }), homeNameOf(keySeed));
}

/** Of a home whose control plane is gone. One without a key never started anything. */
export async function containersOfHome(directory: string, dockerHost: string | undefined): Promise<OwnContainers> {
  const seed = await readFile(keySeedFile(directory), 'utf8').catch(() => undefined);
  if (seed !== undefined) return containersOf(seed.trim(), dockerHost);
  return { running: async () => [], stop: () => Promise.resolve(), removeAll: () => Promise.resolve() };
}
