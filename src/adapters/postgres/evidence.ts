import type { Selectable } from 'kysely';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Database } from './schema.ts';
import type { Db } from './session.ts';
import { jsonbOrNull, present } from './values.ts';

export function evidence(db: Db): Transaction['evidence'] {
  const all = db.selectFrom('evidence').selectAll().orderBy('seq');
  return {
    async insert(piece) {
      await db.insertInto('evidence').values(toRow(piece)).execute();
    },
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && toEvidence(row);
    },
    async ofRelease(release) {
      return (await all.where('release_id', '=', release).execute()).map(toEvidence);
    },
    async ofPromotion(promotion) {
      return (await all.where('promotion_id', '=', promotion).execute()).map(toEvidence);
    },
  };
}

function toRow(piece: Evidence) {
  const { release, environment, promotion, gitCommit, details, format, content, expiresAt, run, ...same } = piece;
  return {
    ...same,
    release_id: release,
    environment_id: environment ?? null,
    promotion_id: promotion ?? null,
    git_commit: gitCommit ?? null,
    details: jsonbOrNull(details),
    format: format ?? null,
    content: content ?? null,
    expires_at: expiresAt ?? null,
    milliseconds: Math.round(piece.milliseconds),
    run: run ?? null,
  };
}

function toEvidence(row: Selectable<Database['evidence']>): Evidence {
  const { seq: _, payload: __, release_id, environment_id, promotion_id, git_commit, expires_at, ...same } = row;
  return {
    ...same,
    release: release_id,
    environment: present(environment_id),
    promotion: present(promotion_id),
    gitCommit: present(git_commit),
    details: present(row.details),
    format: present(row.format),
    content: present(row.content),
    expiresAt: present(expires_at),
    run: present(row.run),
  };
}
