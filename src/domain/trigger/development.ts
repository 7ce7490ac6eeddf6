/** Development: a commit on a branch that an environment looks at. Nobody is asked for a signature. */
import { matchesGlob } from '../base/glob.ts';
import { failed, judgementOf, passed, type Judgement } from './check.ts';

export interface BranchQuestion {
  readonly ref: string;
  /** Globs of every development trigger of the pipeline. */
  readonly branches: readonly string[];
}

export function judgeBranch({ ref, branches }: BranchQuestion): Judgement {
  const name = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  const glob = name === undefined ? undefined : branches.find((candidate) => matchesGlob(candidate, name));
  const asked = branches.length === 0 ? 'no environment looks at branches' : `they look at ${branches.join(', ')}`;
  const check =
    glob === undefined
      ? failed(
          'NOT_A_DEV_BRANCH',
          `${ref} is not a branch that starts anything: ${asked}`,
          'trigger: { on: commit, branches: [...] }',
        )
      : passed('NOT_A_DEV_BRANCH', `${name} is looked at by ${glob}`);
  return judgementOf('development', [check], 'branch');
}
