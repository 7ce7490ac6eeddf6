import { sql, type Selectable } from 'kysely';
import { withoutCredentials } from '../../../domain/base/hidden.ts';
import type { Project } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import type { Seal } from '../seal.ts';
import { present } from '../values.ts';

export function projects(db: Db, seal: Seal): Transaction['projects'] {
  const toProject = (row: Selectable<Database['projects']> | undefined) => row && readProject(row, seal);
  const all = db.selectFrom('projects').selectAll();
  return {
    async insert(project) {
      await db
        .insertInto('projects')
        .values({ ...toRow(project), ...sourceColumns(project.sourceUrl, seal) })
        .execute();
    },
    async get(id) {
      return toProject(await all.where('id', '=', id).executeTakeFirst());
    },
    async lock(id) {
      return toProject(await all.where('id', '=', id).forUpdate().executeTakeFirst());
    },
    async byName(name) {
      return toProject(await all.where('name', '=', name).executeTakeFirst());
    },
    async list() {
      return (await all.orderBy('name').execute()).map((row) => toProject(row)!);
    },
    async due(now, limit) {
      const rows = await all
        .where('poll_due_at', '<=', now)
        .orderBy('poll_due_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute();
      return rows.map((row) => toProject(row)!);
    },
    async setPoll(id, { dueAt, failures, error }) {
      const poll = { poll_due_at: dueAt, poll_failures: failures, poll_error: error ?? null };
      await db.updateTable('projects').set(poll).where('id', '=', id).execute();
    },
    async setRevision(id, revision) {
      await db.updateTable('projects').set({ revision_id: revision }).where('id', '=', id).execute();
    },
    async setSource(id, url) {
      await db.updateTable('projects').set(sourceColumns(url, seal)).where('id', '=', id).execute();
    },
    async nextReleaseNumber(id) {
      const { last_release_number } = await db
        .updateTable('projects')
        .set({ last_release_number: sql<number>`last_release_number + 1` })
        .where('id', '=', id)
        .returning('last_release_number')
        .executeTakeFirstOrThrow();
      return last_release_number;
    },
  };
}

function toRow({ id, name, revision, poll, createdAt }: Project) {
  return {
    id,
    name,
    revision_id: revision ?? null,
    poll_due_at: poll.dueAt,
    poll_failures: poll.failures,
    poll_error: poll.error ?? null,
    created_at: createdAt,
  };
}

/** An address with a password, a token or parameters is kept under seal; in plain sight only where it leads. */
function sourceColumns(url: string, seal: Seal): { source_url: string; source_sealed: string | null } {
  const plain = withoutCredentials(url);
  return { source_url: plain, source_sealed: plain === url ? null : seal.close(url) };
}

/** Sealed under another key it cannot be used here; without its credentials it says at least where it was. */
function readProject(row: Selectable<Database['projects']>, seal: Seal): Project {
  return {
    id: row.id,
    name: row.name,
    sourceUrl: (row.source_sealed === null ? undefined : seal.open(row.source_sealed)) ?? row.source_url,
    revision: present(row.revision_id),
    poll: { dueAt: row.poll_due_at, failures: row.poll_failures, error: present(row.poll_error) },
    createdAt: row.created_at,
  };
}
