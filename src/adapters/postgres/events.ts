/**
 * The event log (R41): appending, and reading it in an order that is safe to follow.
 *
 * Sequence numbers are given out before commit, so a reader that follows `seq` misses an event that commits late. Events
 * are therefore ordered by (transaction id, seq), and only those are answered whose transaction is older than every
 * transaction still in progress: nothing can appear before them any more. The cost: a long transaction that
 * writes anywhere on the server holds the feed back until it ends.
 */
import type { Pool } from 'pg';
import { Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, ProjectId, PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { Json } from '../../domain/base/digest.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { EventFeed, EventFilter, RecordedEvent } from '../../ports/events.ts';
import type { NewEvent } from '../../ports/records.ts';
import { explain } from './database-failure.ts';
import { statement, type Session } from './session.ts';
import { jsonb, optional } from './values.ts';

export async function appendEvents({ client }: Session, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await client.query(statement(appending, [jsonb(events)]));
}

const appending = `
  insert into events (at, kind, actor, project_id, environment_id, release_id, promotion_id, data)
  select at, kind, actor, project, environment, release, promotion, data
  from rows from (jsonb_to_recordset($1::jsonb) as (at bigint, kind text, actor text, project text, environment text, release text, promotion text, data jsonb))
    with ordinality as event (at, kind, actor, project, environment, release, promotion, data, place)
  order by place`;

export function eventFeed(pool: Pool): EventFeed {
  const ask = async (text: string, values: readonly unknown[]): Promise<readonly RecordedEvent[]> => {
    try {
      const { rows } = await pool.query<EventRow>(statement(text, values));
      return rows.map(toEvent);
    } catch (error) {
      throw explain(error);
    }
  };
  return {
    read({ after, limit, ...filter }) {
      const { xid, seq } = after === undefined ? { xid: '0', seq: '0' } : parseCursor(after);
      return ask(reading(filter), [limit, xid, seq, ...filterValues(filter)]);
    },
    tail: (filter, limit) => ask(tailing(filter), [limit, ...filterValues(filter)]),
  };
}

const columns = 'seq, xid::text as xid, at, kind, actor, project_id, environment_id, release_id, promotion_id, data';
const settled = 'xid < pg_snapshot_xmin(pg_current_snapshot())';

function reading(filter: EventFilter): string {
  return `select ${columns} from events where (xid, seq) > ($2::xid8, $3::bigint) and ${settled}${conditions(filter, 4)}
    order by xid, seq limit $1`;
}

function tailing(filter: EventFilter): string {
  return `select * from (select events.xid as place, ${columns} from events where ${settled}${conditions(filter, 2)}
    order by events.xid desc, seq desc limit $1) newest order by place, seq`;
}

function conditions(filter: EventFilter, from: number): string {
  return filterColumns(filter)
    .map(([column], index) => ` and ${column} = $${from + index}`)
    .join('');
}

function filterValues(filter: EventFilter): readonly string[] {
  return filterColumns(filter).map(([, value]) => value);
}

function filterColumns({ project, promotion }: EventFilter): readonly (readonly [column: string, value: string])[] {
  return [['project_id', project] as const, ['promotion_id', promotion] as const].flatMap(([column, value]) =>
    value === undefined ? [] : [[column, value] as const],
  );
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
