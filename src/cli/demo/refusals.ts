/** What Liftlock does not let through, and why: the same words that `liftlock why` and `liftlock verify` say. */
import type { WhyView } from '../../api/contract/explanations.ts';
import type { VerifiedRefView } from '../../api/contract/trust.ts';
import { environment, push, verifiedIn, type Stage } from './stage.ts';

/** Straight to main and unsigned: built and tested like any commit, and no further. Then main is put back. */
export async function unsignedCommit(stage: Stage): Promise<void> {
  const { cast, repository, timeline, path, run } = stage;
  const before = await repository.head('refs/heads/main');
  timeline.say('Dana is in a hurry and commits straight to main, unsigned');
  const author = { name: cast.dana.name, email: cast.dana.email };
  const commit = await repository.commitToMain({ message: `fix: a quick one (${run})`, author });
  await push(stage);
  const number = await verifiedIn(stage, 'testing', commit);
  await refused(stage, 'main', 'UNSIGNED');
  const why = await cast.dana.client.get<WhyView>(`${path}/why`, { release: String(number), environment: 'staging' });
  if (why.promotion !== null) throw new Error(`an unsigned commit asks to enter staging: ${why.sentence}`);
  await taggedTooEarly(stage, commit);
  await repository.resetMain(before);
  await push(stage);
  await seen(stage, before);
  await cast.mats.client.post(`${path}/source/acknowledge`, { reason: 'an unsigned commit was taken off main' });
  timeline.say('main is put back where it was; Mats acknowledges it, and main counts again');
}

/** Until Liftlock has seen where main is. */
async function seen({ cast, path, timeline }: Stage, commit: string): Promise<void> {
  for (;;) {
    const view = await cast.mats.client.get<VerifiedRefView>(`${path}/verify`, { ref: 'main' }).catch(() => undefined);
    if (view?.commit === commit) return;
    await timeline.until('main to be looked at', () => true);
  }
}

/** A good signature of the right person, on something that never passed staging. */
async function taggedTooEarly(stage: Stage, commit: string): Promise<void> {
  const { cast, repository, timeline } = stage;
  const name = await nextVersion(stage);
  await repository.tag({ name, commit, message: `${name}\n\nToo early.`, author: cast.rita });
  timeline.say(`Rita signs ${name} on that commit by mistake`);
  await push(stage);
  await refused(stage, name, 'NOT_PASSED_STAGING');
}

async function refused({ cast, path, timeline }: Stage, ref: string, code: string): Promise<void> {
  for (;;) {
    const view = await cast.mats.client.get<VerifiedRefView>(`${path}/verify`, { ref }).catch(() => undefined);
    const check = view?.classes.flatMap(({ checks }) => checks).find((one) => one.code === code && !one.passed);
    if (check !== undefined) return timeline.say(`✋ ${ref}: refused, ${check.sentence} (${code})`);
    await timeline.until(`${ref} to be judged`, () => true);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Its unit tests pass, the acceptance test in testing does not: it never gets to be merged. */
export async function brokenChange(stage: Stage): Promise<void> {
  const { cast, repository, timeline, path, run } = stage;
  const commit = await repository.change({
    change: '02-broken-total',
    branch: 'dev/faster-orders',
    author: cast.dana,
    note: run,
  });
  await push(stage);
  const number = await timeline.until('testing to refuse the change', (status) => {
    const testing = environment(status, 'testing');
    const failed = [testing.last, ...testing.waiting].find((one) => one?.kind === 'rollback');
    const newest = status.newest?.commit === commit ? status.newest.number : undefined;
    const settled = testing.active === null && testing.waiting.length === 0 && failed !== undefined;
    return settled && newest !== undefined && testing.running?.release.number !== newest ? newest : undefined;
  });
  const why = await cast.dana.client.get<WhyView>(`${path}/why`, { release: String(number), environment: 'staging' });
  if (why.standing !== 'closed')
    throw new Error(`release #${number} should not be able to enter staging, but: ${why.sentence}`);
  timeline.say(`✋ why not further: ${why.sentence.split('\n')[0]}`);
}

/** The next minor version after all there are. */
export async function nextVersion({ repository }: Stage): Promise<string> {
  const minors = (await repository.tags()).map((tag) => Number(/^v1\.(\d+)\.0$/.exec(tag)?.[1] ?? -1));
  return `v1.${Math.max(-1, ...minors) + 1}.0`;
}
