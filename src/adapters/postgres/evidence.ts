import type { Selectable } from 'kysely';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Database } from './schema.ts';
import type { Db } from './session.ts';
import { jsonbOrNull, present } from './values.ts';

export function evidence(db: Db): Transaction['evidence'] {
  const all = db.selectFrom('evidence').selectAll().orderBy('at').orderBy('id');
  return {
    async insert(piece) {
      await db.insertInto('evidence').values(toRow(piece)).execute();
    },
    async ofRelease(release) {
      return (await all.where('release_id', '=', release).execute()).map(toEvidence);
    },
    async ofPromotion(promotion) {
      return (await all.where('promotion_id', '=', promotion).execute()).map(toEvidence);
    },
  };
}

function toRow({
  id,
  release,
  artifact,
  environment,
  promotion,
  kind,
  name,
  verdict,
  summary,
  counts,
  at,
  milliseconds,
  run,
}: Evidence) {
  return {
    id,
    release_id: release,
    artifact,
    environment_id: environment,
    promotion_id: promotion ?? null,
    kind,
    name,
    verdict,
    summary,
    counts: jsonbOrNull(counts),
    at,
    milliseconds: Math.round(milliseconds),
    run: run ?? null,
  };
}

function toEvidence(row: Selectable<Database['evidence']>): Evidence {
  const { release_id, environment_id, promotion_id, counts, run, ...same } = row;
  return {
    ...same,
    release: release_id,
    environment: environment_id,
    promotion: present(promotion_id),
    counts: present(counts),
    run: present(run),
  };
}
