/** The signer registry. */
import { sql, type Selectable } from 'kysely';
import type { StoredSigner, TrustTables } from '../../../ports/trust.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

type SignerRow = Selectable<Database['signers']> & { handle: string | null; disabled_at: number | null };

export function signers(db: Db): TrustTables['signers'] {
  const all = db
    .selectFrom('signers')
    .leftJoin('people', 'people.id', 'signers.person_id')
    .selectAll('signers')
    .select(['people.handle', 'people.disabled_at']);
  return {
    async insert(signer) {
      const { owner } = signer;
      const inserted = await db
        .insertInto('signers')
        .values({
          fingerprint: signer.fingerprint,
          kind: signer.kind,
          material: signer.material,
          algorithm: signer.algorithm,
          comment: signer.comment,
          person_id: owner.by === 'person' ? owner.person : null,
          platform: owner.by === 'platform' ? owner.platform : null,
          added_by: signer.addedBy,
          added_at: signer.addedAt,
          expires_at: signer.expiresAt ?? null,
        })
        .onConflict((conflict) => conflict.column('fingerprint').doNothing())
        .returning('fingerprint')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(fingerprint) {
      const row = await all.where('fingerprint', '=', fingerprint).executeTakeFirst();
      return row && toSigner(row);
    },
    async list() {
      const rows = await all
        .orderBy(sql`coalesce(people.handle, signers.platform)`)
        .orderBy('added_at')
        .execute();
      return rows.map(toSigner);
    },
    async revoke(fingerprint, { at, by, reason }) {
      const revoked = await db
        .updateTable('signers')
        .set({ revoked_at: at, revoked_by: by, revoked_reason: reason })
        .where('fingerprint', '=', fingerprint)
        .where('revoked_at', 'is', null)
        .returning('fingerprint')
        .executeTakeFirst();
      return revoked !== undefined;
    },
    async stateFor(project, now) {
      const { rows } = await sql<{ version: number; standing: string }>`
        select (keys.added + keys.revoked)::int as version,
          keys.added || '.' || keys.revoked || '.' || keys.over || '.' || roles.held || '.' || words.given || '.' || gone.people || '.' || lines.rewound as standing
        from (select count(*) as added, count(revoked_at) as revoked, count(*) filter (where expires_at <= ${now}) as over from signers) keys,
          (select coalesce(md5(string_agg(person_id || role, ',' order by person_id, role)), '') as held from grants
            where role in ('maintainer', 'release-manager') and revoked_at is null and from_at <= ${now}
              and (until_at is null or until_at > ${now}) and (project_id is null or project_id = ${project})) roles,
          (select count(*) as given from acceptances where project_id = ${project}) words,
          (select count(disabled_at) as people from people) gone,
          (select coalesce(string_agg(ref || ' ' || (rewound->>'at'), ',' order by ref), '') as rewound from main_lines
            where project_id = ${project} and rewound is not null) lines`.execute(db);
      return rows[0]!;
    },
  };
}

function toSigner(row: SignerRow): StoredSigner {
  return {
    fingerprint: row.fingerprint,
    kind: row.kind,
    material: row.material,
    algorithm: row.algorithm,
    comment: row.comment,
    owner:
      row.person_id === null
        ? { by: 'platform', platform: row.platform ?? '' }
        : { by: 'person', person: row.person_id, handle: row.handle ?? '', disabled: row.disabled_at !== null },
    addedBy: row.added_by,
    addedAt: row.added_at,
    expiresAt: present(row.expires_at),
    revoked:
      row.revoked_at === null
        ? undefined
        : { at: row.revoked_at, by: row.revoked_by ?? '', reason: row.revoked_reason ?? '' },
  };
}
