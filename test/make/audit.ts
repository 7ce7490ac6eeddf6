/** The audit log in tests: a notary in a directory of its own, and the whole log as whoever checks it reads it. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNotary } from '../../src/adapters/notary/notary.ts';
import { toBase64 } from '../../src/domain/audit/bytes.ts';
import { parseCheckpoint, type Checkpoint } from '../../src/domain/audit/checkpoint.ts';
import { openingsOf } from '../../src/domain/audit/leaf.ts';
import { parseNote } from '../../src/domain/audit/note.ts';
import { verifyLog, type LogEntry, type LogFindings } from '../../src/domain/audit/verify-log.ts';
import type { AuditEntry, AuditLog } from '../../src/ports/audit.ts';
import type { Notary } from '../../src/ports/notary.ts';

export function hashBytes(content: Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}

export async function makeNotary(): Promise<Notary & { readonly directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock notary '));
  const notary = await openNotary({
    keyFile: join(directory, 'audit.key'),
    lastSignedFile: join(directory, 'audit.checkpoint'),
  });
  return { ...notary, directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function logEntryOf({ index, hash, event }: AuditEntry): LogEntry {
  if (event === undefined) return { index, hash: toBase64(hash), leaf: null, openings: {} };
  const { leaf, salts, shown } = event;
  return { index, hash: toBase64(hash), leaf, openings: openingsOf(shown, salts), shown };
}

/** Everything the log holds, page by page. */
export async function wholeLog(audit: AuditLog): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = [];
  for (;;) {
    const from = (all.at(-1)?.index ?? -1) + 1;
    const some = await audit.entries({ from, limit: 250 });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

export async function allCheckpoints(audit: AuditLog): Promise<readonly Checkpoint[]> {
  const notes = await audit.checkpoints({ after: 0, limit: 10_000 });
  return notes.map((note) => parseCheckpoint(parseNote(note).text));
}

/** What checking the whole log finds, given the checkpoints that somebody kept. */
export async function check(audit: AuditLog, kept?: readonly Checkpoint[]): Promise<LogFindings> {
  const verifier = verifyLog(hashBytes, kept ?? (await allCheckpoints(audit)));
  for (const entry of await wholeLog(audit)) verifier.add(logEntryOf(entry));
  return verifier.finish();
}
