/** Makes entries of the audit log out of events, in the transaction that records them. */
import { createHash, randomBytes } from 'node:crypto';
import { sealEvent, type AuditedEvent, type SealedEvent } from '../../../domain/audit/leaf.ts';
import type { Json } from '../../../domain/base/digest.ts';
import { makeId } from '../../../domain/base/id.ts';
import { instant } from '../../../domain/base/time.ts';
import type { NewEvent } from '../../../ports/records.ts';
import { jsonb } from '../values.ts';

export function hashBytes(content: Uint8Array): Uint8Array {
  return createHash('sha256').update(content).digest();
}

const tools = { hash: hashBytes, random: (bytes: number) => randomBytes(bytes) };

export type SealedRecord = AuditedEvent & SealedEvent;

/** The events as the database will answer them, each with an id, its entry and what opens it. */
export function sealed(events: readonly NewEvent[]): readonly SealedRecord[] {
  const stored = JSON.parse(jsonb(events)) as readonly (Omit<AuditedEvent, 'id'> & { data: Record<string, Json> })[];
  return stored.map((event) => sealOne({ ...event, id: makeId('evt', instant(event.at), randomBytes(10)) }));
}

export function sealOne(event: AuditedEvent): SealedRecord {
  return { ...event, ...sealEvent(event, tools) };
}
