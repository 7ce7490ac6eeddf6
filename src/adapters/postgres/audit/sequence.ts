/**
 * The sequencer: gives settled events their place in the audit log and signs what the log looks like.
 *
 * The order is that of the event feed, (transaction, seq), below the same horizon: nothing can appear before an event that was
 * taken. One transaction does it all under an advisory lock, so that it happens wholly or not at all, and once at a time.
 */
import type { Pool, PoolClient } from 'pg';
import { formatCheckpoint, markOf, parseCheckpoint } from '../../../domain/audit/checkpoint.ts';
import { utf8 } from '../../../domain/audit/bytes.ts';
import { formatKey, parseNote, signNote, type NoteSigner } from '../../../domain/audit/note.ts';
import { consistencyPath, provesConsistency } from '../../../domain/audit/proof.ts';
import { grown, leafHash, rootOf, type Frontier, type NodePlace } from '../../../domain/audit/tree.ts';
import { Failure } from '../../../domain/base/failure.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { SequenceWork, Sequenced } from '../../../ports/audit.ts';
import { appendEvents, horizon } from '../events.ts';
import { sessionOf, statement, type Session } from '../session.ts';
import { rootsOf, storedEvery } from './nodes.ts';
import { auditColumns, makeLeaves, type AuditRow } from './rows.ts';
import { hashBytes } from './seal.ts';

/** Any number that nobody else locks in our database. */
const sequencerLock = 7_134_290_656;

/** Entries of one checkpoint at most; as many events are taken in at once, whenever there are. */
const entriesForCheckpoint = 100;
/** Fewer are taken in when the last checkpoint is this old. */
const timeForCheckpoint = 60_000;
/** Events taken in by one transaction. */
const batch = 10 * entriesForCheckpoint;

const nothing: Sequenced = { appended: 0, checkpoint: undefined, more: false };

export async function sequence(pool: Pool, work: SequenceWork): Promise<Sequenced> {
  const client = await pool.connect();
  let spoilt = true;
  try {
    await client.query('begin isolation level read committed');
    const done = (await isOurTurn(client)) ? await advance(sessionOf(client), work) : nothing;
    await client.query('commit');
    spoilt = false;
    return done;
  } finally {
    // A connection that failed inside a transaction is closed, which ends the transaction and its lock.
    client.release(spoilt);
  }
}

async function isOurTurn(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(
    statement('select pg_try_advisory_xact_lock($1::bigint) as ours', [sequencerLock]),
  );
  return rows[0]!.ours;
}

/** An event as the log takes it. */
interface Taken {
  readonly seq: number;
  readonly xid: string;
  readonly leaf: string | null;
}

interface Log {
  readonly origin: string;
  readonly tree: Frontier;
  readonly place: { readonly xid: string; readonly seq: number };
  readonly signedAt: number;
}

async function advance(session: Session, work: SequenceWork): Promise<Sequenced> {
  const log = await readLog(session);
  // A statement of its own before the one that reads: what is settled by then is visible to it.
  const settledBefore = await horizonNow(session);
  const found = await unsequenced(session, { log, settledBefore });
  const isTime = work.atOnce === true || work.now - log.signedAt >= timeForCheckpoint;
  const rows = isTime ? found : found.slice(0, found.length - (found.length % entriesForCheckpoint));
  if (rows.length === 0) return nothing;
  await checkContinuation(session, { log, lastSigned: work.lastSigned });
  const signer = work.signer(log.origin);
  const larger = grow(log, await withLeaves(session, rows), { now: work.now, signer });
  const isAll = rows.length === found.length && rows.length < batch;
  await store(session, {
    ...larger,
    at: work.now,
    place: isAll ? { xid: settledBefore, seq: 0 } : placeOf(rows.at(-1)!),
  });
  await publishKey(session, signer, work);
  return { appended: rows.length, checkpoint: larger.notes.at(-1)?.note, more: rows.length === batch };
}

async function readLog({ client }: Session): Promise<Log> {
  const { rows } = await client.query<{
    origin: string;
    size: number;
    roots: Buffer;
    place_xid: string;
    place_seq: number;
    signed_at: number;
  }>(statement('select origin, size, roots, place_xid::text as place_xid, place_seq, signed_at from audit_log', []));
  const [row] = rows;
  if (row === undefined)
    throw new Failure('audit/inconsistent', 'the state of the audit log is gone from the database');
  return {
    origin: row.origin,
    tree: { size: row.size, roots: splitRoots(row.roots) },
    place: { xid: row.place_xid, seq: row.place_seq },
    signedAt: row.signed_at,
  };
}

async function horizonNow({ client }: Session): Promise<string> {
  const { rows } = await client.query<{ horizon: string }>(statement(horizon, []));
  return rows[0]!.horizon;
}

/**
 * A database that was copied to another server begins its transaction numbers anew, below those of the events it has. A place
 * ahead of the horizon tells so; then every event is looked at once that has no entry.
 */
async function unsequenced(
  { client }: Session,
  { log, settledBefore }: { log: Log; settledBefore: string },
): Promise<readonly Taken[]> {
  const place = BigInt(log.place.xid) > BigInt(settledBefore) ? { xid: '0', seq: 0 } : log.place;
  const { rows } = await client.query<Taken>(statement(reading, [batch, settledBefore, place.xid, place.seq]));
  return rows;
}

const reading = `
  select events.seq, events.xid::text as xid, events.leaf from events
  where (events.xid, events.seq) > ($3::xid8, $4::bigint) and events.xid < $2::xid8
    and not exists (select from audit_entries entry where entry.seq = events.seq)
  order by events.xid, events.seq limit $1`;

