/** The audit log as a control plane answers it, page by page. */
import type { ServedEntry } from '../../domain/audit/exported.ts';
import type { Client } from '../client.ts';

export interface AuditView {
  readonly origin: string;
  readonly size: number;
  readonly waiting: number;
  readonly lost: number;
  readonly keys: readonly string[];
  readonly checkpoint: string | null;
  readonly refused: string | null;
}

const page = 500;

/** Takes in what is not in the log yet, so that all that happened until now is told. */
export function lookAtAudit(client: Client): Promise<AuditView> {
  return client.get<AuditView>('/api/v1/audit', { fresh: 'yes' });
}

export async function* servedEntries(client: Client, from = 0): AsyncIterable<ServedEntry> {
  for (let next = from; ;) {
    const { entries } = await client.get<{ entries: readonly ServedEntry[] }>('/api/v1/audit/entries', {
      from: next,
      limit: page,
    });
    yield* entries;
    if (entries.length < page) return;
    next = entries.at(-1)!.index + 1;
  }
}

/** All signed checkpoints, as notes. `sizeOf` says how many entries one covers. */
export async function servedCheckpoints(client: Client, sizeOf: (note: string) => number): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const last = all.at(-1);
    const { checkpoints } = await client.get<{ checkpoints: readonly string[] }>('/api/v1/audit/checkpoints', {
      after: last === undefined ? 0 : sizeOf(last),
      limit: page,
    });
    all.push(...checkpoints);
    if (checkpoints.length < page) return all;
  }
}
