/** Makes or takes the image of a release and puts it into the output of its build. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../../domain/base/failure.ts';
import type { ImageWish } from '../../../ports/images.ts';
import type { Engine } from './engine.ts';
import {
  archiveName,
  digestPattern,
  imageFolder,
  readReference,
  recordName,
  type ImageRecord,
} from './image-record.ts';
import { buildImage, inspectImage, pullImage, saveImage, type Image } from './images.ts';

export interface KeepParts {
  readonly engine: Engine;
  /** Where the build works. */
  readonly directory: string;
  /** An archive of what a Dockerfile may use. */
  readonly context: (dockerfile: string) => Promise<Readable>;
  readonly say: (text: string) => void;
}

/** Answers the digest of the image. The record is written last: where it is, the archive is whole. */
export async function keepImage(parts: KeepParts, wish: ImageWish): Promise<string> {
  const { engine, directory, say } = parts;
  const { image, reference } =
    wish.spec.from === 'dockerfile' ? await build(parts, wish) : await take(parts, wish.spec.path);
  const folder = join(directory, wish.output, imageFolder);
  await mkdir(folder, { recursive: true });
  await pipeline(await saveImage(engine, image.id), createWriteStream(join(folder, archiveName)));
  const record: ImageRecord = {
    id: image.id,
    layers: [...image.layers],
    ...(reference === undefined ? {} : { reference }),
  };
  await writeFile(join(folder, recordName), JSON.stringify(record, undefined, 2));
  say(`the image ${image.id} is part of the artifact\n`);
  return image.id;
}

interface Made {
  readonly image: Image;
  readonly reference?: string;
}

async function build({ engine, context, say }: KeepParts, wish: ImageWish): Promise<Made> {
  const dockerfile = wish.spec.path;
  const files = await context(dockerfile);
  const id = await buildImage(engine, { ...wish, context: files, dockerfile }, say);
  return { image: await existing(engine, id) };
}

/** What the build made itself, or pushed: only its digest says that it is that. */
async function take({ engine, directory, say }: KeepParts, path: string): Promise<Made> {
  const text = await readFile(join(directory, path), 'utf8').catch((cause: unknown) => {
    throw new Failure(
      'image/invalid',
      `the build was to write the digest of its image into ${path}, and there is no such file`,
      { cause },
    );
  });
  const reference = readReference(text, path);
  const known = await inspectImage(engine, reference);
  if (known !== undefined) return { image: known, reference };
  if (digestPattern.test(reference)) return { image: await existing(engine, reference), reference };
  say(`pulling ${reference}\n`);
  await pullImage(engine, reference);
  return { image: await existing(engine, reference), reference };
}

async function existing(engine: Engine, reference: string): Promise<Image> {
  const image = await inspectImage(engine, reference);
  if (image !== undefined) return image;
  throw new Failure('image/missing', `the Docker engine does not have ${reference}`, {
    hint: 'Something removed it while it was built, or it was built by another engine.',
  });
}
