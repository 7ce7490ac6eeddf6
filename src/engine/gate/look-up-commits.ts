/** What lies between what runs and a release, commit by commit: who wrote it, and which merges bring nothing of their own. */
import { coAuthors, sameAddress } from '../../domain/access/independence.ts';
import type { Json } from '../../domain/base/digest.ts';
import type { CommitInfo, RepositoryRef } from '../../ports/source.ts';
import type { Asked, Reply } from './ask-outside.ts';
import type { World } from '../world.ts';

/** Beyond this nobody has read them one by one anyway; the gate says so. */
const mostCommits = 500;

export async function lookUpCommits(world: World, { check, project }: Asked): Promise<Reply> {
  const [from = '', to = ''] = check.subject.split('..');
  const repository: RepositoryRef = { key: project.id, url: project.sourceUrl };
  const base = from === '' ? await firstParentOf(world, repository, to) : from;
  const found =
    base === undefined
      ? [await world.source.commit(repository, to)]
      : await world.source.log(repository, { from: base, to, limit: mostCommits + 1 });
  const commits = [];
  for (const commit of found.slice(0, mostCommits)) commits.push(await describe(world, repository, commit));
  const emails = [...new Set(commits.flatMap(({ authors }) => authors))];
  const complete = found.length <= mostCommits;
  const data = { commits, emails, complete } as unknown as Json;
  const count = commits.length === 1 ? 'one commit' : `${commits.length} commits`;
  return { replied: true, answer: 'open', because: `${count} since what runs`, data };
}

/** Before the first deployment there is nothing to compare with: the release's own commit, and what it merged, is what is new. */
async function firstParentOf(world: World, repository: RepositoryRef, id: string): Promise<string | undefined> {
  return (await world.source.commit(repository, id)).parents[0];
}

async function describe(world: World, repository: RepositoryRef, commit: CommitInfo) {
  const addresses = [commit.author.email, ...coAuthors(commit.message).map(({ email }) => email)].map(sameAddress);
  return {
    id: commit.id,
    subject: commit.subject.slice(0, 200),
    authors: [...new Set(addresses.filter((address) => address !== ''))],
    cleanMerge: await isCleanMerge(world, repository, commit),
  };
}

/** Its tree is what Git itself makes of its two parents; a conflict that somebody resolved is something of his own. */
async function isCleanMerge(world: World, repository: RepositoryRef, commit: CommitInfo): Promise<boolean> {
  const [ours, theirs, third] = commit.parents;
  if (ours === undefined || theirs === undefined || third !== undefined) return false;
  const answer = await world.source.merge(repository, [ours, theirs]);
  return answer.merged && answer.tree === commit.tree;
}
