/**
 * The event log (R41): appending, and reading it in an order that is safe to follow.
 *
 * Sequence numbers are given out before commit, so a reader that follows `seq` misses an event that commits late. Events
 * are therefore ordered by (transaction id, seq), and only those are answered whose transaction is older than every
 * transaction of this database still in progress: nothing can appear before them any more. Transactions of other databases on the
 * same server, such as a long migration of an environment, do not hold the feed back. Writers must be of the reader's role:
 * PostgreSQL does not show the transactions of others.
 */
import type { Pool } from 'pg';
import { Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, ProjectId, PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { Json } from '../../domain/base/digest.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { EventFeed, EventFilter, RecordedEvent } from '../../ports/events.ts';
import type { NewEvent } from '../../ports/records.ts';
import { sealedText } from './audit/seal.ts';
import { explain } from './database-failure.ts';
import { statement, type Session } from './session.ts';
import { optional } from './values.ts';

export async function appendEvents({ client }: Session, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await client.query(statement(appending, [sealedText(events)]));
}

const appending = `
  insert into events (id, at, kind, actor, project_id, environment_id, release_id, promotion_id, data, leaf, salts)
  select id, at, kind, actor, project, environment, release, promotion, data, leaf, salts
  from rows from (jsonb_to_recordset($1::jsonb) as (id text, at bigint, kind text, actor text, project text, environment text,
    release text, promotion text, data jsonb, leaf text, salts jsonb))
    with ordinality as event (id, at, kind, actor, project, environment, release, promotion, data, leaf, salts, place)
  order by place`;

export function eventFeed(pool: Pool): EventFeed {
  const ask = async <Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(statement(text, values))).rows;
    } catch (error) {
      throw explain(error);
    }
  };
  // A statement of its own before the one that reads: what is settled by then is visible to the reader's later snapshot.
  const settledBefore = async (): Promise<string> => (await ask<{ horizon: string }>(horizon, []))[0]!.horizon;
  return {
    async read({ after, limit, ...filter }) {
      const { xid, seq } = after === undefined ? { xid: '0', seq: '0' } : parseCursor(after);
      const rows = await ask<EventRow>(reading(filter), [
        limit,
        await settledBefore(),
        xid,
        seq,
        ...filterValues(filter),
      ]);
      return rows.map(toEvent);
    },
    async tail({ before, ...filter }, limit) {
      const { xid, seq } = before === undefined ? { xid: null, seq: null } : parseCursor(before);
      const rows = await ask<EventRow>(tailing(filter), [
        limit,
        await settledBefore(),
        xid,
        seq,
        ...filterValues(filter),
      ]);
      return rows.map(toEvent);
    },
  };
}

/**
 * The oldest transaction of this database that may still be in progress, or the next one to come. The snapshot is taken first and
 * the activity read after it, so that a transaction below the answer is over. `backend_xid` has 32 bits and is put beside the
 * 64 of the snapshot; one that was given out after the snapshot appears ahead of it and does not matter.
 */
export const horizon = `
  select coalesce(min(taken.next - late.behind) filter (where late.behind between 1 and 2147483647), taken.next)::text as horizon
  from (select pg_snapshot_xmax(pg_current_snapshot())::text::numeric as next) taken
    left join pg_stat_activity active on active.datname = current_database() and active.backend_xid is not null
    left join lateral (
      select mod(mod(taken.next - active.backend_xid::text::numeric, 4294967296) + 4294967296, 4294967296) as behind
    ) late on true
  group by taken.next`;

const columns = 'seq, xid::text as xid, at, kind, actor, project_id, environment_id, release_id, promotion_id, data';
const settled = 'events.xid < $2::xid8';

function reading(filter: EventFilter): string {
  return `select ${columns} from events where (xid, seq) > ($3::xid8, $4::bigint) and ${settled}${conditions(filter, 5)}
    order by xid, seq limit $1`;
}

function tailing(filter: EventFilter): string {
  return `select * from (select events.xid as place, ${columns} from events
    where ($3::xid8 is null or (xid, seq) < ($3::xid8, $4::bigint)) and ${settled}${conditions(filter, 5)}
    order by events.xid desc, seq desc limit $1) newest order by place, seq`;
}

function conditions(filter: EventFilter, from: number): string {
  return filterColumns(filter)
    .map(([condition], index) => ` and ${condition.replaceAll('?', `$${from + index}`)}`)
    .join('');
}

type Value = string | number | readonly string[];

function filterValues(filter: EventFilter): readonly Value[] {
  return filterColumns(filter).map(([, value]) => value);
}

/** Names and numbers mean the same in every project; which projects are looked through is a condition of its own. */
function filterColumns(filter: EventFilter): readonly (readonly [condition: string, value: Value])[] {
  return [
    ['project_id = ?', filter.project] as const,
    ['project_id = any(?)', filter.projects] as const,
    ['promotion_id = ?', filter.promotion] as const,
    ["(kind = ? or starts_with(kind, ?::text || '.'))", filter.kind] as const,
    ['actor = ?', filter.actor] as const,
    ['environment_id in (select id from environments where name = ?)', filter.environment] as const,
    ['release_id in (select id from releases where number = ?)', filter.release] as const,
    ['at >= ?', filter.since] as const,
    ['at < ?', filter.until] as const,
  ].flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value] as const]));
}

/** A cursor is `<transaction id>.<seq>`. */
function parseCursor(cursor: string): { xid: string; seq: string } {
  const parts = /^(\d{1,20})\.(\d{1,18})$/.exec(cursor);
  if (parts === null || BigInt(parts[1]!) >= 2n ** 64n) {
    throw new Failure('input/invalid', `${JSON.stringify(cursor.slice(0, 60))} is not a place in the event log`, {
      hint: 'Start from the beginning, or from a cursor that an event came with.',
    });
  }
  return { xid: parts[1]!, seq: parts[2]! };
}

interface EventRow {
  readonly seq: number;
  readonly xid: string;
  readonly at: Instant;
  readonly kind: string;
  readonly actor: string;
  readonly project_id: ProjectId | null;
  readonly environment_id: EnvironmentId | null;
  readonly release_id: ReleaseId | null;
  readonly promotion_id: PromotionId | null;
  readonly data: { readonly [key: string]: Json };
}

function toEvent(row: EventRow): RecordedEvent {
  return {
    seq: row.seq,
    cursor: `${row.xid}.${row.seq}`,
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
