/** The image of a release in its artifact: the archive that an engine loads, and beside it what it must be afterwards. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../../domain/base/failure.ts';
import { jsonOf } from './json.ts';

/** In the directory that becomes the artifact. */
export const imageFolder = '.liftlock-image';
export const archiveName = 'image.tar';
export const recordName = 'image.json';

export const digestPattern = /^sha256:[0-9a-f]{64}$/;

const record = z.object({
  id: z.string().regex(digestPattern),
  layers: z.array(z.string()),
  /** Where it came from, when the build named it so. */
  reference: z.string().optional(),
});
export type ImageRecord = z.infer<typeof record>;

/** @throws Failure `image/missing` when the artifact holds no image, `image/invalid` when what it holds cannot be read. */
export async function readImageRecord(artifact: string): Promise<ImageRecord> {
  const text = await readFile(join(artifact, imageFolder, recordName), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Failure('image/missing', 'the artifact of this release holds no image', {
      hint: `Write build.dockerfile or build.image in the pipeline file, see that build.exclude does not name ${imageFolder}, and build a new release.`,
      cause,
    });
  });
  const parsed = record.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new Failure('image/invalid', `the record of the image in the artifact cannot be read: ${text.slice(0, 200)}`);
}

/** What a file of a build says: `sha256:…` of an image of this engine, or `name@sha256:…` of one in a registry. A name alone may be another image tomorrow. */
export function readReference(text: string, file: string): string {
  const reference = text.trim();
  if (digestPattern.test(reference) || /^[\w][\w.:/-]*@sha256:[0-9a-f]{64}$/.test(reference)) return reference;
  throw new Failure(
    'image/invalid',
    `${file} does not name an image by its digest: ${JSON.stringify(reference.slice(0, 200))}`,
    {
      hint: 'docker build --iidfile image.txt writes the digest of what it built; docker push prints that of what it pushed: name@sha256:…',
    },
  );
}
