/** Somebody outside who keeps checkpoints of the audit log while things go wrong, and checks the log against them at the end. */
import { setTimeout as wait } from 'node:timers/promises';
import { parseCheckpoint } from '../../../src/domain/audit/checkpoint.ts';
import { parseNote } from '../../../src/domain/audit/note.ts';
import { instant } from '../../../src/domain/base/time.ts';
import { openTestStore, query } from '../../world/make.ts';
import { allCheckpoints, check, makeNotary } from '../../make/audit.ts';

export interface Witness {
  /** One sentence for each way in which the log is not what it should be. */
  faults(): Promise<readonly string[]>;
  kept(): number;
}

const everyMs = 500;

export function keepCheckpoints(url: string): Witness {
  const notes = new Set<string>();
  const stopping = new AbortController();
  const watching = watch(url, notes, stopping.signal);
  return {
    kept: () => notes.size,
    async faults() {
      stopping.abort();
      await watching;
      return faultsOf(url, [...notes]);
    },
  };
}

async function watch(url: string, notes: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The database is killed every now and then.
    const rows = await query(url, 'select note from audit_checkpoints order by size desc limit 1').catch(() => []);
    for (const { note } of rows) notes.add(String(note));
    // A scenario that failed is not held up.
    await wait(everyMs, undefined, { ref: false });
  }
}

async function faultsOf(url: string, notes: readonly string[]): Promise<readonly string[]> {
  const store = await openTestStore(url);
  const notary = await makeNotary();
  try {
    const work = { signer: notary.signer, lastSigned: notes.at(-1), atOnce: true as const };
    while ((await store.audit.sequence({ ...work, now: instant(Date.now()) })).more);
    const kept = notes.map((note) => parseCheckpoint(parseNote(note).text));
    const { problems, entries } = await check(store.audit, [...kept, ...(await allCheckpoints(store.audit))]);
    const { lost } = await store.audit.state();
    const [row] = await query(
      url,
      'select count(*)::int as events from events where seq in (select seq from audit_entries)',
    );
    return [
      ...problems.map(({ message }) => `audit log: ${message}`),
      ...(lost > 0 ? [`audit log: ${lost} events were lost`] : []),
      ...(row!['events'] === entries ? [] : [`audit log: ${entries} entries for ${row!['events']} events`]),
    ];
  } finally {
    await store.close();
    await notary.remove();
  }
}
