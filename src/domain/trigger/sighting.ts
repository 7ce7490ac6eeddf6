/** Which triggers a branch or tag satisfies (R11: the same sighting twice is one event). */
import { matchesGlob } from '../base/glob.ts';
import type { EnvironmentSpec } from '../pipeline/environment.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

export interface SeenRef {
  /** Full name: `refs/heads/main`, `refs/tags/v1.2.0`. */
  readonly ref: string;
  readonly commit: string;
}

export interface RefSighting {
  readonly trigger: 'commit' | 'main' | 'tag';
  readonly key: string;
}

/** The triggers of this environment that this ref satisfies. */
export function sightings(spec: EnvironmentSpec, mainBranch: string, seen: SeenRef): readonly RefSighting[] {
  const branch = nameUnder('refs/heads/', seen.ref);
  const tag = nameUnder('refs/tags/', seen.ref);
  return spec.triggers.flatMap((trigger): RefSighting[] => {
    if (trigger.on === 'commit' && branch !== undefined && trigger.branches.some((glob) => matchesGlob(glob, branch))) {
      return [{ trigger: 'commit', key: `commit:${seen.commit}` }];
    }
    if (trigger.on === 'main' && branch === mainBranch) return [{ trigger: 'main', key: `main:${seen.commit}` }];
    if (trigger.on === 'tag' && tag !== undefined && matchesGlob(trigger.pattern, tag)) {
      return [{ trigger: 'tag', key: `tag:${tag}:${seen.commit}` }];
    }
    return [];
  });
}

/**
 * True when the commit at this ref is worth building: some environment waits for such an event. Where none waits for
 * any (people, schedules and successes start everything), the main branch is what there is to choose from.
 */
export function isWanted(pipeline: Pipeline, seen: SeenRef): boolean {
  const { environments, mainBranch } = pipeline;
  if (environments.some((spec) => sightings(spec, mainBranch, seen).length > 0)) return true;
  return seen.ref === `refs/heads/${mainBranch}` && !environments.some(waitsForRefs);
}

function waitsForRefs({ triggers }: EnvironmentSpec): boolean {
  return triggers.some(({ on }) => on === 'commit' || on === 'main' || on === 'tag');
}

function nameUnder(prefix: string, ref: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}
