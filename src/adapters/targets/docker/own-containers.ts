/** All containers, images and volumes of a home, for whoever starts, ends or removes the home itself. */
import { repositoryOf } from './bring-image.ts';
import { labels } from './container-config.ts';
import { inspectContainer, leaveStopped, listContainers, removeContainer, stopContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { whereThereIsOne } from './engine-failure.ts';
import { removeTag, tagsOf } from './images.ts';
import { listVolumes, removeVolume } from './volumes.ts';

export interface OwnContainers {
  /** Names of those that run. */
  running(): Promise<readonly string[]>;
  stop(name: string, graceMs: number): Promise<void>;
  /** Also of images, and what was kept in volumes; whatever still runs is ended at once. */
  removeAll(): Promise<void>;
}

export function ownContainers(engine: Engine, home: string): OwnContainers {
  const ids = async () => (await listContainers(engine, { [labels.home]: home })).map(({ id }) => id);
  return {
    running: () => whereThereIsOne(async () => runningOf(engine, await ids()), []),
    async stop(name, graceMs) {
      await leaveStopped(engine, name);
      await stopContainer(engine, name, graceMs);
    },
    async removeAll() {
      await whereThereIsOne(async () => Promise.all((await ids()).map((id) => removeContainer(engine, id))), []);
      for (const name of await whereThereIsOne(() => listVolumes(engine, `${labels.home}=${home}`), []))
        await removeVolume(engine, name);
      // One after the other: an engine that removes two images with layers in common at once fails at one of them.
      for (const { tag } of await whereThereIsOne(() => tagsOf(engine, repositoryOf(home)), []))
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
