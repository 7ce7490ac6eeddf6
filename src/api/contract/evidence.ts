import { z } from 'zod';
import { verdictWords } from '../../domain/release/evidence.ts';
import { instant } from './words.ts';

export const evidenceView = z
  .object({
    id: z.string(),
    environment: z.string(),
    promotion: z.string().nullable(),
    kind: z.string(),
    name: z.string(),
    verdict: z.enum(verdictWords),
    summary: z.string(),
    counts: z.object({ tests: z.int(), failures: z.int(), errors: z.int(), skipped: z.int() }).nullable(),
    at: instant,
    milliseconds: z.int(),
  })
  .meta({ id: 'Evidence' });
export type EvidenceView = z.output<typeof evidenceView>;
