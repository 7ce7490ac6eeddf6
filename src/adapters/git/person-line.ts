/** The `name <email> seconds zone` of an author, committer or tagger line. */
import type { PersonLine } from '../../domain/trigger/signed-object.ts';
import { malformed } from './stored-headers.ts';

/** @throws ObjectRefused for anything but the form that Git writes today. */
export function readPersonLine(header: string, value: string, decode: (bytes: Uint8Array) => string): PersonLine {
  const parts = /^([^<>]*)<([^<>]*)> (0|[1-9]\d{0,11}) [+-]\d{4}$/.exec(value);
  const [, name, email, seconds] = parts ?? [];
  if (name === undefined || email === undefined || seconds === undefined)
    throw malformed(`its ${header} line cannot be read`);
  const text = (part: string) => decode(Buffer.from(part, 'latin1')).trim();
  return { name: text(name), email: text(email), at: Number(seconds) * 1000 };
}
