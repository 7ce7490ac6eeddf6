/** Ways in that are gone through once: one-time links, and attempts at a provider of identities. Secrets are kept as hashes. */
import type { Selectable } from 'kysely';
import type { AccessTables, SignInAttempt, SignInLink } from '../../../ports/access.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonbOrNull, present } from '../values.ts';

export function signIns(db: Db): AccessTables['signIns'] {
  return {
    async insertLink({ id, secretHash, person, challenge, createdAt, createdBy, expiresAt }) {
      await db
        .insertInto('sign_in_links')
        .values({
          id,
          secret_hash: secretHash,
          person_id: person,
          challenge: challenge ?? null,
          created_at: createdAt,
          created_by: createdBy,
          expires_at: expiresAt,
        })
        .execute();
    },
    async getLink(id) {
      const row = await db.selectFrom('sign_in_links').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toLink(row);
    },
    async useLink(id, at) {
      const used = await db
        .updateTable('sign_in_links')
        .set({ used_at: at })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return used !== undefined;
    },
    async dropLinksOf(person) {
      await db.deleteFrom('sign_in_links').where('person_id', '=', person).where('used_at', 'is', null).execute();
    },
    async insertAttempt({ stateHash, browserHash, nonce, verifier, handOver, expiresAt }) {
      await db
        .insertInto('sign_in_attempts')
        .values({
          state_hash: stateHash,
          browser_hash: browserHash,
          nonce,
          verifier,
          hand_over: jsonbOrNull(handOver),
          expires_at: expiresAt,
        })
        .execute();
    },
    async takeAttempt(stateHash) {
      const row = await db
        .deleteFrom('sign_in_attempts')
        .where('state_hash', '=', stateHash)
        .returningAll()
        .executeTakeFirst();
      return row && toAttempt(row);
    },
    async forget(before) {
      await db.deleteFrom('sign_in_attempts').where('expires_at', '<', before).execute();
      await db.deleteFrom('sign_in_links').where('expires_at', '<', before).execute();
    },
  };
}

function toLink(row: Selectable<Database['sign_in_links']>): SignInLink {
  return {
    id: row.id,
    secretHash: row.secret_hash,
    person: row.person_id,
    challenge: present(row.challenge),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    usedAt: present(row.used_at),
  };
}

function toAttempt(row: Selectable<Database['sign_in_attempts']>): SignInAttempt {
  return {
    stateHash: row.state_hash,
    browserHash: row.browser_hash,
    nonce: row.nonce,
    verifier: row.verifier,
    handOver: present(row.hand_over),
    expiresAt: row.expires_at,
  };
}
