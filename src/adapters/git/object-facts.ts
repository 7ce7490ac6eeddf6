/** Types and sizes of objects, without reading them. */
import { Failure } from '../../domain/base/failure.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { runGit } from './run-git.ts';

export interface ObjectFacts {
  readonly type: string;
  readonly size: number;
}

/** Those that are not there are left out. The ids must be 40 or 64 digits and different from each other. */
export async function checkObjects(
  git: Git,
  repository: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ObjectFacts>> {
  const facts = new Map<string, ObjectFacts>();
  if (ids.length === 0) return facts;
  const checked = await runGit(git, {
    repository,
    arguments: ['cat-file', '--batch-check'],
    input: ids.map((id) => `${id}\n`).join(''),
  });
  if (checked.value === undefined) throw readFailure('looking up objects', checked, git.timeoutMs);
  const lines = checked.value.toString('latin1').split('\n').slice(0, -1);
  for (const [index, id] of ids.entries()) {
    const line = lines[index] ?? '';
    if (line === `${id} missing` || line === `${id} ambiguous`) continue;
    const [, found, type, size] = /^([0-9a-f]+) ([a-z]+) (\d+)$/.exec(line) ?? [];
    // In a SHA-256 repository 40 digits may be the beginning of an id.
    if (found !== undefined && found.length > id.length) continue;
    if (found !== id || type === undefined)
      throw new Failure('source/invalid', `git answered ${JSON.stringify(line.slice(0, 200))} for object ${id}`);
    facts.set(id, { type, size: Number(size) });
  }
  return facts;
}
