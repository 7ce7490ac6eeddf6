/** When each environment is looked at again (R42): for promotions, for verification, for its process. */
import { sql } from 'kysely';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Db } from '../session.ts';

type Dues = Pick<
  Transaction['environments'],
  'setDue' | 'setVerifyDue' | 'setHealDue' | 'due' | 'verifyDue' | 'healDue' | 'wakeDownstream' | 'tellLooping'
>;

type DueColumn = 'due_at' | 'verify_due_at' | 'heal_due_at';

export function environmentDues(db: Db): Dues {
  const set = (column: DueColumn) => async (id: EnvironmentId, at: Instant | undefined) => {
    await db
      .updateTable('environments')
      .set({ [column]: at ?? null })
      .where('id', '=', id)
      .execute();
  };
  const due = (column: DueColumn) => async (now: Instant, limit: number) => {
    const rows = await db
      .selectFrom('environments')
      .select('id')
      .where(column, '<=', now)
      .$if(column !== 'heal_due_at', (query) => query.where('retired', '=', false))
      .orderBy(column)
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  };
  return {
    setDue: set('due_at'),
    setVerifyDue: set('verify_due_at'),
    setHealDue: set('heal_due_at'),
    due: due('due_at'),
    verifyDue: due('verify_due_at'),
    healDue: due('heal_due_at'),
    async tellLooping(id, { release, at, notSince }) {
      const told = await db
        .updateTable('environments')
        .set({ looping_release: release, looping_told_at: at })
        .where('id', '=', id)
        .where((where) =>
          where.or([where('looping_release', 'is distinct from', release), where('looping_told_at', '<', notSince)]),
        )
        .executeTakeFirst();
      return told.numUpdatedRows > 0n;
    },
    async wakeDownstream(id, at) {
      const woken = await db
        .updateTable('environments as downstream')
        .from('environments as here')
        .set({ due_at: sql<Instant>`least(downstream.due_at, ${at}::bigint)` })
        .where('here.id', '=', id)
        .whereRef('downstream.project_id', '=', 'here.project_id')
        .where('downstream.retired', '=', false)
        .where(sql<boolean>`downstream.spec->'after'->'environments' ? here.name`)
        .returning('downstream.id')
        .execute();
      return woken.map((row) => row.id);
    },
  };
}
