/** Erases texts about a person from events. The entries of the audit log stay as they are: what they hold of a text is its salted hash. */
import { erased, type Salts } from '../../../domain/audit/leaf.ts';
import { fieldsToSeal, isAbout, withValueAt, type Identity } from '../../../domain/audit/sealing.ts';
import type { Json } from '../../../domain/base/digest.ts';
import type { Transaction } from '../../../ports/store.ts';
import { statement, type Session } from '../session.ts';
import { jsonb } from '../values.ts';
import { auditColumns, makeLeaves, type AuditRow } from './rows.ts';

export function audit(session: Session): Transaction['audit'] {
  return {
    async erase(identity, { textsToo }) {
      const { client } = session;
      const known = [identity.handle, ...identity.others];
      const patterns = [...known, ...known.map((text) => text.toLowerCase())].map((text) => `%${likeable(text)}%`);
      const { rows } = await client.query<AuditRow>(statement(searching, [patterns]));
      const made = await makeLeaves(session, rows);
      const changes = rows.flatMap((row) => changeOf({ ...row, ...made.get(row.seq) }, { identity, textsToo }));
      if (changes.length === 0) return [];
      await client.query(`set local liftlock.erasing = 'on'`);
      await client.query(statement(changing, [jsonb(changes)]));
      await client.query(`set local liftlock.erasing = 'off'`);
      return changes.flatMap(({ places }) => places);
    },
  };
}

/** Sees more than is meant; `isAbout` decides. As written too: not every locale of PostgreSQL knows the lower case of all letters. */
const searching = `select ${auditColumns} from events
  where lower(events.actor) like any ($1::text[]) or lower(events.data::text) like any ($1::text[])
    or events.data::text like any ($1::text[]) for update`;

const changing = `
  update events set actor = change.actor, data = change.data, salts = change.salts
  from jsonb_to_recordset($1::jsonb) as change (seq bigint, actor text, data jsonb, salts jsonb) where events.seq = change.seq`;

interface Change {
  readonly seq: number;
  readonly actor: string;
  readonly data: Json;
  readonly salts: Salts;
  readonly places: readonly string[];
}

function changeOf(row: AuditRow, asked: { identity: Identity; textsToo: boolean }): readonly Change[] {
  const { seq, id, actor, data, salts } = row;
  const own = asked.textsToo && isAbout(asked.identity, actor);
  const gone = fieldsToSeal({ actor, data })
    .filter(({ pointer, text }) => salts?.[pointer] !== undefined && (own || isAbout(asked.identity, text)))
    .map(({ pointer }) => pointer);
  if (gone.length === 0) return [];
  const shown = gone.reduce<Json>((event, pointer) => withValueAt(event, pointer, erased), { actor, data });
  const left = Object.entries(salts!).filter(([pointer]) => !gone.includes(pointer));
  return [
    {
      seq,
      ...(shown as { actor: string; data: Json }),
      salts: Object.fromEntries(left),
      places: gone.map((pointer) => `${id}${pointer}`),
    },
  ];
}

function likeable(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}
