/** The small values that requests and answers are made of. */
import { z } from 'zod';

export const instant = z.int().meta({ id: 'Instant', description: 'Milliseconds since 1970-01-01T00:00Z.' });

export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ id: 'Digest', description: '`sha256:` and 64 hexadecimal digits.' });

/** Line breaks and tabs are the only control characters that people write. */
export const printable = /^(?:[^\p{Cc}]|[\n\t])*$/u;

export const reason = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(printable)
  .describe('Why; recorded and shown. At most 1,000 characters.');

/** How people name a release: id or its beginning, number, commit or its beginning, tag, branch, `latest`. */
export const releaseName = z
  .string()
  .trim()
  .min(1)
  .max(250)
  .regex(printable)
  .describe('Id or its beginning, number (`12` or `#12`), commit or its beginning, tag, branch, or `latest`.');

export const environmentName = z.string().min(1).max(60).describe('Name of an environment.');

/** `_` stands for the only project there is; handlers then see `undefined`. */
export const projectName = z
  .string()
  .min(1)
  .max(60)
  .describe('Name of a project; `_` for the only one there is.')
  .transform((name) => (name === '_' ? undefined : name));

export const limit = z.coerce.number().int().min(1).max(200).default(50).describe('How many at most.');

export const cursor = z.string().min(1).max(60).describe('Where the page before ended; opaque.');

/** Cursor of the next page; null on the last one. */
export const nextCursor = z.string().nullable().describe('Give it as `cursor` for the next page; null: there is none.');

export const projectParams = z.strictObject({ project: projectName });
export const environmentParams = z.strictObject({ project: projectName, environment: environmentName });
export const releaseParams = z.strictObject({ project: projectName, release: releaseName });

export const releaseLink = z.object({ id: z.string(), number: z.int() }).meta({ id: 'ReleaseLink' });
export const titledRelease = z
  .object({ id: z.string(), number: z.int(), title: z.string() })
  .meta({ id: 'TitledRelease' });
export const committedRelease = z
  .object({ id: z.string(), number: z.int(), commit: z.string(), title: z.string() })
  .meta({ id: 'CommittedRelease' });
