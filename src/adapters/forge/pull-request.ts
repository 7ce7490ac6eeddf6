/** What pull requests of GitHub have in common with those of Gitea and Forgejo, whose API has the same shape here. */
import { z } from 'zod';
import type { Ask } from './ask-forge.ts';
import { lastWords, type Opinion, type Said } from './opinion.ts';

export const account = z.object({ login: z.string() }).nullable();

export const pullRequest = z.object({
  number: z.int(),
  user: account,
  base: z.object({ ref: z.string() }),
  head: z.object({ sha: z.string() }),
});

const commit = z.object({ author: account.optional(), committer: account.optional() });

interface Reviewed<Review> {
  readonly repository: string;
  readonly pull: z.output<typeof pullRequest>;
  readonly review: z.ZodType<Review>;
  /** What a review says, on the head that was merged or another one; nothing when it says nothing. */
  readonly said: (review: Review, head: string) => readonly Said[];
}

/** Of everybody who is not an author of any commit in it. */
export async function opinionsOf<Review>(
  ask: Ask,
  { repository, pull, review, said }: Reviewed<Review>,
): Promise<readonly Opinion[]> {
  const path = `/repos/${repository}/pulls/${pull.number}`;
  const reviews = await ask.all(`${path}/reviews`, review);
  const commits = await ask.all(`${path}/commits`, commit);
  const authors = [pull.user, ...commits.flatMap((one) => [one.author, one.committer])];
  return lastWords(
    reviews.flatMap((one) => said(one, pull.head.sha)),
    new Set(authors.flatMap((who) => who?.login ?? [])),
  );
}
