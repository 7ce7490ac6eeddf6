/** What people and machines sign in with. Secrets are kept as hashes. */
import type { Selectable } from 'kysely';
import type { Action } from '../../../domain/access/matrix.ts';
import type { AccessTables, Machine, StoredSession, StoredToken } from '../../../ports/access.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function tokens(db: Db): AccessTables['tokens'] {
  const all = db.selectFrom('tokens').selectAll();
  return {
    async insert({ person, machine, ...token }) {
      await db
        .insertInto('tokens')
        .values({
          id: token.id,
          secret_hash: token.secretHash,
          name: token.name,
          person_id: person ?? null,
          machine_id: machine ?? null,
          projects: token.projects === undefined ? null : [...token.projects],
          actions: token.actions === undefined ? null : [...token.actions],
          created_at: token.createdAt,
          expires_at: token.expiresAt,
        })
        .execute();
    },
    async get(id) {
      return toToken(await all.where('id', '=', id).executeTakeFirst());
    },
    async list({ person }) {
      const newest = all.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1_000);
      const rows = await (person === undefined ? newest : newest.where('person_id', '=', person)).execute();
      return rows.map((row) => toToken(row)!);
    },
    async revoke(id, by, at) {
      const revoked = await db
        .updateTable('tokens')
        .set({ revoked_at: at, revoked_by: by })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return revoked !== undefined;
    },
    async revokeAllOf({ person, machine }, by, at) {
      const live = db.updateTable('tokens').set({ revoked_at: at, revoked_by: by }).where('revoked_at', 'is', null);
      const owned =
        person === undefined ? live.where('machine_id', '=', machine ?? null) : live.where('person_id', '=', person);
      return (await owned.returning('id').execute()).length;
    },
    async used(id, at) {
      await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
    },
    async forgetMachines(before) {
      await db.deleteFrom('tokens').where('machine_id', 'is not', null).where('expires_at', '<', before).execute();
    },
  };
}

function toToken(row: Selectable<Database['tokens']> | undefined): StoredToken | undefined {
  return (
    row && {
      id: row.id,
      secretHash: row.secret_hash,
      name: row.name,
      person: present(row.person_id),
      machine: present(row.machine_id),
      projects: present(row.projects),
      actions: present(row.actions) as readonly Action[] | undefined,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: present(row.last_used_at),
      revokedAt: present(row.revoked_at),
    }
  );
}

export function sessions(db: Db): AccessTables['sessions'] {
  return {
    async insert({ id, secretHash, person, browser, createdAt, expiresAt }) {
      await db
        .insertInto('sessions')
        .values({
          id,
          secret_hash: secretHash,
          person_id: person,
          browser: browser ?? null,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .execute();
    },
    async get(id) {
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toSession(row);
    },
    async live({ person, now }) {
      const all = db
        .selectFrom('sessions')
        .selectAll()
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1_000);
      return (await (person === undefined ? all : all.where('person_id', '=', person)).execute()).map(toSession);
    },
    async used(id, at) {
      await db.updateTable('sessions').set({ last_used_at: at }).where('id', '=', id).execute();
    },
    async end(id, at) {
      const ended = await db
        .updateTable('sessions')
        .set({ ended_at: at })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return ended !== undefined;
    },
    async endAllOf(person, at) {
      const ended = await db
        .updateTable('sessions')
        .set({ ended_at: at })
        .where('person_id', '=', person)
        .where('ended_at', 'is', null)
        .returning('id')
        .execute();
      return ended.length;
    },
  };
}

function toSession(row: Selectable<Database['sessions']>): StoredSession {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    person: row.person_id,
    browser: present(row.browser),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: present(row.last_used_at),
    endedAt: present(row.ended_at),
  };
}

export function machines(db: Db): AccessTables['machines'] {
  const all = db.selectFrom('machines').selectAll();
  return {
    async insert({ id, handle, project, issuer, audience, claims, createdAt, createdBy }) {
      const inserted = await db
        .insertInto('machines')
        .values({
          id,
          handle,
          project_id: project,
          issuer,
          audience,
          claims: jsonb(claims),
          created_at: createdAt,
          created_by: createdBy,
        })
        .onConflict((conflict) => conflict.column('handle').doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      return toMachine(await all.where('id', '=', id).executeTakeFirst());
    },
    async byHandle(handle) {
      return toMachine(await all.where('handle', '=', handle).executeTakeFirst());
    },
    async ofIssuer(issuer) {
      const rows = await all.where('issuer', '=', issuer).where('disabled_at', 'is', null).orderBy('id').execute();
      return rows.map((row) => toMachine(row)!);
    },
    async list() {
      return (await all.orderBy('handle').execute()).map((row) => toMachine(row)!);
    },
    async disable(id, at) {
      await db.updateTable('machines').set({ disabled_at: at }).where('id', '=', id).execute();
    },
    async useIdentity({ issuer, jti, expiresAt }) {
      const used = await db
        .insertInto('used_identities')
        .values({ issuer, jti, expires_at: expiresAt })
        .onConflict((conflict) => conflict.columns(['issuer', 'jti']).doNothing())
        .returning('jti')
        .executeTakeFirst();
      return used !== undefined;
    },
    async forgetIdentities(before) {
      await db.deleteFrom('used_identities').where('expires_at', '<', before).execute();
    },
  };
}

function toMachine(row: Selectable<Database['machines']> | undefined): Machine | undefined {
  return (
    row && {
      id: row.id,
      handle: row.handle,
      project: row.project_id,
      issuer: row.issuer,
      audience: row.audience,
      claims: row.claims,
      createdAt: row.created_at,
      createdBy: row.created_by,
      disabledAt: present(row.disabled_at),
    }
  );
}
