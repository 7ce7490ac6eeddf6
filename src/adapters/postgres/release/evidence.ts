import { sql, type Selectable } from 'kysely';
import type { Digest } from '../../../domain/base/digest.ts';
import type { Evidence, Standing } from '../../../domain/release/evidence.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonbOrNull, present } from '../values.ts';

/** What a signer attested is a mere claim once he is revoked: nobody knows who had the key, and since when. */
export const standingNow = `case when v.signer_id is not null and exists
  (select from evidence_signers s where s.id = v.signer_id and s.revoked_at is not null) then 'claimed' else v.standing end`;

export function evidence(db: Db): Transaction['evidence'] {
  const all = db
    .selectFrom('evidence as v')
    .selectAll('v')
    .select(sql<Standing>`${sql.raw(standingNow)}`.as('standing'))
    .orderBy('v.seq');
  return {
    async insert(piece, payload) {
      const inserted = await db
        .insertInto('evidence')
        .values(toRow(piece, payload))
        // Written out, for the reason given in verifications.ts.
        .onConflict((conflict) =>
          conflict.columns(['release_id', 'payload']).where('payload', 'is not', null).doNothing(),
        )
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await all.where('v.id', '=', id).executeTakeFirst();
      return row && toEvidence(row);
    },
    async byPayload(release, payload) {
      const row = await all.where('v.release_id', '=', release).where('v.payload', '=', payload).executeTakeFirst();
      return row && toEvidence(row);
    },
    async ofRelease(release) {
      return (await all.where('v.release_id', '=', release).execute()).map(toEvidence);
    },
    async ofPromotion(promotion) {
      return (await all.where('v.promotion_id', '=', promotion).execute()).map(toEvidence);
    },
  };
}

function toRow(piece: Evidence, payload: Digest | undefined) {
  const { release, environment, promotion, gitCommit, details, expiresAt, signer, ...same } = piece;
  return {
    ...same,
    release_id: release,
    environment_id: environment ?? null,
    promotion_id: promotion ?? null,
    git_commit: gitCommit ?? null,
    details: jsonbOrNull(details),
    format: piece.format ?? null,
    content: piece.content ?? null,
    envelope: piece.envelope ?? null,
    signer_id: signer ?? null,
    payload: payload ?? null,
    expires_at: expiresAt ?? null,
    milliseconds: Math.round(piece.milliseconds),
    run: piece.run ?? null,
  };
}

function toEvidence(row: Selectable<Database['evidence']>): Evidence {
  const {
    seq: _,
    payload: __,
    release_id,
    environment_id,
    promotion_id,
    git_commit,
    expires_at,
    signer_id,
    ...same
  } = row;
  return {
    ...same,
    release: release_id,
    environment: present(environment_id),
    promotion: present(promotion_id),
    gitCommit: present(git_commit),
    details: present(row.details),
    format: present(row.format),
    content: present(row.content),
    envelope: present(row.envelope),
    signer: present(signer_id),
    expiresAt: present(expires_at),
    run: present(row.run),
  };
}
