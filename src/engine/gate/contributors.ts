/** R22: looks up who had a hand in the commits that a waiting promotion would bring, so that gates can tell. */
import { coAuthors, sameAddress, type Contributor } from '../../domain/access/independence.ts';
import { asFailure } from '../../domain/base/failure.ts';
import type { Contribution } from '../../domain/promotion/facts.ts';
import type { CommitSpan, FoundContributors } from '../../ports/approvals.ts';
import type { CommitInfo, RepositoryRef } from '../../ports/source.ts';
import { reconcile } from '../promotion/reconcile.ts';
import type { World } from '../world.ts';

/** Beyond it nobody can tell who wrote it all, and nobody is taken for independent. */
const mostCommits = 10_000;
const batch = 50;

/** Every span that an approval waits for. What cannot be read stays due, with growing pauses; it does not throw. */
export async function sweepContributors(world: World): Promise<void> {
  const due = await world.store.transaction((tx) => tx.contributions.due(world.clock.now(), batch));
  for (const span of due) await lookUp(world, span);
}

/**
 * The same for a release that nobody has asked for yet, and kept nowhere: whoever signs or vouches for one of its commits before
 * somebody asks has a hand in it, too. `undefined` when it cannot be told now.
 */
export async function contributionBeforehand(world: World, span: CommitSpan): Promise<Contribution | undefined> {
  try {
    const found = await contributorsOf(world, span);
    if (found?.complete !== true) return undefined;
    return { known: true, contributors: found.contributors, commits: found.commits };
  } catch (thrown) {
    if (asFailure(thrown).code === 'database/unreachable') throw thrown;
    return undefined;
  }
}

async function lookUp(world: World, span: CommitSpan): Promise<void> {
  const environments = await world.store.transaction(async (tx) =>
    (await tx.environments.ofProject(span.project)).filter(({ retired }) => !retired),
  );
  try {
    const found = await contributorsOf(world, span);
    if (found === undefined) return;
    await world.store.transaction((tx) => tx.contributions.record(span, found));
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    await world.store.transaction((tx) =>
      tx.contributions.fail(span, { problem: failure.message, at: world.clock.now() }),
    );
    world.log.warn('who wrote the commits of a release could not be looked up', { reason: failure.message });
  }
  for (const { id } of environments) await reconcile(world, id);
}

async function contributorsOf(world: World, span: CommitSpan): Promise<FoundContributors | undefined> {
  const known = await world.store.transaction(async (tx) => ({
    project: await tx.projects.get(span.project),
    first: span.from === undefined ? await tx.contributions.firstBuilt(span.project) : undefined,
  }));
  if (known.project === undefined) return undefined;
  const repository = { key: known.project.id, url: known.project.sourceUrl };
  const { commits, complete } = await commitsOf(world, repository, { ...span, first: known.first });
  const ids = commits.map(({ id }) => id);
  const signers = await world.store.transaction((tx) => tx.judgements.signersOf(span.project, ids));
  return { contributors: [...handsIn(commits), ...signers.map(signed)], commits: commits.length, complete };
}

/** What is new in `to`, and what going back to it takes away; before the first deployment everything since the first build. */
async function commitsOf(
  world: World,
  repository: RepositoryRef,
  { from, to, first }: Pick<CommitSpan, 'from' | 'to'> & { readonly first: string | undefined },
): Promise<{ readonly commits: readonly CommitInfo[]; readonly complete: boolean }> {
  const limit = mostCommits + 1;
  const log = (older: string | undefined, newer: string) =>
    world.source.log(repository, { ...(older === undefined ? {} : { from: older }), to: newer, limit });
  const commits =
    from === undefined
      ? [...(await log(first, to)), await world.source.commit(repository, first ?? to)]
      : [...(await log(from, to)), ...(await log(to, from))];
  return { commits: commits.slice(0, mostCommits), complete: commits.length <= mostCommits };
}

function signed({ handle, commit }: { handle: string; commit: string }): Contributor {
  return { as: 'signer', name: handle, handle, commit };
}

/** Each address once, as what it is first found to be. */
function handsIn(commits: readonly CommitInfo[]): readonly Contributor[] {
  const hands = new Map<string, Contributor>();
  const add = (hand: Contributor & { readonly email: string }) => {
    const address = sameAddress(hand.email);
    if (!hands.has(address)) hands.set(address, hand);
  };
  for (const { id, author, message } of commits) {
    add({ as: 'author', name: author.name, email: author.email, commit: id });
    for (const { name, email } of coAuthors(message)) add({ as: 'co-author', name, email, commit: id });
  }
  return [...hands.values()];
}
