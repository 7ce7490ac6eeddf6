/** The right to deploy in an environment (R7), kept in the environment's row. */
import { sql } from 'kysely';
import type { Transaction } from '../../../ports/store.ts';
import type { Db } from '../session.ts';

type Leases = Pick<
  Transaction['environments'],
  'setLease' | 'leasesToReclaim' | 'stranded' | 'stopRequests' | 'renewLeases'
>;

export function leases(db: Db): Leases {
  return {
    async setLease(id, lease) {
      const values = {
        lease_id: lease?.id ?? null,
        lease_promotion_id: lease?.promotion ?? null,
        lease_holder: lease?.holder ?? null,
        lease_expires_at: lease?.expiresAt ?? null,
      };
      await db.updateTable('environments').set(values).where('id', '=', id).execute();
    },
    async leasesToReclaim(now) {
      const rows = await db
        .selectFrom('environments')
        .leftJoin('replicas', (join) => join.on(sql<boolean>`replicas.id = environments.lease_holder`))
        .where('lease_id', 'is not', null)
        .where((or) => or.or([or('lease_expires_at', '<', now), or('replicas.gone_at', 'is not', null)]))
        .select(['environments.id as environment', 'lease_promotion_id'])
        .orderBy('environments.id')
        .execute();
      return rows.map(({ environment, lease_promotion_id }) => ({ environment, promotion: lease_promotion_id! }));
    },
    async stranded(now) {
      const rows = await db
        .selectFrom('promotions')
        .innerJoin('environments', 'environments.id', 'promotions.environment_id')
        .where('promotions.state', '=', sql.lit('running'))
        .where(sql<boolean>`environments.lease_promotion_id is distinct from promotions.id`)
        .where((or) => or.or([or('environments.lease_id', 'is', null), or('environments.lease_expires_at', '<', now)]))
        .select(['environments.id as environment', 'promotions.id as promotion'])
        .orderBy('environments.id')
        .execute();
      return rows;
    },
    async stopRequests(holder) {
      const rows = await db
        .selectFrom('promotions')
        .innerJoin('environments', 'environments.lease_promotion_id', 'promotions.id')
        .select('promotions.id')
        .where('promotions.state', '=', 'running')
        .where('promotions.stop', 'is not', null)
        .where('environments.lease_holder', '=', holder)
        .execute();
      return rows.map(({ id }) => id);
    },
    async renewLeases(holder, until, held) {
      const rows = await db
        .updateTable('environments')
        .from('promotions')
        .set({ lease_expires_at: until })
        .where('lease_holder', '=', holder)
        .where('environments.lease_id', 'in', [...held])
        .whereRef('promotions.id', '=', 'environments.lease_promotion_id')
        .returning([
          'promotions.id as promotion',
          'environments.lease_id',
          sql<boolean>`promotions.stop is not null`.as('stop'),
        ])
        .execute();
      return rows.map(({ promotion, lease_id, stop }) => ({ promotion, lease: lease_id!, stop }));
    },
  };
}
