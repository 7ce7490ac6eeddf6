/** Makes entries of the audit log out of events, in the transaction that records them. */
import { hash, randomFillSync } from 'node:crypto';
import { sealEvent, type AuditedEvent, type SealedEvent } from '../../../domain/audit/leaf.ts';
import type { Json } from '../../../domain/base/digest.ts';
import { makeId } from '../../../domain/base/id.ts';
import { instant } from '../../../domain/base/time.ts';
import type { NewEvent } from '../../../ports/records.ts';
import { jsonb } from '../values.ts';

export function hashBytes(content: Uint8Array): Uint8Array {
  return hash('sha256', content, 'buffer');
}

const tools = { hash: hashBytes, random };

const pool = new Uint8Array(8_192);
let used = pool.length;

/** Random bytes that are given out once. Asking the platform for a few at a time costs more than all the rest of an entry. */
function random(bytes: number): Uint8Array {
  if (bytes > pool.length) return randomFillSync(new Uint8Array(bytes));
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.slice(used - bytes, used);
}

export type SealedRecord = AuditedEvent & SealedEvent;

/** The events as the database will answer them, each with an id, its entry and what opens it. */
export function sealed(events: readonly NewEvent[]): readonly SealedRecord[] {
  const stored = JSON.parse(jsonb(events)) as readonly (Omit<AuditedEvent, 'id'> & { data: Record<string, Json> })[];
  return stored.map((event) => sealOne({ ...event, id: makeId('evt', instant(event.at), random(10)) }));
}

export function sealOne(event: AuditedEvent): SealedRecord {
  return { ...event, ...sealEvent(event, tools) };
}
