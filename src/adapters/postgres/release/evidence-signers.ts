import type { Selectable } from 'kysely';
import type { EvidenceSigner } from '../../../domain/release/acceptance.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, jsonbOrNull, present } from '../values.ts';

export function evidenceSigners(db: Db): Transaction['evidenceSigners'] {
  const all = db.selectFrom('evidence_signers').selectAll().orderBy('added_at').orderBy('id');
  return {
    async insert(signer) {
      const inserted = await db
        .insertInto('evidence_signers')
        .values({
          id: signer.id,
          name: signer.name,
          key_id: signer.key,
          public_key: signer.publicKey,
          kinds: jsonb(signer.kinds),
          projects: jsonbOrNull(signer.projects),
          added_by: signer.addedBy,
          added_at: signer.addedAt,
          expires_at: signer.expiresAt ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async list() {
      return (await all.execute()).map(toSigner);
    },
    async revoke(id, { by, at, reason }) {
      const revoked = await db
        .updateTable('evidence_signers')
        .set({ revoked_by: by, revoked_at: at, revoke_reason: reason })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return revoked !== undefined;
    },
  };
}

function toSigner(row: Selectable<Database['evidence_signers']>): EvidenceSigner {
  return {
    id: row.id,
    name: row.name,
    key: row.key_id,
    publicKey: row.public_key,
    kinds: row.kinds,
    projects: present(row.projects),
    addedBy: row.added_by,
    addedAt: row.added_at,
    expiresAt: present(row.expires_at),
    revokedAt: present(row.revoked_at),
    revokedBy: present(row.revoked_by),
  };
}

export function installationKeys(db: Db): Transaction['installationKeys'] {
  return {
    async add({ id, publicKey }, at) {
      const inserted = await db
        .insertInto('installation_keys')
        .values({ key_id: id, public_key: publicKey, added_at: at })
        .onConflict((conflict) => conflict.column('key_id').doNothing())
        .returning('key_id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async list() {
      const rows = await db.selectFrom('installation_keys').selectAll().orderBy('added_at').execute();
      return rows.map(({ key_id, public_key }) => ({ id: key_id, publicKey: public_key }));
    },
  };
}
