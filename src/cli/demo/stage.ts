/** What the steps of the demo share: who acts, what they act on, and who tells. */
import type { EnvironmentView, StatusView } from '../../api/contract/environments.ts';
import type { Cast, Member } from './cast.ts';
import type { SampleRepository } from './repository.ts';
import type { Timeline } from './timeline.ts';

export interface Stage {
  readonly cast: Cast;
  readonly repository: SampleRepository;
  readonly timeline: Timeline;
  /** `/api/v1/projects/bookshop` */
  readonly path: string;
  /** Makes what this run does another change than that of the run before. */
  readonly run: string;
}

/** Tells Liftlock to look, as a hook of the repository would. */
export async function push({ cast, path }: Stage): Promise<void> {
  await cast.dana.client.post(`${path}/notify`, {});
}

export function environment(status: StatusView, name: string): EnvironmentView {
  const found = status.environments.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the sample pipeline has no ${name}`);
  return found;
}

/** The number of the release of a commit, once it is verified in an environment and nothing else happens there. */
export async function verifiedIn({ timeline }: Stage, name: string, commit: string): Promise<number> {
  return timeline.until(`${name} to verify ${commit.slice(0, 10)}`, (status) => {
    const { running, active } = environment(status, name);
    return active === null && running?.release.commit === commit && running.verdict === 'PASS'
      ? running.release.number
      : undefined;
  });
}

export async function planOf(
  { path }: Stage,
  who: Member,
  { release, environment: name }: { release: number; environment: string },
): Promise<string> {
  const query = { release: String(release), environment: name };
  return (await who.client.get<{ planHash: string }>(`${path}/plan`, query)).planHash;
}
