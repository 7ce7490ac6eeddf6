/**
 * Judges again what was judged under other keys, roles or rules than those of now, or could not be found out: all of it, a part in
 * each transaction. What is due follows from the rows, so whoever is killed over it leaves the rest to the next look.
 */
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import type { OutdatedJudgement, StoredSigner } from '../../ports/trust.ts';
import { inspectCommits, inspectTags, type Inspected } from './inspect.ts';
import { isUnclear, judgeAll, judgingOf, mainRefOf, wakeAll, type Judging } from './judge-events.ts';
import { continued, objectOf, type Fetched, type Looking } from './scrutiny.ts';
import type { World } from '../world.ts';

const page = 100;
/** One project does not keep the others waiting: the rest follows at the next look, which is then due. */
const mostTime = 20_000 as Duration;

/** Commits of main before tags, each in the order in which they came: what rests on another comes after it. Answers whether an answer changed. */
export async function judgeOutdated(world: World, fetched: Fetched): Promise<boolean> {
  const until = plus(world.clock.now(), mostTime);
  let changed = false;
  for (const kind of ['staging', 'production'] as const)
    for (let after = 0; ;) {
      const due = await world.store.transaction((tx) => load(world, tx, { fetched, kind, after }));
      if (due === undefined) break;
      if (world.clock.now() > until) {
        await world.store.transaction((tx) => goOnSoon(world, tx, fetched));
        return changed;
      }
      const inspected = await inspectAgain(world, fetched, due);
      changed = (await world.store.transaction((tx) => record(world, tx, { fetched, due, inspected }))) || changed;
      after = due.rows.at(-1)!.seq;
    }
  return changed;
}

interface Due {
  readonly judging: Judging;
  readonly signers: readonly StoredSigner[];
  /** At least one. */
  readonly rows: readonly OutdatedJudgement[];
}

async function load(
  world: World,
  tx: Transaction,
  { fetched, kind, after }: { fetched: Fetched; kind: OutdatedJudgement['class']; after: number },
): Promise<Due | undefined> {
  const judging = await judgingOf(world, tx, fetched.project.id);
  if (judging === undefined) return undefined;
  const now = { class: kind, standing: judging.registry.standing, policy: judging.policy };
  const rows = await tx.judgements.outdated(judging.project, now, { after, limit: page });
  return rows.length === 0 ? undefined : { judging, rows, signers: await tx.signers.list() };
}

/** What a new key may say more about, and what nobody could find out; the rest is judged by what was found before. */
async function inspectAgain(
  world: World,
  fetched: Fetched,
  { judging, signers, rows }: Due,
): Promise<readonly Inspected[]> {
  const { project, tips, at } = fetched;
  const repository = { key: project.id, url: project.sourceUrl };
  const mainRef = mainRefOf(judging.pipeline);
  const inspecting = { repository, keys: signers, at };
  const looking: Looking = { ...fetched, repository, inspecting, mainRef, added: [] };
  const unclear = rows.filter((row) => isUnclear(row, judging.registry));
  const keys = new Set(unclear.map(({ ref, object }) => `${ref} ${object}`));
  const tags = tips.filter((tip) => tip.ref.startsWith('refs/tags/') && keys.has(`${tip.ref} ${objectOf(tip)}`));
  const tip = tips.find(({ ref }) => ref === mainRef)?.commit;
  const commits = unclear.flatMap(({ class: kind, ref, object }) =>
    kind === 'staging' && ref === mainRef ? [object] : [],
  );
  if (commits.length === 0 || tip === undefined) return inspectTags(world, inspecting, tags);
  const line = await continued(world, looking, { line: judging.line, tip });
  return inspectCommits(world, inspecting, { commits, line });
}

async function record(
  world: World,
  tx: Transaction,
  { fetched, due, inspected }: { fetched: Fetched; due: Due; inspected: readonly Inspected[] },
): Promise<boolean> {
  const { id } = fetched.project;
  await tx.projects.lock(id);
  const judging = await judgingOf(world, tx, id);
  // With other keys by now, what was inspected is no longer what would be found: it stays due.
  if (judging === undefined || judging.registry.version !== due.judging.registry.version) return false;
  const news = new Map(inspected.map((one) => [`${one.ref} ${one.object}`, one]));
  const registryVersion = judging.registry.version;
  const events = due.rows.map((row) => news.get(`${row.ref} ${row.object}`) ?? { ...row, registryVersion });
  const changed = await judgeAll(world, tx, { judging, events });
  if (changed) await wakeAll(tx, id, judging.now);
  return changed;
}

async function goOnSoon(world: World, tx: Transaction, { project }: Fetched): Promise<void> {
  const row = await tx.projects.lock(project.id);
  if (row !== undefined) await tx.projects.setPoll(project.id, { ...row.poll, dueAt: world.clock.now() });
}
