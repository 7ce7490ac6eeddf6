/** Which processes work on this database, by beat and by lock. */
import { sql } from 'kysely';
import type { Transaction } from '../../ports/store.ts';
import { lockKeyOf, type ReplicaLock } from './replica-lock.ts';
import type { Db } from './session.ts';

export function replicas(db: Db, lock: ReplicaLock): Transaction['replicas'] {
  return {
    async beat({ id, roles, version, startedAt, beatAt }) {
      await lock.hold(id);
      const beating = await db
        .insertInto('replicas')
        .values({ id, lock_key: lockKeyOf(id), roles, version, started_at: startedAt, beat_at: beatAt })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({ beat_at: beatAt }).where('replicas.gone_at', 'is', null),
        )
        .returning('id')
        .executeTakeFirst();
      return beating === undefined ? 'declared-gone' : 'beating';
    },
    async markGone(self, { silentSince, deadSince, now }) {
      const gone = await db
        .updateTable('replicas')
        .set({ gone_at: now })
        .where('gone_at', 'is', null)
        .where('id', '<>', self)
        .where((or) =>
          or.or([
            or('beat_at', '<', deadSince),
            or.and([or('beat_at', '<', silentSince), sql<boolean>`not ${isLocked}`]),
          ]),
        )
        .returning('id')
        .execute();
      return gone.map(({ id }) => id);
    },
    async isGone(id) {
      const row = await db
        .selectFrom('replicas')
        .select('gone_at')
        .where(sql<string>`id`, '=', id)
        .executeTakeFirst();
      return row !== undefined && row.gone_at !== null;
    },
    async unreclaimed() {
      const rows = await db
        .selectFrom('replicas')
        .select('id')
        .where('gone_at', 'is not', null)
        .where('reclaimed_at', 'is', null)
        .orderBy('gone_at')
        .execute();
      return rows.map(({ id }) => id);
    },
    async reclaimed(id, at) {
      await db.updateTable('replicas').set({ reclaimed_at: at }).where('id', '=', id).execute();
    },
    async leave(id, at) {
      await db.updateTable('replicas').set({ gone_at: at }).where('id', '=', id).where('gone_at', 'is', null).execute();
      lock.release();
    },
    async present() {
      const rows = await db
        .selectFrom('replicas')
        .selectAll()
        .where('gone_at', 'is', null)
        .orderBy('started_at')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        roles: row.roles,
        version: row.version,
        startedAt: row.started_at,
        beatAt: row.beat_at,
      }));
    },
  };
}

/** A session's advisory lock of one 64-bit key, as pg_locks shows it (`objsubid` 1 tells it from a lock of two keys). */
const isLocked = sql`exists (select from pg_locks held where held.locktype = 'advisory' and held.granted and held.objsubid = 1
  and held.database = (select oid from pg_database where datname = current_database())
  and held.classid = ((replicas.lock_key >> 32) & 4294967295)::oid and held.objid = (replicas.lock_key & 4294967295)::oid)`;
