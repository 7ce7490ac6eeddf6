import { z } from 'zod';
import { reportFormats } from '../../domain/pipeline/report.ts';
import { evidenceKinds, standings, uploadedKinds, verdictWords } from '../../domain/release/evidence.ts';
import { severities } from '../../domain/release/evidence-details.ts';
import { endpoint } from './endpoint.ts';
import { digest, environmentName, instant, projectName, reason, releaseParams } from './words.ts';

export const evidenceView = z
  .object({
    id: z.string(),
    environment: z.string().nullable().describe('null: about the artifact, wherever it runs.'),
    promotion: z.string().nullable(),
    kind: z.enum(evidenceKinds),
    name: z.string(),
    verdict: z.enum(verdictWords),
    standing: z
      .enum(standings)
      .describe('attested: made by Liftlock or signed by a registered signer; claimed: uploaded without a signature.'),
    by: z.string(),
    summary: z.string(),
    format: z.string().nullable().describe('How the stored content is written; null when nothing is stored.'),
    content: digest.nullable(),
    at: instant,
    expiresAt: instant.nullable().describe('From then on it counts as missing.'),
    milliseconds: z.int(),
  })
  .meta({ id: 'Evidence' });
export type EvidenceView = z.output<typeof evidenceView>;

const names = z.array(z.string());
const finding = z
  .object({
    id: z.string(),
    severity: z.enum(severities),
    title: z.string(),
    where: z.string().nullable(),
    score: z.number().nullable(),
    suppressed: z.object({ because: z.string() }).nullable(),
  })
  .meta({ id: 'Finding' });
const measure = z.number().nullable();

/** One shape for each thing that can be looked at; see `EvidenceDetails` of the domain. */
export const detailsView = z
  .discriminatedUnion('of', [
    z.object({
      of: z.literal('tests'),
      counts: z.object({ tests: z.int(), failures: z.int(), errors: z.int(), skipped: z.int() }),
      failed: names,
      flaky: names,
    }),
    z.object({
      of: z.literal('findings'),
      tool: z.string().nullable(),
      looked: z.int().nullable(),
      bySeverity: z.record(z.enum(severities), z.int()),
      suppressed: z.int(),
      findings: z.array(finding),
      complete: z.boolean().describe('False when there are more findings than are listed.'),
    }),
    z.object({
      of: z.literal('load'),
      metrics: z.object({
        requests: z.int(),
        errorRate: z.number(),
        requestsPerSecond: measure,
        p50: measure,
        p95: measure,
        p99: measure,
        max: measure,
      }),
      thresholds: z.array(z.object({ name: z.string(), ok: z.boolean() })),
    }),
    z.object({ of: z.literal('components'), components: z.int() }),
    z.object({ of: z.literal('exit'), code: z.int().nullable() }),
  ])
  .meta({ id: 'EvidenceDetails' });
export type DetailsView = z.output<typeof detailsView>;

export const evidenceDetailView = evidenceView
  .extend({
    project: z.string(),
    release: z.object({ id: z.string(), number: z.int() }),
    artifact: digest,
    gitCommit: z.string().nullable(),
    details: detailsView.nullable(),
    envelope: digest.nullable().describe('Of the signed statement, where there is one.'),
    signature: z
      .object({
        key: z.string().nullable().describe('SHA-256 of the public key that verified it; null when none did.'),
        by: z.string().nullable(),
        valid: z.boolean(),
        sentence: z.string(),
      })
      .nullable()
      .describe('Verified now, over the stored bytes; null for what nobody signed.'),
  })
  .meta({ id: 'EvidenceDetail' });
export type EvidenceDetailView = z.output<typeof evidenceDetailView>;

const name = z
  .string()
  .trim()
  .regex(/^[\w .:@/+-]{1,100}$/u)
  .describe('Tells results of one kind apart; the format when absent.');

