/** All containers and images of a home, for whoever starts, ends or removes the home itself. */
import { Failure } from '../../../domain/base/failure.ts';
import { repositoryOf } from './bring-image.ts';
import { labels } from './container-config.ts';
import { inspectContainer, leaveStopped, listContainers, removeContainer, stopContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { removeTag, tagsOf } from './images.ts';

export interface OwnContainers {
  /** Names of those that run. */
  running(): Promise<readonly string[]>;
  stop(name: string, graceMs: number): Promise<void>;
  /** Also of images; whatever still runs is ended at once. */
  removeAll(): Promise<void>;
}

/** Where no engine answers nothing of ours runs, and who never used one must not be kept from anything. */
export function ownContainers(engine: Engine, home: string): OwnContainers {
  const ids = async () => (await listContainers(engine, { [labels.home]: home })).map(({ id }) => id);
  return {
    running: () => orNone(async () => runningOf(engine, await ids())),
    async stop(name, graceMs) {
      await leaveStopped(engine, name);
      await stopContainer(engine, name, graceMs);
    },
    async removeAll() {
      await orNone(async () => Promise.all((await ids()).map((id) => removeContainer(engine, id))));
      // One after the other: an engine that removes two images with layers in common at once fails at one of them.
      for (const { tag } of await orNone(() => tagsOf(engine, repositoryOf(home))))
        await removeTag(engine, repositoryOf(home), tag);
    },
  };
}

async function runningOf(engine: Engine, ids: readonly string[]): Promise<readonly string[]> {
  const containers = await Promise.all(ids.map((id) => inspectContainer(engine, id)));
  return containers.flatMap((one) =>
    one !== undefined && (one.State.Running || one.State.Restarting) ? [one.Name.replace(/^\//, '')] : [],
  );
}

async function orNone<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await look();
  } catch (thrown) {
    if (thrown instanceof Failure && ['docker/unreachable', 'input/invalid'].includes(thrown.code)) return [];
    throw thrown;
  }
}
