/** The change records of a project, each with how it ended. */
import { canonicalJson, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { isId, type PromotionId } from '../../domain/base/id.ts';
import type { StoredChange } from '../../ports/gate-records.ts';
import type { PromotionRow } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import type { ChangeRowView, ChangeView } from './change-views.ts';
import type { World } from '../world.ts';

export function listChanges(
  world: World,
  name: string | undefined,
  page: { limit: number; before?: number },
): Promise<readonly ChangeRowView[]> {
  return world.store.transaction(async (tx) => {
    const project = await findProject(tx, name);
    const rows = [];
    for (const change of await tx.changes.list(project.id, page)) rows.push(await viewRow(tx, change));
    return rows;
  });
}

/** By number (`12`, `#12`) or by the promotion that it records. */
export function showChange(world: World, name: string | undefined, text: string): Promise<ChangeView> {
  return world.store.transaction(async (tx) => {
    const project = await findProject(tx, name);
    const number = /^#?\d{1,9}$/.test(text) ? Number(text.replace('#', '')) : undefined;
    const change =
      number !== undefined
        ? await tx.changes.byNumber(project.id, number)
        : isId('prm', text)
          ? await tx.changes.ofPromotion(text as PromotionId)
          : undefined;
    if (change === undefined || change.project !== project.id)
      throw new Failure('request/not-found', `there is no change ${text} in ${project.name}`, {
        hint: 'liftlock change list',
      });
    const document = await changeDocument(tx, change);
    return { ...(await viewRow(tx, change)), document, digest: world.sha256(canonicalJson(document)) };
  });
}

/** The whole record: what was known at the start, then what came of it. Its canonical JSON is what is signed and exported. */
async function changeDocument(tx: Transaction, change: StoredChange): Promise<Json> {
  const { promotion } = await rowOf(tx, change);
  const { progress } = promotion;
  const evidence = await tx.evidence.ofPromotion(promotion.id);
  return {
    ...(change.document as { readonly [key: string]: Json }),
    outcome: {
      state: progress.state,
      outcome: progress.state === 'ended' ? progress.outcome : null,
      reason: promotion.reason ?? null,
      switchedAt: promotion.switchedAt ?? null,
      endedAt: progress.state === 'ended' ? progress.endedAt : null,
      rolledBackBy: promotion.rolledBackBy ?? null,
      verification: evidence.map(({ id, kind, name, verdict, summary, at }) => ({
        id,
        kind,
        name,
        verdict,
        summary,
        at,
      })),
    },
    links: { promotion: `/api/v1/promotions/${promotion.id}` },
  };
}

async function rowOf(tx: Transaction, { promotion }: StoredChange): Promise<PromotionRow> {
  return (await tx.promotions.get(promotion))!;
}

async function viewRow(tx: Transaction, change: StoredChange): Promise<ChangeRowView> {
  const { promotion, environmentName, releaseNumber } = await rowOf(tx, change);
  const { progress } = promotion;
  const { risk } = change.document as unknown as { readonly risk: ChangeRowView['risk'] };
  return {
    number: change.number,
    environment: environmentName,
    release: { id: promotion.release, number: releaseNumber },
    promotion: promotion.id,
    kind: promotion.kind,
    risk,
    state: progress.state,
    outcome: progress.state === 'ended' ? progress.outcome : null,
    openedAt: change.openedAt,
    endedAt: progress.state === 'ended' ? progress.endedAt : null,
  };
}
