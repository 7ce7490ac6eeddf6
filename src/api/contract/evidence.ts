import { z } from 'zod';
import { evidenceKinds, standings, verdictWords } from '../../domain/release/evidence.ts';
import { digest, instant } from './words.ts';

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
