/** What a look at the refs found, recorded and judged. */
import type { Instant } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import type { MainLine, StoredJudgement } from '../../ports/trust.ts';
import { actors } from '../announce.ts';
import { judgeAll, judgingOf, mainRefOf } from './judge-events.ts';
import { objectOf, type Fetched, type Scrutiny } from './scrutiny.ts';
import type { World } from '../world.ts';

/** In the transaction that records the moves of the refs, after them. Answers whether anything was judged otherwise. */
export async function recordScrutiny(
  world: World,
  tx: Transaction,
  { scrutiny, fetched, firstLook }: { scrutiny: Scrutiny; fetched: Fetched; firstLook: boolean },
): Promise<boolean> {
  const { project, pipeline, trusted, at } = fetched;
  for (const { ref, commits } of scrutiny.added) await tx.firstSeen.insert({ project: project.id, ref, commits, at });
  for (const { ref, object } of scrutiny.withoutCommit)
    await tx.refs.note({ project: project.id, ref, object, firstLook, at });
  if (scrutiny.line !== undefined) await recordLine(tx, { line: scrutiny.line, before: trusted.line, at });
  if (scrutiny.onMain !== undefined) await tx.judgements.setOnMain(project.id, mainRefOf(pipeline), scrutiny.onMain);
  const judging = await judgingOf(world, tx, project.id);
  if (judging === undefined) return false;
  const events = [...(await otherMeanings(tx, fetched, scrutiny)), ...scrutiny.inspected];
  return judgeAll(world, tx, { judging, events, inspectedWith: trusted.registry.version });
}

/** A tag that was moved means two things from now on, and starts nothing: neither what it names now nor what it named before. */
async function otherMeanings(
  tx: Transaction,
  { project, before, tips }: Fetched,
  { inspected, withoutCommit }: Scrutiny,
): Promise<readonly StoredJudgement[]> {
  const moved = tips.filter((tip) => before.get(tip.ref)?.object !== objectOf(tip));
  const refs = [...moved, ...withoutCommit].map(({ ref }) => ref).filter((ref) => ref.startsWith('refs/tags/'));
  const known = new Set(inspected.map(({ ref, object }) => `${ref} ${object}`));
  const rows = refs.length === 0 ? [] : await tx.judgements.ofRefs(project.id, refs);
  return rows.filter(({ ref, object }) => !known.has(`${ref} ${object}`));
}

async function recordLine(
  tx: Transaction,
  { line, before, at }: { line: MainLine; before: MainLine | undefined; at: Instant },
): Promise<void> {
  const { project, ref } = line;
  if (before === undefined) {
    await tx.mainLines.put(line);
    await tx.mainLines.addVerified({ project, commit: line.baseline.commit, how: 'baseline', at });
    await tx.events.append({
      kind: 'source.baseline-taken',
      actor: actors.source,
      at,
      project,
      data: { ref, commit: line.baseline.commit, root: line.root },
    });
    return;
  }
  if (line.rewound === undefined || before.rewound !== undefined) return;
  await tx.mainLines.put(line);
  const { from, to } = line.rewound;
  await tx.events.append({ kind: 'source.main-rewound', actor: actors.source, at, project, data: { ref, from, to } });
}
