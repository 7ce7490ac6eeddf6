import { sql, type Selectable } from 'kysely';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Environment } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import { environmentDues } from './environment-dues.ts';
import { loadFacts } from './facts.ts';
import { leases } from './leases.ts';
import type { Database } from '../schema.ts';
import type { Session } from '../session.ts';
import { jsonb, jsonbOrNull, present } from '../values.ts';

export function environments({ client, db }: Session): Transaction['environments'] {
  const all = db.selectFrom('environments').selectAll();
  const set = async (
    id: EnvironmentId,
    values: Partial<{
      port: number | null;
      hold: string | null;
      pin: string | null;
      stop_request: string;
      ailing: string | null;
    }>,
  ) => {
    await db.updateTable('environments').set(values).where('id', '=', id).execute();
  };
  return {
    ...environmentDues(db),
    ...leases(db),
    async upsert({ id, project, position, spec, dueAt }) {
      // One that returns is looked after again, too.
      const changing = {
        position,
        spec: jsonb(spec),
        retired: false,
        stop_request: null,
        due_at: dueAt,
        heal_due_at: dueAt,
        verify_due_at: dueAt,
      };
      await db
        .insertInto('environments')
        .values({ id, project_id: project, name: spec.name, ...changing })
        .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet(changing))
        .execute();
    },
    async retire(project, keepNames) {
      const retired = await db
        .updateTable('environments')
        .set({ retired: true, due_at: null, verify_due_at: null })
        .where('project_id', '=', project)
        .where('retired', '=', false)
        .where(sql<boolean>`name <> all (${[...keepNames]}::text[])`)
        .returning('id')
        .execute();
      return retired.map(({ id }) => id);
    },
    async takePort(port) {
      const taken = await db
        .updateTable('environments')
        .set({ port: null })
        .where('port', '=', port)
        .where('retired', '=', true)
        .executeTakeFirst();
      return taken.numUpdatedRows > 0n;
    },
    setPort: (id, port) => set(id, { port: port ?? null }),
    setHold: (id, hold) => set(id, { hold: jsonbOrNull(hold) }),
    setAiling: (id, ailing) => set(id, { ailing: jsonbOrNull(ailing) }),
    setPin: (id, pin) => set(id, { pin: jsonbOrNull(pin) }),
    async setSchedule(id, { since, seen }) {
      const values = {
        ...(since === undefined ? {} : { schedule_since: since }),
        ...(seen === undefined ? {} : { schedule_seen: seen }),
      };
      await db.updateTable('environments').set(values).where('id', '=', id).execute();
    },
    setStopRequest: (id, request) => set(id, { stop_request: jsonb(request) }),
    async usedPorts() {
      await sql`select pg_advisory_xact_lock(hashtextextended('ports of environments', 0))`.execute(db);
      const rows = await db.selectFrom('environments').select('port').where('port', 'is not', null).execute();
      return rows.map(({ port }) => port!);
    },
    async ofProject(project) {
      const rows = await all.where('project_id', '=', project).orderBy('retired').orderBy('position').execute();
      return rows.map((row) => toEnvironment(row)!);
    },
    async get(id) {
      return toEnvironment(await all.where('id', '=', id).executeTakeFirst());
    },
    async lock(id) {
      return toEnvironment(await all.where('id', '=', id).forUpdate().executeTakeFirst());
    },
    async facts(id, options) {
      const facts = await loadFacts(client, id, options);
      if (facts === undefined) throw new Failure('environment/unknown', `there is no environment ${id}`);
      return facts;
    },
  };
}

function toEnvironment(row: Selectable<Database['environments']> | undefined): Environment | undefined {
  return (
    row && {
      id: row.id,
      project: row.project_id,
      position: row.position,
      retired: row.retired,
      spec: row.spec,
      port: present(row.port),
      deployment: present(row.deployment_id),
      hold: present(row.hold),
      pin: present(row.pin),
      stopRequest: present(row.stop_request),
      ailing: present(row.ailing),
      lease: toLease(row),
      dueAt: present(row.due_at),
      verifyDueAt: present(row.verify_due_at),
    }
  );
}

function toLease(row: Selectable<Database['environments']>): Environment['lease'] {
  if (row.lease_id === null || row.lease_promotion_id === null || row.lease_expires_at === null) return undefined;
  return {
    id: row.lease_id,
    promotion: row.lease_promotion_id,
    holder: present(row.lease_holder),
    expiresAt: row.lease_expires_at,
  };
}