/** Nearly always all have one already. */
async function withLeaves(session: Session, taken: readonly Taken[]): Promise<readonly Taken[]> {
  const missing = taken.filter(({ leaf }) => leaf === null).map(({ seq }) => seq);
  if (missing.length === 0) return taken;
  const { rows } = await session.client.query<AuditRow>(
    statement(`select ${auditColumns} from events where events.seq = any ($1::bigint[])`, [missing]),
  );
  const made = await makeLeaves(session, rows);
  return taken.map((one) => ({ ...one, leaf: one.leaf ?? made.get(one.seq)!.leaf }));
}

/** Whoever changed what was signed here before does not get a signature on it. */
async function checkContinuation(
  session: Session,
  { log, lastSigned }: { log: Log; lastSigned: string | undefined },
): Promise<void> {
  if (lastSigned === undefined) return;
  const older = parseCheckpoint(parseNote(lastSigned).text);
  // Another database is another log.
  if (older.origin !== log.origin) return;
  const newer = { size: log.tree.size, root: rootOf(hashBytes, log.tree) };
  const continues =
    older.size <= newer.size &&
    provesConsistency(hashBytes, {
      older,
      newer,
      proof: await rootsOf(session.client, consistencyPath(older.size, newer.size)),
    });
  if (continues) return;
  throw new Failure(
    'audit/inconsistent',
    `the audit log (${newer.size} entries) is not a continuation of the ${older.size} entries that were signed here last; nothing more is signed`,
    {
      hint: 'liftlock audit verify names the first entry that is wrong. After a restore of an older backup, remove audit.checkpoint from the home and say so to whoever keeps checkpoints.',
    },
  );
}

interface Grown {
  readonly tree: Frontier;
  readonly entries: readonly { readonly seq: number; readonly hash: Uint8Array }[];
  readonly nodes: readonly (NodePlace & { readonly root: Uint8Array })[];
  readonly notes: readonly { readonly size: number; readonly note: string }[];
}

/** The log grows only together with checkpoints, so that every entry is covered by one, which has a mark of it. */
function grow(log: Log, rows: readonly Taken[], { now, signer }: { now: Instant; signer: NoteSigner }): Grown {
  const entries: { seq: number; hash: Uint8Array }[] = [];
  const nodes: (NodePlace & { root: Uint8Array })[] = [];
  const notes: { size: number; note: string }[] = [];
  let { tree } = log;
  for (let from = 0; from < rows.length; from += entriesForCheckpoint) {
    const some = rows.slice(from, from + entriesForCheckpoint);
    const hashes = some.map(({ leaf }) => leafHash(hashBytes, utf8(leaf!)));
    const marks = { from: tree.size, marks: hashes.map(markOf) };
    some.forEach(({ seq }, place) => entries.push({ seq, hash: hashes[place]! }));
    for (const leaf of hashes)
      tree = grown(hashBytes, tree, {
        leaf,
        onNode: (place, root) => isStored(place) && nodes.push({ ...place, root }),
      });
    const checkpoint = { origin: log.origin, size: tree.size, root: rootOf(hashBytes, tree), at: now, marks };
    notes.push({ size: tree.size, note: signNote(formatCheckpoint(checkpoint), signer) });
  }
  return { tree, entries, nodes, notes };
}

function isStored({ level }: NodePlace): boolean {
  return level > 0 && level % storedEvery === 0;
}

async function store({ client }: Session, log: Grown & { place: Log['place']; at: Instant }): Promise<void> {
  const { tree, entries, nodes, notes, place, at } = log;
  const first = tree.size - entries.length;
  await client.query(
    statement(appendingEntries, [
      entries.map((_, position) => first + position),
      entries.map(({ seq }) => seq),
      entries.map(({ hash }) => Buffer.from(hash)),
    ]),
  );
  if (nodes.length > 0)
    await client.query(
      statement(appendingNodes, [
        nodes.map(({ level }) => level),
        nodes.map(({ index }) => index),
        nodes.map(({ root }) => Buffer.from(root)),
      ]),
    );
  await client.query(statement(appendingNotes, [notes.map(({ size }) => size), notes.map(({ note }) => note)]));
  await client.query(statement(saving, [tree.size, Buffer.concat(tree.roots), place.xid, place.seq, at]));
}

const appendingEntries = `insert into audit_entries (index, seq, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])`;
const appendingNodes = `insert into audit_nodes (level, index, hash) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])`;
const appendingNotes = `insert into audit_checkpoints (size, note) select * from unnest($1::bigint[], $2::text[])`;
const saving = `update audit_log set size = $1::bigint, roots = $2::bytea, place_xid = $3::xid8, place_seq = $4::bigint,
  signed_at = $5::bigint`;

/** A key that signs for the first time is on record, in the log as well. */
async function publishKey(session: Session, signer: NoteSigner, { now }: SequenceWork): Promise<void> {
  const publicKey = formatKey(signer.key);
  const { rowCount } = await session.client.query(
    statement('insert into audit_keys (key, first_used_at) values ($1, $2) on conflict do nothing', [publicKey, now]),
  );
  if (rowCount === 1)
    await appendEvents(session, [{ kind: 'audit.key-used', actor: 'system:audit', at: now, data: { publicKey } }]);
}

function placeOf({ xid, seq }: Taken): Log['place'] {
  return { xid, seq };
}

function splitRoots(bytes: Buffer): readonly Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, place) => bytes.subarray(place * 32, place * 32 + 32));
}
