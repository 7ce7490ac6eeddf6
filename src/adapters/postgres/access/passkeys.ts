import type { Selectable } from 'kysely';
import type { ApprovalTables, Passkey } from '../../../ports/approvals.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

export function passkeys(db: Db): ApprovalTables['passkeys'] {
  return {
    async insert({ id, person, name, credential, publicKey, counter, transports, createdAt }) {
      const inserted = await db
        .insertInto('passkeys')
        .values({
          id,
          person_id: person,
          name,
          credential_id: credential,
          public_key: publicKey,
          counter,
          transports: [...transports],
          created_at: createdAt,
        })
        .onConflict((conflict) => conflict.column('credential_id').doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async ofPerson(person) {
      const rows = await db
        .selectFrom('passkeys')
        .selectAll()
        .where('person_id', '=', person)
        .where('removed_at', 'is', null)
        .orderBy('created_at')
        .execute();
      return rows.map(toPasskey);
    },
    async used(id, counter, at) {
      await db.updateTable('passkeys').set({ counter, last_used_at: at }).where('id', '=', id).execute();
    },
    async remove(id, at) {
      const removed = await db
        .updateTable('passkeys')
        .set({ removed_at: at })
        .where('id', '=', id)
        .where('removed_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return removed !== undefined;
    },
    async challenge({ id, person, purpose, challenge, statement, origin, createdAt, expiresAt }) {
      await db
        .insertInto('passkey_challenges')
        .values({
          id,
          person_id: person,
          purpose,
          challenge,
          statement: statement ?? null,
          origin,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .execute();
    },
    async take(id, person, now) {
      const row = await db
        .updateTable('passkey_challenges')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('person_id', '=', person)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      return (
        row && {
          id: row.id,
          person: row.person_id,
          purpose: row.purpose,
          challenge: row.challenge,
          statement: present(row.statement),
          origin: row.origin,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        }
      );
    },
  };
}

function toPasskey(row: Selectable<Database['passkeys']>): Passkey {
  return {
    id: row.id,
    person: row.person_id,
    name: row.name,
    credential: row.credential_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports,
    createdAt: row.created_at,
    lastUsedAt: present(row.last_used_at),
  };
}
