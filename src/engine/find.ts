/** Finds what people name: projects, environments, releases, promotions. */
import { Failure } from '../domain/base/failure.ts';
import { isId, type ProjectId, type PromotionId } from '../domain/base/id.ts';
import type { Environment, Project, PromotionRow, StoredRelease } from '../ports/records.ts';
import type { RolloutRow } from '../ports/rollouts.ts';
import type { Transaction } from '../ports/store.ts';

export async function findProject(tx: Transaction, name: string | undefined): Promise<Project> {
  if (name !== undefined) {
    const project = await tx.projects.byName(name);
    if (project !== undefined) return project;
  }
  const projects = await tx.projects.list();
  const [only] = projects;
  if (name === undefined && only !== undefined && projects.length === 1) return only;
  const names = projects.map((project) => project.name).join(', ');
  if (name === undefined && projects.length > 1)
    throw new Failure('project/unknown', `there are several projects: ${names}`, { hint: 'name one with --project' });
  const message = name === undefined ? 'there is no project yet' : `there is no project ${name}`;
  throw new Failure('project/unknown', message, {
    hint: names === '' ? 'liftlock up in a repository with a liftlock.yaml' : `projects: ${names}`,
  });
}

export async function findEnvironment(tx: Transaction, project: ProjectId, name: string): Promise<Environment> {
  const all = await tx.environments.ofProject(project);
  const environments = all.filter(({ retired }) => !retired);
  const found = environments.find(({ spec }) => spec.name === name);
  if (found !== undefined) return found;
  if (all.some(({ spec }) => spec.name === name))
    throw new Failure('environment/unknown', `${name} was removed from the pipeline`, {
      hint: `liftlock stop ${name} ends what still runs there`,
    });
  const names = environments.map(({ spec }) => spec.name).join(', ');
  throw new Failure('environment/unknown', `there is no environment ${name}`, { hint: `environments: ${names}` });
}

/** The latest that entered the environment step by step, or the one that is named. @throws Failure `rollout/none`. */
export async function findRollout(
  tx: Transaction,
  named: { project: string | undefined; environment: string; promotion?: string | undefined },
): Promise<{ readonly environment: Environment; readonly row: RolloutRow; readonly promotion: PromotionRow }> {
  const project = await findProject(tx, named.project);
  const environment = await findEnvironment(tx, project.id, named.environment);
  const row =
    named.promotion === undefined
      ? await tx.rollouts.latest(environment.id)
      : await tx.rollouts.get(named.promotion as PromotionId);
  const promotion = row && (await tx.promotions.get(row.rollout.promotion));
  if (row === undefined || promotion === undefined || row.environment !== environment.id)
    throw new Failure('rollout/none', `no release has entered ${named.environment} step by step`, {
      hint: hintOfSteps(environment),
    });
  return { environment, row, promotion };
}

function hintOfSteps({ spec }: Environment): string {
  return spec.rollout.strategy === 'all-at-once' || spec.rollout.strategy === 'recreate'
    ? 'write rollout: canary, or blue-green with checks, in liftlock.yaml'
    : `its rollout is ${spec.rollout.strategy}: the next release that replaces one does, if there are steps to take`;
}

/** By id, number, commit, tag, branch or `latest`; see `Transaction.releases.find`. */
export async function findRelease(tx: Transaction, project: ProjectId, text: string): Promise<StoredRelease> {
  const found = await tx.releases.find(project, text);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) return refuseUnknown(tx, project, text);
  const numbers = found
    .slice(0, 5)
    .map((release) => `#${release.number} ${release.content.commit.slice(0, 10)}`)
    .join(', ');
  throw new Failure('release/ambiguous', `${text} could be any of ${numbers}`, {
    hint: 'write more of it, or the number',
  });
}

async function refuseUnknown(tx: Transaction, project: ProjectId, text: string): Promise<never> {
  const builds = await tx.builds.recent(project, 50);
  const build = builds.find(
    ({ commit, number }) => (text.length >= 4 && commit.startsWith(text)) || `${number}` === text.replace(/^#/, ''),
  );
  if (build !== undefined && build.state !== 'built') {
    const because = build.reason === undefined ? '' : `: ${build.reason}`;
    throw new Failure(
      'release/not-built',
      `build #${build.number} of ${build.commit.slice(0, 10)} ${build.state === 'failed' || build.state === 'errored' ? build.state : `is ${build.state}`}${because}`,
      { hint: `liftlock logs build/${build.number}` },
    );
  }
  const [newest] = builds;
  if (newest === undefined)
    throw new Failure('release/unknown', 'there is no release yet, and nothing is being built', {
      hint: 'commit to the repository; liftlock notify makes Liftlock look at once',
    });
  if (builds.every(({ state }) => state !== 'built')) {
    throw new Failure(
      'release/not-built',
      `there is no release yet: build #${newest.number} of ${newest.commit.slice(0, 10)} is ${newest.state}`,
      { hint: `liftlock logs build/${newest.number}` },
    );
  }
  throw new Failure('release/unknown', `there is no release ${text}`, { hint: 'liftlock release list' });
}

export async function findPromotion(tx: Transaction, text: string): Promise<PromotionRow> {
  const row = isId('prm', text) ? await tx.promotions.get(text as PromotionId) : undefined;
  if (row === undefined)
    throw new Failure('promotion/unknown', `there is no promotion ${text}`, { hint: 'liftlock status' });
  return row;
}
