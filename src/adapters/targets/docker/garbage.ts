/** Containers and images of ours that nobody will ask for again. What runs is never touched, whatever is kept. */
import { hexOf, type Digest } from '../../../domain/base/digest.ts';
import type { Clock } from '../../../ports/clock.ts';
import { repositoryOf } from './bring-image.ts';
import { labels } from './container-config.ts';
import { inspectContainer, listContainers, removeContainer, type Container } from './containers.ts';
import type { Engine } from './engine.ts';
import { whereThereIsOne } from './engine-failure.ts';
import { removeTag, tagsOf } from './images.ts';

/** A container that somebody is just about to start. */
const graceMs = 3_600_000;

interface GarbageParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly home: string;
}

/** Answers how many bytes of images were given up. */
export function collectGarbage(parts: GarbageParts, keep: ReadonlySet<Digest>): Promise<number> {
  return whereThereIsOne(() => collect(parts, keep), 0);
}

async function collect({ engine, clock, home }: GarbageParts, keep: ReadonlySet<Digest>): Promise<number> {
  const kept = new Set([...keep].map(hexOf));
  for (const { id, labels: said } of await listContainers(engine, { [labels.home]: home })) {
    const container = await inspectContainer(engine, id);
    if (container !== undefined && isGarbage(container, kept.has(said[labels.artifact] ?? ''), clock.now()))
      await removeContainer(engine, id);
  }
  let freed = 0;
  for (const { tag, bytes } of await tagsOf(engine, repositoryOf(home)))
    if (!kept.has(tag) && (await removeTag(engine, repositoryOf(home), tag))) freed += bytes;
  return freed;
}

/** Ended ones keep their output for as long as their release is kept; one that was never started is no use to anybody after a while. */
function isGarbage({ State, Created }: Container, isKept: boolean, now: number): boolean {
  if (now - Date.parse(Created) < graceMs) return false;
  return State.Status === 'created' || (!isKept && (State.Status === 'exited' || State.Status === 'dead'));
}
