/** The audit log on PostgreSQL. */
import type { Pool } from 'pg';
import type { AuditEntry, AuditLog, AuditState, AuditSubject } from '../../../ports/audit.ts';
import { explain } from '../database-failure.ts';
import { horizon } from '../events.ts';
import { statement } from '../session.ts';
import { rootsOf } from './nodes.ts';
import { auditColumns, shownEvent, type AuditRow } from './rows.ts';
import { sequence } from './sequence.ts';

export function auditLog(pool: Pool): AuditLog {
  const ask = async <Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    (await pool.query<Row>(statement(text, values))).rows;
  const told =
    <Given extends readonly unknown[], Answer>(act: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      try {
        return await act(...given);
      } catch (error) {
        throw explain(error);
      }
    };
  const entries = async (condition: string, values: readonly unknown[]): Promise<readonly AuditEntry[]> =>
    (await ask<EntryRow>(`${reading} where ${condition}`, values)).map(toEntry);
  return {
    sequence: told((work) => sequence(pool, work)),
    state: told(async () => {
      const settledBefore = (await ask<{ horizon: string }>(horizon, []))[0]!.horizon;
      return (await ask<AuditState>(standing, [settledBefore]))[0]!;
    }),
    entries: told(({ from, limit }) =>
      entries('entry.index >= $1::bigint order by entry.index limit $2', [from, limit]),
    ),
    about: told((subject: AuditSubject, limit: number) =>
      'release' in subject
        ? entries('events.release_id = $1 order by entry.index limit $2', [subject.release, limit])
        : entries('events.promotion_id = $1 order by entry.index limit $2', [subject.promotion, limit]),
    ),
    entryOf: told(async (event: string) => {
      const [, seq] = /^\d{1,19}\.(\d{1,18})$/.exec(event) ?? [];
      const [found] = await (seq === undefined
        ? entries('events.id = $1', [event])
        : entries('events.seq = $1::bigint', [seq]));
      return found;
    }),
    roots: told((ranges) => rootsOf(pool, ranges)),
    checkpoints: told(async ({ after, limit }) => {
      const rows = await ask<{ note: string }>(
        'select note from audit_checkpoints where size > $1::bigint order by size limit $2',
        [after, limit],
      );
      return rows.map(({ note }) => note);
    }),
    newest: told(async () => {
      const rows = await ask<{ note: string }>('select note from audit_checkpoints order by size desc limit 1', []);
      return rows[0]?.note;
    }),
    keys: told(async () => {
      const rows = await ask<{ key: string }>('select key from audit_keys order by first_used_at, key', []);
      return rows.map(({ key }) => key);
    }),
  };
}

type EntryRow = { readonly index: number; readonly hash: Buffer } & {
  readonly [Key in keyof AuditRow]: AuditRow[Key] | null;
};

/** The event may be gone although its entry is there. */
const reading = `select entry.index, entry.hash, ${auditColumns} from audit_entries entry left join events on events.seq = entry.seq`;

const standing = `
  select log.origin, log.size,
    (select count(*) from events where events.xid < $1::xid8 and (events.xid, events.seq) > (log.place_xid, log.place_seq)
      and not exists (select from audit_entries entry where entry.seq = events.seq)) as waiting,
    (select count(*) from events where (events.xid, events.seq) <= (log.place_xid, log.place_seq)
      and not exists (select from audit_entries entry where entry.seq = events.seq)) as lost
  from audit_log log`;

function toEntry({ index, hash, ...row }: EntryRow): AuditEntry {
  if (row.seq === null || row.leaf === null) return { index, hash, event: undefined };
  const event = row as AuditRow;
  return {
    index,
    hash,
    event: {
      leaf: row.leaf,
      salts: event.salts ?? {},
      shown: shownEvent(event),
      cursor: `${event.xid}.${event.seq}`,
    },
  };
}
