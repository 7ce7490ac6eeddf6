/** Makes entries of the audit log out of events, in the transaction that records them. */
import { hash, randomFillSync } from 'node:crypto';
import { sealEvent, type AuditedEvent, type SealedEvent } from '../../../domain/audit/leaf.ts';
import { makeId } from '../../../domain/base/id.ts';
import { instant } from '../../../domain/base/time.ts';
import type { NewEvent } from '../../../ports/records.ts';
import { isStorableJson, jsonb } from '../values.ts';

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

/**
 * The events as text that PostgreSQL takes for jsonb, each with an id, its entry and what opens it. An entry is made of what the
 * database will answer, so what it cannot hold is replaced before; that there is any is rare.
 */
export function sealedText(events: readonly NewEvent[]): string {
  return textOf(events) ?? JSON.stringify((JSON.parse(jsonb(events)) as readonly NewEvent[]).map(sealNew));
}

function textOf(events: readonly NewEvent[]): string | undefined {
  try {
    const text = JSON.stringify(events.map(sealNew));
    return isStorableJson(text) ? text : undefined;
  } catch (error) {
    // A number that JSON does not have.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sealNew(event: NewEvent): SealedRecord {
  // What is undefined is in no text that is made of it.
  return sealOne({ ...event, id: makeId('evt', instant(event.at), random(10)) } as AuditedEvent);
}

export function sealOne(event: AuditedEvent): SealedRecord {
  return { ...event, ...sealEvent(event, tools) };
}
