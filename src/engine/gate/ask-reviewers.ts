/** What the forge knows of reviews of the commits between what runs and a release. */
import type { Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { factsOf } from '../../domain/promotion/facts.ts';
import type { Asked, Reply } from './ask-outside.ts';
import type { World } from '../world.ts';

/** Each is a question of its own; the rest can be reviewed here, or be promoted in between. */
const mostAsked = 100;

/** Never a yes or a no: the gate counts, and asks again while it is not satisfied. */
export async function askReviewers(world: World, asked: Asked): Promise<Reply> {
  const { project, environment, release, revision } = asked;
  const { forge, mainBranch } = revision.pipeline;
  if (forge === undefined) return { replied: true, answer: 'waiting', because: '' };
  const token = await world.secrets.read({ project: project.name, environment: environment.spec.name }, forge.token);
  if (token === undefined)
    throw new Failure('secret/missing', `the secret ${forge.token}, with which the forge is asked, is not there`, {
      hint: `liftlock secret set ${forge.token}`,
    });
  const commits = await world.store.transaction(async (tx) => {
    const facts = await tx.environments.facts(environment.id, { now: world.clock.now(), alsoRelease: release.id });
    return factsOf(facts, release.id).proofs.commits?.commits ?? [];
  });
  const wanted = commits.filter(({ cleanMerge }) => !cleanMerge).slice(0, mostAsked);
  const { kind, api, repository } = forge;
  const reviews = await world.forge.reviews(
    { kind, api, repository, token },
    { commits: wanted.map(({ id }) => id), branch: mainBranch },
  );
  const seen = new Set(reviews.map(({ commit }) => commit));
  const because = `knows reviews of ${seen.size} of ${wanted.length} commits`;
  const data = { reviews: reviews.map((review) => ({ ...review, by: `forge:${review.by}`, from: 'forge' })) };
  return { replied: true, answer: 'waiting', because, data: data as unknown as Json };
}
