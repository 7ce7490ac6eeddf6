import { sql, type Selectable } from 'kysely';
import type { DeploymentId, EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { DeploymentRow } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function deployments(db: Db): Transaction['deployments'] {
  const all = db.selectFrom('deployments').selectAll();
  const ran = (environment: EnvironmentId) =>
    all.where('environment_id', '=', environment).where('occupied_from', 'is not', null).orderBy(newestFirst).limit(1);
  return {
    async insert(deployment) {
      await db.insertInto('deployments').values(toRow(deployment)).execute();
    },
    async get(id) {
      return toDeployment(await all.where('id', '=', id).executeTakeFirst());
    },
    async ofPromotion(promotion) {
      const rows = await all
        .where((row) => row.or([row('promotion_id', '=', promotion), row('undone_promotion_id', '=', promotion)]))
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => toDeployment(row)!);
    },
    async forget(promotion) {
      await db
        .deleteFrom('deployments')
        .where('promotion_id', '=', promotion)
        .where('occupied_from', 'is', null)
        .execute();
    },
    async occupy(environment, deployment, at) {
      await occupying({ environment, deployment, at }).execute(db);
    },
    async vacate(environment, at) {
      await db
        .updateTable('deployments')
        .set({ occupied_until: at })
        .where('environment_id', '=', environment)
        .where('occupied_from', 'is not', null)
        .where('occupied_until', 'is', null)
        .execute();
      await db
        .updateTable('environments')
        .set({ deployment_id: null, port: null, stop_request: null, heal_due_at: null })
        .where('id', '=', environment)
        .execute();
    },
    async rollbackTarget(environment, except) {
      const verified = ran(environment)
        .where(sql<boolean>`exists (select from verifications v where v.environment_id = deployments.environment_id
          and v.release_id = deployments.release_id and v.verdict = 'PASS')`)
        .where(sql<boolean>`not exists (select from vetoes v where v.release_id = deployments.release_id and v.lifted_at is null
          and (v.environment_id is null or v.environment_id = deployments.environment_id))`);
      const query = except === undefined ? verified : verified.where('release_id', '<>', except);
      return toDeployment(await query.executeTakeFirst());
    },
    async lastOf(environment, release) {
      return toDeployment(await ran(environment).where('release_id', '=', release).executeTakeFirst());
    },
    async history(environment, limit) {
      const rows = await all.where('environment_id', '=', environment).orderBy(newestFirst).limit(limit).execute();
      return rows.map((row) => toDeployment(row)!);
    },
  };
}

const newestFirst = sql`occupied_from desc nulls last, created_at desc`;

/**
 * In one statement: what runs there now leaves, the deployment arrives, the environment points at it. R4: a restart of the
 * same release does not begin its time anew. Occupying what is occupied already changes nothing. From then on it is looked after.
 */
function occupying({
  environment,
  deployment,
  at,
}: {
  environment: EnvironmentId;
  deployment: DeploymentId;
  at: Instant;
}) {
  return sql`
    with before as (
      update deployments set occupied_until = ${at}::bigint from environments
      where environments.id = ${environment} and deployments.id = environments.deployment_id
        and deployments.id <> ${deployment} and deployments.occupied_until is null
      returning deployments.release_id, deployments.release_since
    ), arrived as (
      update deployments set occupied_from = ${at}::bigint, occupied_until = null,
        release_since = coalesce((select before.release_since from before where before.release_id = deployments.release_id), ${at}::bigint)
      where id = ${deployment} and (occupied_from is null or occupied_until is not null)
    )
    update environments set deployment_id = ${deployment}, heal_due_at = ${at}::bigint where id = ${environment}`;
}

function toRow(deployment: DeploymentRow) {
  return {
    id: deployment.id,
    environment_id: deployment.environment,
    release_id: deployment.release,
    promotion_id: deployment.promotion,
    undone_promotion_id: deployment.undoes ?? null,
    continues: [...deployment.continues],
    cause: deployment.cause,
    snapshot: jsonb(deployment.snapshot),
    created_at: deployment.createdAt,
    occupied_from: deployment.occupiedFrom ?? null,
    occupied_until: deployment.occupiedUntil ?? null,
    release_since: deployment.occupiedFrom ?? null,
  };
}

function toDeployment(row: Selectable<Database['deployments']> | undefined): DeploymentRow | undefined {
  return (
    row && {
      id: row.id,
      environment: row.environment_id,
      release: row.release_id,
      promotion: row.promotion_id,
      undoes: present(row.undone_promotion_id),
      continues: row.continues,
      cause: row.cause,
      snapshot: { ...row.snapshot, url: row.snapshot.url },
      createdAt: row.created_at,
      occupiedFrom: present(row.occupied_from),
      occupiedUntil: present(row.occupied_until),
    }
  );
}
