/** Release notes, accepted plans, proposed pipelines and change records. */
import { sql, type Selectable } from 'kysely';
import type {
  GateTables,
  PipelineProposal,
  ReleaseNotes,
  StoredChange,
  StoredPlanAcceptance,
} from '../../../ports/gate-records.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function notes(db: Db): GateTables['notes'] {
  return {
    async put(paper) {
      const values = {
        body: paper.body,
        digest: paper.digest,
        source: paper.source,
        base_release_id: paper.base ?? null,
        by: paper.by,
        at: paper.at,
        accepted_by: paper.acceptedBy ?? null,
        accepted_at: paper.acceptedAt ?? null,
      };
      await db
        .insertInto('release_notes')
        .values({ environment_id: paper.environment, release_id: paper.release, ...values })
        .onConflict((conflict) => conflict.columns(['environment_id', 'release_id']).doUpdateSet(values))
        .execute();
    },
    async get(environment, release) {
      const row = await db
        .selectFrom('release_notes')
        .selectAll()
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .executeTakeFirst();
      return row && toNotes(row);
    },
  };
}

function toNotes(row: Selectable<Database['release_notes']>): ReleaseNotes {
  const { environment_id, release_id, base_release_id, accepted_by, accepted_at, ...same } = row;
  return {
    ...same,
    environment: environment_id,
    release: release_id,
    base: present(base_release_id),
    acceptedBy: present(accepted_by),
    acceptedAt: present(accepted_at),
  };
}

export function plans(db: Db): GateTables['plans'] {
  return {
    async accept({ environment, release, planHash, document, ...same }) {
      const inserted = await db
        .insertInto('plan_acceptances')
        .values({
          ...same,
          environment_id: environment,
          release_id: release,
          plan_hash: planHash,
          document: jsonb(document),
        })
        .onConflict((conflict) => conflict.columns(['environment_id', 'release_id', 'plan_hash']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async of(environment, release) {
      const rows = await db
        .selectFrom('plan_acceptances')
        .selectAll()
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .orderBy('at')
        .orderBy('id')
        .execute();
      return rows.map(toAcceptance);
    },
  };
}

function toAcceptance(row: Selectable<Database['plan_acceptances']>): StoredPlanAcceptance {
  const { environment_id, release_id, plan_hash, ...same } = row;
  return { ...same, environment: environment_id, release: release_id, planHash: plan_hash };
}

export function proposals(db: Db): GateTables['proposals'] {
  return {
    async insert(proposal) {
      await db
        .insertInto('pipeline_proposals')
        .values({
          id: proposal.id,
          project_id: proposal.project,
          base_revision_id: proposal.base,
          digest: proposal.digest,
          pipeline: jsonb(proposal.pipeline),
          source_text: proposal.text,
          source_url: proposal.sourceUrl ?? null,
          weakenings: jsonb(proposal.weakenings),
          proposed_by: proposal.proposedBy,
          proposed_at: proposal.proposedAt,
          state: proposal.state,
        })
        .execute();
    },
    async open(project) {
      const row = await db
        .selectFrom('pipeline_proposals')
        .selectAll()
        .where('project_id', '=', project)
        .where('state', '=', 'proposed')
        .executeTakeFirst();
      return row && toProposal(row);
    },
    async decide(id, { state, by, at, reason }) {
      await db
        .updateTable('pipeline_proposals')
        .set({ state, decided_by: by, decided_at: at, reason })
        .where('id', '=', id)
        .execute();
    },
  };
}

function toProposal(row: Selectable<Database['pipeline_proposals']>): PipelineProposal {
  return {
    id: row.id,
    project: row.project_id,
    base: row.base_revision_id,
    digest: row.digest,
    pipeline: row.pipeline,
    text: row.source_text,
    sourceUrl: present(row.source_url),
    weakenings: row.weakenings,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    state: row.state,
    decidedBy: present(row.decided_by),
    decidedAt: present(row.decided_at),
    reason: present(row.reason),
  };
}

export function changes(db: Db): GateTables['changes'] {
  const all = db.selectFrom('changes').selectAll();
  return {
    async insert({ promotion, project, number, document, openedAt }) {
      const inserted = await db
        .insertInto('changes')
        .values({
          promotion_id: promotion,
          project_id: project,
          number,
          document: jsonb(document),
          opened_at: openedAt,
        })
        .onConflict((conflict) => conflict.column('promotion_id').doNothing())
        .returning('promotion_id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async replace({ promotion, document, openedAt }) {
      await db
        .updateTable('changes')
        .set({ document: jsonb(document), opened_at: openedAt })
        .where('promotion_id', '=', promotion)
        .execute();
    },
    async nextNumber(project) {
      // Not the project's row: whoever applies a pipeline holds it and wants environments, of which we hold one.
      await sql`select pg_advisory_xact_lock(hashtextextended(${`changes ${project}`}, 0))`.execute(db);
      const row = await db
        .selectFrom('changes')
        .select(({ fn }) => fn.max('number').as('last'))
        .where('project_id', '=', project)
        .executeTakeFirst();
      return Number(row?.last ?? 0) + 1;
    },
    async ofPromotion(promotion) {
      const row = await all.where('promotion_id', '=', promotion).executeTakeFirst();
      return row && toChange(row);
    },
    async byNumber(project, number) {
      const row = await all.where('project_id', '=', project).where('number', '=', number).executeTakeFirst();
      return row && toChange(row);
    },
    async list(project, { limit, before }) {
      let query = all.where('project_id', '=', project);
      if (before !== undefined) query = query.where('number', '<', before);
      return (await query.orderBy('number', 'desc').limit(limit).execute()).map(toChange);
    },
  };
}

function toChange({ promotion_id, project_id, opened_at, ...same }: Selectable<Database['changes']>): StoredChange {
  return { ...same, promotion: promotion_id, project: project_id, openedAt: opened_at };
}
