/** The standing judgement of each commit of main and each tag. */
import { sql, type Selectable } from 'kysely';
import type { StoredJudgement, TrustTables } from '../../../ports/trust.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function judgements(db: Db): TrustTables['judgements'] {
  const all = db.selectFrom('judgements').selectAll();
  return {
    async put(judgement) {
      const values = toRow(judgement);
      // The first acceptance stays: it orders what was released.
      const acceptedAt = sql<
        StoredJudgement['judgedAt'] | null
      >`coalesce(judgements.accepted_at, excluded.accepted_at)`;
      const { id: _id, seen_at: _seenAt, ...changes } = values;
      await db
        .insertInto('judgements')
        .values(values)
        .onConflict((conflict) =>
          conflict.columns(['project_id', 'ref', 'object_id']).doUpdateSet({ ...changes, accepted_at: acceptedAt }),
        )
        .execute();
    },
    async get(project, ref, object) {
      const row = await all
        .where('project_id', '=', project)
        .where('ref', '=', ref)
        .where('object_id', '=', object)
        .executeTakeFirst();
      return row && toJudgement(row);
    },
    async ofCommit(project, commit) {
      const rows = await all.where('project_id', '=', project).where('commit_id', '=', commit).orderBy('seq').execute();
      return rows.map(toJudgement);
    },
    async beginning(project, ref, text) {
      const rows = await all
        .where('project_id', '=', project)
        .where('ref', '=', ref)
        .where('object_id', '>=', text)
        .where('object_id', '<', `${text}g`)
        .limit(2)
        .execute();
      return rows.map(toJudgement);
    },
    async commitsBeginning(project, text) {
      const { rows } = await sql<{ commit: string }>`
        select distinct commit_id as commit from judgements
        where project_id = ${project} and commit_id >= ${text} and commit_id < ${`${text}g`}
        limit 2`.execute(db);
      return rows.map(({ commit }) => commit);
    },
    async ofRefs(project, refs) {
      const rows = await all
        .where('project_id', '=', project)
        .where('ref', 'in', [...refs])
        .orderBy('seq')
        .execute();
      return rows.map(toJudgement);
    },
    async newest(project, limit) {
      const rows = await all.where('project_id', '=', project).orderBy('seq', 'desc').limit(limit).execute();
      return rows.map(toJudgement).toReversed();
    },
    async outdated(project, { class: kind, standing, policy }, { after, limit }) {
      const { rows } = await sql<Selectable<Database['judgements']>>`
        select * from judgements
        where project_id = ${project} and class = ${kind} and seq > ${after}
          and ((standing, policy) < (${standing}, ${policy}) or (standing, policy) > (${standing}, ${policy}))
        order by seq + 0
        limit ${limit}`.execute(db);
      return rows.map((row) => ({ ...toJudgement(row), seq: row.seq }));
    },
    async judged(project, objects) {
      const { rows } = await sql<{ key: string }>`
        select j.ref || ' ' || j.object_id as key
        from unnest(${objects.map(({ ref }) => ref)}::text[], ${objects.map(({ object }) => object)}::text[]) as one (ref, object)
        join judgements j on j.project_id = ${project} and j.ref = one.ref and j.object_id = one.object`.execute(db);
      return new Set(rows.map(({ key }) => key));
    },
    async outdate(project, commit) {
      await sql`
        update judgements set standing = ''
        where project_id = ${project} and class = 'staging' and found->'parents'->>0 = ${commit}`.execute(db);
      await sql`
        update judgements set standing = ''
        where project_id = ${project} and class = 'production' and commit_id = ${commit}`.execute(db);
    },
    async signersOf(project, commits) {
      const { rows } = await sql<{ handle: string; commit: string }>`
        select distinct on (p.handle) p.handle, hand.commit_id as commit
        from (
          select k.person_id, j.commit_id, j.seq from judgements j join signers k on k.fingerprint = j.fingerprint
            where j.project_id = ${project} and j.class = 'staging' and j.commit_id = any(${[...commits]}::text[])
          union all
          select person_id, commit_id, 0 from acceptances where project_id = ${project} and commit_id = any(${[...commits]}::text[])
        ) hand join people p on p.id = hand.person_id
        order by p.handle, hand.seq`.execute(db);
      return rows;
    },
    async ofSigner(fingerprint) {
      const rows = await all.where('fingerprint', '=', fingerprint).orderBy('seq').execute();
      return rows.map(toJudgement);
    },
    async replayOf(project, payload, object) {
      const row = await db
        .selectFrom('judgements')
        .select('object_id')
        .where('project_id', '=', project)
        .where('payload', '=', payload)
        .where('object_id', '<>', object)
        .where('accepted_at', 'is not', null)
        .orderBy('accepted_at')
        .executeTakeFirst();
      return row?.object_id;
    },
    async releasedBefore(project, ref) {
      const { rows } = await sql<{ ref: string }>`
        select ref from judgements other where project_id = ${project} and class = 'production' and ref <> ${ref}
          and accepted_at < coalesce((select min(accepted_at) from judgements own
            where own.project_id = ${project} and own.ref = ${ref}), 9223372036854775807)
        union
        select ref from ref_log where project_id = ${project} and first_look and ref like 'refs/tags/v%' and ref <> ${ref}`.execute(
        db,
      );
      return rows.map((row) => row.ref.slice('refs/tags/'.length));
    },
    async setOnMain(project, ref, commits) {
      await sql`update judgements set on_main = not on_main, standing = ''
        where project_id = ${project} and ref = ${ref} and class = 'staging'
          and on_main <> (commit_id = any(${[...commits]}::text[]))`.execute(db);
    },
  };
}

function toRow(judgement: StoredJudgement) {
  return {
    id: judgement.id,
    project_id: judgement.project,
    class: judgement.class,
    ref: judgement.ref,
    object_id: judgement.object,
    commit_id: judgement.commit ?? null,
    found: jsonb(judgement.found),
    mode: judgement.mode,
    accepted: judgement.accepted,
    basis: judgement.basis ?? null,
    checks: jsonb(judgement.checks),
    fingerprint: judgement.fingerprint ?? null,
    payload: judgement.payload ?? null,
    registry_version: judgement.registryVersion,
    standing: judgement.standing,
    policy: judgement.policy,
    on_main: judgement.onMain,
    seen_at: judgement.seenAt,
    judged_at: judgement.judgedAt,
    accepted_at: judgement.acceptedAt ?? null,
  };
}

function toJudgement(row: Selectable<Database['judgements']>): StoredJudgement {
  const found = { class: row.class, found: row.found } as Pick<StoredJudgement, 'class' | 'found'>;
  return {
    ...found,
    id: row.id,
    project: row.project_id,
    ref: row.ref,
    object: row.object_id,
    commit: present(row.commit_id),
    mode: row.mode,
    accepted: row.accepted,
    basis: present(row.basis),
    checks: row.checks,
    fingerprint: present(row.fingerprint),
    payload: present(row.payload),
    registryVersion: row.registry_version,
    standing: row.standing,
    policy: row.policy,
    onMain: row.on_main,
    seenAt: row.seen_at,
    judgedAt: row.judged_at,
    acceptedAt: present(row.accepted_at),
  } as StoredJudgement;
}
