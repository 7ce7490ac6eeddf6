/** A change on its whole way: written, reviewed, merged, tried, tagged, approved. Each step by the person whose step it is. */
import type { NotesView } from '../../api/contract/changes.ts';
import type { ReviewableView } from '../../api/contract/reviews.ts';
import type { SigningView } from '../../api/contract/trust.ts';
import { environment, planOf, push, verifiedIn, type Stage } from './stage.ts';

export interface Change {
  /** A folder of `examples/changes`. */
  readonly change: string;
  readonly branch: string;
  readonly version: string;
}

/** Answers the number of the release that production serves at the end. */
export async function releaseChange(stage: Stage, change: Change): Promise<number> {
  const number = await admit(stage, change);
  await serves(stage, number);
  return number;
}

/** Up to the moment in which every gate of production is open. */
export async function admit(stage: Stage, change: Change): Promise<number> {
  const merged = await toStaging(stage, change);
  await signOff(stage, merged);
  await tag(stage, { number: merged, version: change.version });
  await accept(stage, merged);
  await refuseAuthor(stage, merged);
  await approve(stage, merged, 'read the plan, the notes and the evidence');
  return merged;
}

async function toStaging(stage: Stage, { change, branch }: Change): Promise<number> {
  const { cast, repository, timeline, run } = stage;
  timeline.say(`Dana commits to ${branch}; that is enough for development and testing`);
  const commit = await repository.change({ change, branch, author: cast.dana, note: run });
  await push(stage);
  const number = await verifiedIn(stage, 'testing', commit);
  await review(stage, number);
  timeline.say('Mats merges it to main and signs the merge: the trigger of staging');
  const merge = await repository.merge(branch, cast.mats);
  await push(stage);
  return verifiedIn(stage, 'staging', merge);
}

async function review({ cast, path, timeline }: Stage, number: number): Promise<void> {
  const { client } = cast.mats;
  const { commits } = await client.get<ReviewableView>(`${path}/releases/${number}/reviews`, {
    environment: 'staging',
  });
  await client.post(`${path}/reviews`, {
    commits: commits.map(({ id }) => id),
    decision: 'approve',
    reason: 'clear, and tested',
  });
  timeline.say(`Mats reviews ${commits.length === 1 ? 'the commit' : `${commits.length} commits`} and approves`);
}

async function signOff({ cast, path, timeline }: Stage, number: number): Promise<void> {
  const reason = 'ordered three books, all arrived';
  await cast.quinn.client.post(`${path}/environments/staging/sign-off`, { release: String(number), reason });
  timeline.say(`Quinn tries #${number} in staging and signs it off: ${reason}`);
}

async function tag(stage: Stage, { number, version }: { number: number; version: string }): Promise<void> {
  const { cast, repository, path, timeline } = stage;
  const { rita } = cast;
  const signing = await rita.client.get<SigningView>(`${path}/releases/${number}/signing`, { version });
  const message = signing.message.trim();
  await repository.tag({ name: version, commit: signing.release.commit, message, author: rita });
  timeline.say(`Rita reads what ${version} would release and signs the tag: the trigger of production`);
  await push(stage);
  await waitsForPeople(stage, number);
}

/** Until production has looked at everything it can look at by itself. */
export async function waitsForPeople({ timeline }: Stage, number: number): Promise<void> {
  await timeline.until(`production to ask people about #${number}`, (status) => {
    const asked = environment(status, 'production').waiting.find(({ release }) => release.number === number);
    const blocking = asked?.answers.filter(({ answer }) => answer !== 'open') ?? [];
    return blocking.length > 0 && blocking.every(({ waitsFor }) => waitsFor === 'person') ? true : undefined;
  });
}

/** Notes and plan, each exactly as read. */
export async function accept(stage: Stage, number: number): Promise<void> {
  const { cast, path, timeline } = stage;
  const { client } = cast.rita;
  const place = `${path}/environments/production`;
  const release = String(number);
  const notes = await client.get<NotesView>(`${place}/notes`, { release });
  if (notes.acceptedAt === null) await client.post(`${place}/accept-notes`, { release, digest: notes.digest });
  const planHash = await planOf(stage, cast.rita, { release: number, environment: 'production' });
  await client.post(`${place}/accept-plan`, { release, planHash, reason: 'nothing unexpected' });
  timeline.say('Rita accepts the release notes and the deployment plan');
}

async function refuseAuthor(stage: Stage, number: number): Promise<void> {
  const { cast, path, timeline } = stage;
  const planHash = await planOf(stage, cast.dana, { release: number, environment: 'production' });
  const because = await cast.dana.client
    .post(`${path}/environments/production/approve`, { release: String(number), planHash, reason: 'it is good' })
    .then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
  if (because === undefined) throw new Error('the author could approve his own release');
  timeline.say(`✋ Dana tries to approve it: refused, ${because}`);
}

export async function approve(stage: Stage, number: number, reason: string): Promise<void> {
  const { cast, path } = stage;
  const planHash = await planOf(stage, cast.otis, { release: number, environment: 'production' });
  await cast.otis.client.post(`${path}/environments/production/approve`, { release: String(number), planHash, reason });
}

/** Until production serves it, verified. */
export async function serves({ timeline }: Stage, number: number): Promise<void> {
  await timeline.until(`production to serve #${number}`, (status) => {
    const { running, active } = environment(status, 'production');
    return active === null && running?.release.number === number && running.verdict === 'PASS' ? true : undefined;
  });
}
