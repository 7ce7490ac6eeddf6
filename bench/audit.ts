/**
 * The audit log: how many events a second get their place and a signature, what a proof costs, and how long somebody outside takes
 * to check the whole log.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openNotary } from '../src/adapters/notary/notary.ts';
import { createLog } from '../src/adapters/log/log.ts';
import { openStore } from '../src/adapters/postgres/store.ts';
import { toBase64 } from '../src/domain/audit/bytes.ts';
import { parseCheckpoint, type Checkpoint } from '../src/domain/audit/checkpoint.ts';
import { openingsOf } from '../src/domain/audit/leaf.ts';
import { parseNote } from '../src/domain/audit/note.ts';
import { inclusionPath } from '../src/domain/audit/proof.ts';
import { verifyLog } from '../src/domain/audit/verify-log.ts';
import { instant } from '../src/domain/base/time.ts';
import type { AuditEntry, AuditLog } from '../src/ports/audit.ts';
import { median, timed, type Measured } from './figures.ts';
import { freshDatabase, inScratch } from './scratch.ts';
import { migrationsDirectory } from './world.ts';

const events = 50_000;
const inOneTransaction = 10;
const proofs = 200;

export function audit(): Promise<Measured> {
  return inScratch(async (directory) => {
    const store = await openStore({
      url: await freshDatabase(directory),
      migrationsDirectory,
      log: createLog({ level: 'warn' }),
      sealKey: new Uint8Array(32),
    });
    const notary = await openNotary({
      keyFile: join(directory, 'audit.key'),
      lastSignedFile: join(directory, 'audit.checkpoint'),
    });
    try {
      const written = await timed(async () => {
        for (let count = 0; count < events; count += inOneTransaction)
          await store.transaction((tx) => tx.events.append(...Array.from({ length: inOneTransaction }, () => event())));
      });
      const sequenced = await timed(async () => {
        while ((await store.audit.sequence({ now: instant(Date.now()), ...signing(notary) })).more);
      });
      const each: number[] = [];
      for (let count = 0; count < proofs; count++)
        each.push(await timed(() => store.audit.roots(inclusionPath((count * 7_919) % events, events))));
      const log = await readAll(store.audit);
      const checkpoints = await readCheckpoints(store.audit);
      const verified = await timed(async () => check(log, checkpoints));
      return {
        setup: { events, checkpoints: checkpoints.length },
        figures: [
          { what: 'one event written, ten in a transaction', value: (written * 1_000) / events, unit: 'µs' },
          { what: 'events given a place and signed, per second', value: (events / sequenced) * 1_000, unit: '' },
          { what: 'one inclusion proof, median', value: median(each), unit: 'ms' },
          { what: 'entries checked by somebody outside, per second', value: (events / verified) * 1_000, unit: '' },
        ],
      };
    } finally {
      await store.close();
    }
  });
}

function event() {
  return {
    kind: 'promotion.ended',
    actor: 'bench',
    at: instant(Date.now()),
    data: { outcome: 'succeeded', reason: 'everything that was looked at passed' },
  };
}

function signing(notary: Awaited<ReturnType<typeof openNotary>>) {
  return { signer: notary.signer, lastSigned: undefined, atOnce: true } as const;
}

async function readAll(log: AuditLog): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = [];
  for (let some = await log.entries({ from: 0, limit: 1_000 }); some.length > 0;) {
    all.push(...some);
    some = await log.entries({ from: all.length, limit: 1_000 });
  }
  return all;
}

async function readCheckpoints(log: AuditLog): Promise<readonly Checkpoint[]> {
  const notes = await log.checkpoints({ after: 0, limit: events });
  return notes.map((note) => parseCheckpoint(parseNote(note).text));
}

function check(log: readonly AuditEntry[], checkpoints: readonly Checkpoint[]): void {
  const verifier = verifyLog((content) => createHash('sha256').update(content).digest(), checkpoints);
  for (const { index, hash, event: recorded } of log) {
    const { leaf, shown, salts } = recorded!;
    verifier.add({ index, hash: toBase64(hash), leaf, shown, openings: openingsOf(shown, salts) });
  }
  const { problems } = verifier.finish();
  if (problems.length > 0) throw new Error(problems[0]!.message);
}
