/** `Forge` over the APIs of GitHub, GitLab and Gitea (Forgejo). */
import type { Forge, ForgeRef, ForgeReview } from '../../ports/forge.ts';
import type { Outgoing } from '../../ports/outgoing.ts';
import { askForge } from './ask-forge.ts';
import { giteaChange } from './gitea.ts';
import { githubChange } from './github.ts';
import { gitlabChange } from './gitlab.ts';
import type { FindChange, Opinion } from './opinion.ts';

const finders: Readonly<Record<ForgeRef['kind'], FindChange>> = {
  github: githubChange,
  gitlab: gitlabChange,
  gitea: giteaChange,
};

export function createForge({ outgoing }: { outgoing: Outgoing }): Forge {
  return {
    async reviews(forge, { commits, branch }) {
      const ask = askForge(outgoing, forge);
      // Commits of one request share what is asked about it.
      const known = new Map<number, Promise<readonly Opinion[]>>();
      const reviews: ForgeReview[] = [];
      for (const commit of commits) {
        const change = await finders[forge.kind](ask, { repository: forge.repository, commit, branch });
        if (change === undefined) continue;
        const opinions = known.get(change.number) ?? change.opinions();
        known.set(change.number, opinions);
        for (const opinion of await opinions) reviews.push({ ...opinion, commit });
      }
      return reviews;
    },
  };
}
