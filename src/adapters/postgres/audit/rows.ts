/** Rows of `events` as the audit log needs them. */
import type { AuditedEvent, Salts } from '../../../domain/audit/leaf.ts';
import type { Json } from '../../../domain/base/digest.ts';
import { makeId } from '../../../domain/base/id.ts';
import { instant } from '../../../domain/base/time.ts';
import { randomBytes } from 'node:crypto';
import { statement, type Session } from '../session.ts';
import { jsonb, optional } from '../values.ts';
import { sealOne, type SealedRecord } from './seal.ts';

export interface AuditRow {
  readonly seq: number;
  readonly xid: string;
  readonly id: string | null;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly project_id: string | null;
  readonly environment_id: string | null;
  readonly release_id: string | null;
  readonly promotion_id: string | null;
  readonly data: { readonly [key: string]: Json };
  readonly leaf: string | null;
  readonly salts: Salts | null;
}

/** Of a table or alias named `events`. */
export const auditColumns = [
  'seq',
  'xid::text as xid',
  'id',
  'at',
  'kind',
  'actor',
  'project_id',
  'environment_id',
  'release_id',
  'promotion_id',
  'data',
  'leaf',
  'salts',
]
  .map((column) => `events.${column}`)
  .join(', ');

export function shownEvent(row: AuditRow): AuditedEvent {
  return {
    id: row.id ?? makeId('evt', instant(row.at), randomBytes(10)),
    kind: row.kind,
    actor: row.actor,
    at: row.at,
    ...optional('project', row.project_id),
    ...optional('environment', row.environment_id),
    ...optional('release', row.release_id),
    ...optional('promotion', row.promotion_id),
    data: row.data,
  };
}

/** Events that an earlier version recorded get their entries now: what the log proves of them begins here. */
export async function makeLeaves(
  session: Session,
  rows: readonly AuditRow[],
): Promise<ReadonlyMap<number, SealedRecord>> {
  const missing = rows.filter(({ leaf }) => leaf === null);
  const made = new Map(missing.map((row) => [row.seq, sealOne(shownEvent(row))] as const));
  const parts = [...made].map(([seq, { id, leaf, salts }]) => ({ seq, id, leaf, salts }));
  if (parts.length > 0) await session.client.query(statement(filling, [jsonb(parts)]));
  return made;
}

const filling = `
  update events set id = made.id, leaf = made.leaf, salts = made.salts
  from jsonb_to_recordset($1::jsonb) as made (seq bigint, id text, leaf text, salts jsonb)
  where events.seq = made.seq and events.leaf is null`;
