import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../../../domain/base/digest.ts';
import { Failure } from '../../../domain/base/failure.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Deployment } from '../../../ports/target.ts';
import type { Engine } from './engine.ts';
import { archiveName, imageFolder, readImageRecord, type ImageRecord } from './image-record.ts';
import { inspectImage, loadImage, tagImage } from './images.ts';

/** The name under which images of a home are kept from whoever tidies up what has none; it is never asked for. */
export function repositoryOf(home: string): string {
  return `liftlock-${home}`;
}

/**
 * Sees to it that the engine has the image of the artifact, and answers its digest. The artifact was verified when it was unpacked;
 * an engine names an image by the digest of what it is made of, so that one which has the digest has the image.
 */
export async function bringImage(
  { engine, artifacts, home }: { readonly engine: Engine; readonly artifacts: Artifacts; readonly home: string },
  { release }: Deployment,
): Promise<string> {
  const directory = await artifacts.unpack(release.artifact);
  const record = await readImageRecord(directory);
  if (!(await has(engine, record))) {
    await loadImage(engine, createReadStream(join(directory, imageFolder, archiveName)));
    if (!(await has(engine, record)))
      throw new Failure(
        'image/invalid',
        `the engine loaded the image of release #${release.number} and has no ${record.id} now`,
        {
          hint: 'It names images in another way than the engine that built this one (classic or containerd store): build the release with this engine.',
        },
      );
  }
  await tagImage(engine, record.id, { repository: repositoryOf(home), tag: hexOf(release.artifact) });
  return record.id;
}

async function has(engine: Engine, record: ImageRecord): Promise<boolean> {
  const found = await inspectImage(engine, record.id);
  return found !== undefined && found.id === record.id && found.layers.join() === record.layers.join();
}
