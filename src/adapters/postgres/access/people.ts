/** People and what they were granted. */
import { sql, type Selectable } from 'kysely';
import type { Person } from '../../../domain/access/person.ts';
import type { Role } from '../../../domain/access/role.ts';
import type { PersonId } from '../../../domain/base/id.ts';
import type { AccessTables, NewGrant } from '../../../ports/access.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

type PersonRow = Selectable<Database['people']> & { emails: readonly string[] };

export function people(db: Db): AccessTables['people'] {
  const all = db
    .selectFrom('people')
    .selectAll('people')
    .select(
      sql<
        string[]
      >`array(select email from person_emails where person_id = people.id order by person_emails.added_at, email)`.as(
        'emails',
      ),
    );
  const addEmail: AccessTables['people']['addEmail'] = async ({ email, person, by, at }) => {
    const added = await db
      .insertInto('person_emails')
      .values({ email, person_id: person, added_by: by, added_at: at })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .returning('email')
      .executeTakeFirst();
    return added !== undefined;
  };
  return {
    addEmail,
    async insert({ id, handle, name, emails, createdAt, createdBy, disabledAt }) {
      const inserted = await db
        .insertInto('people')
        .values({ id, handle, name, created_at: createdAt, created_by: createdBy, disabled_at: disabledAt ?? null })
        .onConflict((conflict) => conflict.column('handle').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted === undefined) return false;
      for (const email of emails)
        if (!(await addEmail({ email, person: id, by: createdBy, at: createdAt }))) return false;
      return true;
    },
    async get(id) {
      return toPerson(await all.where('id', '=', id).executeTakeFirst());
    },
    async lock(id) {
      return toPerson(await all.where('id', '=', id).forUpdate().executeTakeFirst());
    },
    async byHandle(handle) {
      return toPerson(await all.where('handle', '=', handle).executeTakeFirst());
    },
    async byEmail(email) {
      return toPerson(
        await all
          .where('id', 'in', (of) => of.selectFrom('person_emails').select('person_id').where('email', '=', email))
          .executeTakeFirst(),
      );
    },
    async bySubject(issuer, subject) {
      return toPerson(
        await all
          .where('id', 'in', (of) =>
            of
              .selectFrom('person_subjects')
              .select('person_id')
              .where('issuer', '=', issuer)
              .where('subject', '=', subject),
          )
          .executeTakeFirst(),
      );
    },
    async bindSubject({ issuer, subject, person, at }) {
      const other = await db
        .selectFrom('person_subjects')
        .select('subject')
        .where('issuer', '=', issuer)
        .where('person_id', '=', person)
        .executeTakeFirst();
      if (other !== undefined) return other.subject === subject;
      const bound = await db
        .insertInto('person_subjects')
        .values({ issuer, subject, person_id: person, bound_at: at })
        .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
        .returning('person_id')
        .executeTakeFirst();
      return bound !== undefined;
    },
    async list() {
      return (await all.orderBy('handle').execute()).map((row) => toPerson(row)!);
    },
    async lockWhenEmpty() {
      const anybody = () => db.selectFrom('people').select('id').limit(1).executeTakeFirst();
      if ((await anybody()) !== undefined) return false;
      await sql`lock table people in share row exclusive mode`.execute(db);
      return (await anybody()) === undefined;
    },
    async disable(id, at) {
      await db
        .updateTable('people')
        .set({ disabled_at: at ?? null })
        .where('id', '=', id)
        .execute();
    },
    async removeEmail(person, email) {
      const removed = await db
        .deleteFrom('person_emails')
        .where('person_id', '=', person)
        .where('email', '=', email)
        .returning('email')
        .executeTakeFirst();
      return removed !== undefined;
    },
    async erase(id: PersonId) {
      await db.updateTable('people').set({ name: '' }).where('id', '=', id).execute();
      await db.deleteFrom('person_emails').where('person_id', '=', id).execute();
      await db.deleteFrom('person_subjects').where('person_id', '=', id).execute();
      await db.updateTable('sessions').set({ browser: null }).where('person_id', '=', id).execute();
    },
  };
}

function toPerson(row: PersonRow | undefined): Person | undefined {
  return (
    row && {
      id: row.id,
      handle: row.handle,
      name: row.name,
      emails: row.emails,
      createdAt: row.created_at,
      disabledAt: present(row.disabled_at),
    }
  );
}

export function grants(db: Db): AccessTables['grants'] {
  const all = db.selectFrom('grants').selectAll('grants');
  return {
    async insert({ id, person, role, project, from, until, grantedBy, reason }) {
      await db
        .insertInto('grants')
        .values({
          id,
          person_id: person,
          role,
          project_id: project ?? null,
          from_at: from,
          until_at: until ?? null,
          granted_by: grantedBy,
          granted_at: from,
          reason: reason ?? null,
        })
        .execute();
    },
    async get(id) {
      return toGrant(await all.where('id', '=', id).executeTakeFirst());
    },
    async revoke(id, by, at) {
      const revoked = await db
        .updateTable('grants')
        .set({ revoked_at: at, revoked_by: by })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return revoked !== undefined;
    },
    async list({ person, project, inForceAt }) {
      let query = all.orderBy('granted_at', 'desc').orderBy('id', 'desc');
      if (person !== undefined) query = query.where('person_id', '=', person);
      if (project !== undefined)
        query = query.where((or) => or.or([or('project_id', 'is', null), or('project_id', '=', project)]));
      if (inForceAt !== undefined)
        query = query
          .where('revoked_at', 'is', null)
          .where('from_at', '<=', inForceAt)
          .where((or) => or.or([or('until_at', 'is', null), or('until_at', '>', inForceAt)]));
      return (await query.execute()).map((row) => toGrant(row)!);
    },
    async rightsOf(person, now) {
      const rows = await db
        .selectFrom('grants')
        .innerJoin('people', 'people.id', 'grants.person_id')
        .select(['grants.role', 'grants.project_id'])
        .where('grants.person_id', '=', person)
        .where('people.disabled_at', 'is', null)
        .where('grants.revoked_at', 'is', null)
        .where('grants.from_at', '<=', now)
        .where((or) => or.or([or('grants.until_at', 'is', null), or('grants.until_at', '>', now)]))
        .execute();
      return rows.map(({ role, project_id }) => ({ role: role as Role, project: present(project_id) }));
    },
  };
}

function toGrant(row: Selectable<Database['grants']> | undefined): NewGrant | undefined {
  return (
    row && {
      id: row.id,
      person: row.person_id,
      role: row.role as Role,
      project: present(row.project_id),
      from: row.from_at,
      until: present(row.until_at),
      grantedBy: row.granted_by,
      reason: present(row.reason),
      revokedAt: present(row.revoked_at),
    }
  );
}
