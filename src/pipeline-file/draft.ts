/** As much of a pipeline file as can be understood, so that one mistake does not hide the others. */
import type { z } from 'zod';
import { environmentFile } from './environment-schema.ts';
import type { EnvironmentFile } from './environment-schema.ts';
import { pipelineFile } from './schema.ts';
import type { PipelineFile } from './schema.ts';

/** Every key that is right on its own is there; what is wrong, unknown or not written is absent. */
export interface Draft extends Partial<Omit<PipelineFile, 'environments'>> {
  readonly environments: readonly EnvironmentDraft[];
}

export interface EnvironmentDraft extends Partial<EnvironmentFile> {
  /** Keys that are written at all, right or wrong. */
  readonly written: ReadonlySet<string>;
  /** What stands as its name, even when it is not a valid one; for messages and cross references. */
  readonly called: string | undefined;
}

/** Reads every key of the file and of each environment on its own. */
export function draftOf(value: unknown): Draft {
  const { environments, ...rest } = fieldsOf(value);
  const list: readonly unknown[] = Array.isArray(environments) ? environments : [];
  const parts: Partial<PipelineFile> = validParts(pipelineFile.omit({ environments: true }), rest);
  return { ...parts, environments: list.map(environmentDraft) };
}

function environmentDraft(value: unknown): EnvironmentDraft {
  const fields = fieldsOf(value);
  const called = typeof fields['name'] === 'string' ? fields['name'] : undefined;
  const parts: Partial<EnvironmentFile> = validParts(environmentFile, fields);
  const variables: NonNullable<EnvironmentFile['variables']> = validEntries(
    environmentFile.shape.variables,
    fields['variables'],
  );
  return { ...parts, variables, written: new Set(Object.keys(fields)), called };
}

function validParts(schema: z.ZodObject, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(schema.shape)) {
    const parsed = (part as z.ZodType).safeParse(fields[key]);
    if (parsed.success && parsed.data !== undefined) parts[key] = parsed.data;
  }
  return parts;
}

/** The entries of a mapping of names that are right on their own. */
function validEntries<Entry>(
  schema: z.ZodType<Readonly<Record<string, Entry>> | undefined>,
  value: unknown,
): Record<string, Entry> {
  const right = Object.entries(fieldsOf(value)).map(([name, entry]) => schema.safeParse({ [name]: entry }).data ?? {});
  return Object.assign({}, ...right) as Record<string, Entry>;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