export const addEvidence = endpoint({
  name: 'evidence.add',
  method: 'POST',
  path: '/api/v1/projects/{project}/releases/{release}/evidence',
  permission: 'evidence:create',
  summary:
    'Records a report of a tool, or a signed statement (DSSE), as evidence about a release. What nobody signed is only claimed. The body is the file as it is.',
  mostBytes: 32 * 1024 * 1024,
  params: releaseParams,
  query: z.strictObject({
    kind: z.enum(uploadedKinds).optional().describe('What it is evidence of; what its format says when absent.'),
    name: name.optional(),
    environment: environmentName
      .optional()
      .describe('Where it was found out; about the artifact anywhere when absent.'),
    format: z.enum(reportFormats).optional().describe('Found out from the content when absent.'),
    exitCode: z.coerce.number().int().min(0).max(255).optional().describe('Of the tool that wrote the report.'),
    expiresAt: z.coerce.number().int().optional().describe('From then on it counts as missing.'),
  }),
  answer: evidenceView,
});

export const listEvidence = endpoint({
  name: 'evidence.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases/{release}/evidence',
  permission: 'release:read',
  summary: 'Evidence about a release, in the order in which it was recorded.',
  params: releaseParams,
  answer: z
    .object({
      evidence: z.array(
        evidenceView.extend({
          counts: z.boolean().describe('The latest of its kind, name, environment and standing, and not over.'),
        }),
      ),
    })
    .meta({ id: 'EvidenceList' }),
});
export type EvidenceListView = z.output<typeof listEvidence.answer>;

const evidenceParams = z.strictObject({ project: projectName, evidence: z.string().min(1).max(60) });

export const showEvidence = endpoint({
  name: 'evidence.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/evidence/{evidence}',
  permission: 'release:read',
  summary: 'One piece of evidence, with its details and its signature, which is verified now.',
  params: evidenceParams,
  answer: evidenceDetailView,
});

export const fetchEvidence = endpoint({
  name: 'evidence.content',
  method: 'GET',
  path: '/api/v1/projects/{project}/evidence/{evidence}/content',
  permission: 'evidence:read',
  summary: 'The bytes that were stored: the report as it was read, or the signed envelope.',
  params: evidenceParams,
  query: z.strictObject({
    part: z
      .enum(['content', 'envelope'])
      .optional()
      .describe('The content when absent; the envelope where there is none.'),
  }),
  media: 'application/octet-stream',
  answer: z.string(),
});

export const evidenceSignerView = z
  .object({
    id: z.string(),
    name: z.string(),
    key: digest.describe('SHA-256 of the public key.'),
    kinds: z.array(z.enum(evidenceKinds)),
    projects: z.array(z.string()).nullable().describe('null: every project.'),
    addedBy: z.string(),
    addedAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    revokedBy: z.string().nullable(),
  })
  .meta({ id: 'EvidenceSigner' });
export type EvidenceSignerView = z.output<typeof evidenceSignerView>;

export const listEvidenceSigners = endpoint({
  name: 'evidence-signers.list',
  method: 'GET',
  path: '/api/v1/evidence-signers',
  permission: 'evidence-signer:read',
  summary: 'Machines and tools whose signatures on evidence are believed, and those that were.',
  answer: z
    .object({
      signers: z.array(evidenceSignerView),
      installations: z
        .array(z.object({ key: digest, publicKey: z.string() }))
        .describe('Keys with which Liftlock signs.'),
    })
    .meta({ id: 'EvidenceSigners' }),
});

export const addEvidenceSigner = endpoint({
  name: 'evidence-signers.add',
  method: 'POST',
  path: '/api/v1/evidence-signers',
  permission: 'evidence-signer:manage',
  summary: 'Believes the signatures of a key, for some kinds of evidence.',
  body: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,38}$/)
      .describe('Lower-case letters, digits, "." and "-".'),
    publicKey: z.string().min(1).max(10_000).describe('PEM; Ed25519 or ECDSA with P-256.'),
    kinds: z.array(z.enum(uploadedKinds)).min(1).max(uploadedKinds.length),
    projects: z.array(z.string().min(1).max(60)).min(1).max(1_000).optional().describe('Every project when absent.'),
    expiresAt: instant.optional(),
  }),
  answer: evidenceSignerView,
});

export const revokeEvidenceSigner = endpoint({
  name: 'evidence-signers.revoke',
  method: 'POST',
  path: '/api/v1/evidence-signers/{signer}/revoke',
  permission: 'evidence-signer:manage',
  summary: 'Believes a key no more; what it attested is only claimed from then on.',
  params: z.strictObject({ signer: z.string().min(1).max(60).describe('Name or id.') }),
  body: z.strictObject({ reason }),
  answer: evidenceSignerView,
});
