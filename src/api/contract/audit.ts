import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { projectParams, reason, releaseParams } from './words.ts';

const base64 = z.string().max(200).describe('Base64.');
const note = z.string().describe('A signed note (c2sp.org/signed-note) with a checkpoint (c2sp.org/tlog-checkpoint).');

const auditedEvent = z
  .object({
    id: z.string(),
    kind: z.string(),
    actor: z.string(),
    at: z.number(),
    project: z.string().optional(),
    environment: z.string().optional(),
    release: z.string().optional(),
    promotion: z.string().optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditedEvent', description: 'An event as readers are shown it; erased texts read `erased`.' });

const servedEntry = z
  .object({
    index: z.int(),
    hash: base64,
    event: z
      .object({
        leaf: z.string().describe('The exact text that was hashed.'),
        salts: z.record(z.string(), base64).describe('What opens sealed texts, by their JSON Pointer.'),
        shown: auditedEvent,
      })
      .nullable()
      .describe('null: the event is gone.'),
  })
  .meta({ id: 'AuditEntry' });

const from = z.coerce.number().int().min(0).max(1e15).default(0);

export const showAudit = endpoint({
  name: 'audit.show',
  method: 'GET',
  path: '/api/v1/audit',
  permission: 'audit:read',
  summary: 'Where the audit log stands, and with which keys it is signed.',
  query: z.strictObject({
    fresh: z.enum(['yes', 'no']).default('no').describe('`yes`: take in and sign now what is not in the log yet.'),
  }),
  answer: z
    .object({
      origin: z.string(),
      size: z.int(),
      waiting: z.int().describe('Events that are not in the log yet.'),
      lost: z.int().describe('Events that should be in the log and are not: somebody put them behind it.'),
      keys: z
        .array(z.string())
        .describe('Public keys, as whoever keeps the log names them. To check the log, have them from elsewhere.'),
      checkpoint: note.nullable(),
      refused: z
        .string()
        .nullable()
        .describe(
          'Why nothing more is signed: the log does not continue what was signed. Told when it is asked for afresh.',
        ),
    })
    .meta({ id: 'Audit' }),
});
export type AuditView = z.output<typeof showAudit.answer>;

export const listEntries = endpoint({
  name: 'audit.entries',
  method: 'GET',
  path: '/api/v1/audit/entries',
  permission: 'audit:read',
  summary: 'Entries of the audit log, in order.',
  query: z.strictObject({
    from: from.describe('Number of the first entry.'),
    limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('How many at most.'),
  }),
  answer: z.object({ entries: z.array(servedEntry) }).meta({ id: 'AuditEntries' }),
});

export const listCheckpoints = endpoint({
  name: 'audit.checkpoints',
  method: 'GET',
  path: '/api/v1/audit/checkpoints',
  permission: 'audit:read',
  summary: 'Signed checkpoints, smallest first.',
  query: z.strictObject({
    after: from.describe('Only those of more entries than this.'),
    limit: z.coerce.number().int().min(1).max(1_000).default(200).describe('How many at most.'),
  }),
  answer: z.object({ checkpoints: z.array(note) }).meta({ id: 'AuditCheckpoints' }),
});

export const proveEvent = endpoint({
  name: 'audit.proof',
  method: 'GET',
  path: '/api/v1/audit/proofs/{event}',
  permission: 'audit:read',
  summary: 'Proves that an event is in the log, in a document that is checked without this server.',
  params: z.strictObject({
    event: z.string().min(1).max(60).describe('Id of an event, its cursor, or the number of its entry.'),
  }),
  answer: z
    .object({
      format: z.string(),
      entry: z.object({
        index: z.int(),
        hash: base64,
        leaf: z.string().nullable(),
        opened: z.record(z.string(), z.object({ salt: base64, value: z.string() })),
        proof: z.array(base64),
      }),
      checkpoint: note,
    })
    .meta({ id: 'AuditProof' }),
});
export type ProofView = z.output<typeof proveEvent.answer>;

const known = z.string().trim().min(3).max(200);

export const erasePerson = endpoint({
  name: 'audit.erase',
  method: 'POST',
  path: '/api/v1/audit/erase',
  permission: 'audit:erase',
  summary: 'Erases what the event log says about a person; what the log proves stays.',
  body: z.strictObject({
    person: z.string().min(1).max(80).describe('Handle.'),
    alsoKnownAs: z.array(known).max(20).default([]).describe('Names and addresses that are not on record.'),
    texts: z.boolean().default(false).describe('Also reasons and notes that this person wrote.'),
    reason,
  }),
  answer: z.object({ erased: z.int().describe('How many texts.') }).meta({ id: 'Erasure' }),
});

export const exportRelease = endpoint({
  name: 'releases.export',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases/{release}/bundle',
  permission: 'record:read',
  summary: 'The record of a release as one signed text, with proofs of all events about it.',
  params: releaseParams,
  answer: z.object({ bundle: z.string() }).meta({ id: 'Bundle' }),
});

export const exportChange = endpoint({
  name: 'changes.export',
  method: 'GET',
  path: '/api/v1/projects/{project}/changes/{change}/bundle',
  permission: 'record:read',
  summary: 'The record of a change as one signed text, with proofs of all events about it.',
  params: projectParams.extend({ change: z.string().min(1).max(60).describe('Its number, or the promotion.') }),
  answer: z.object({ bundle: z.string() }).meta({ id: 'ChangeBundle' }),
});
