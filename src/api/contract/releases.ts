import { z } from 'zod';
import { verdictWords } from '../../domain/release/evidence.ts';
import { endpoint } from './endpoint.ts';
import { promotionView } from './promotions.ts';
import { evidenceView } from './evidence.ts';
import {
  cursor,
  digest,
  environmentName,
  instant,
  limit,
  nextCursor,
  projectParams,
  reason,
  releaseParams,
  titledRelease,
} from './words.ts';

export const releaseView = z
  .object({
    id: z.string(),
    number: z.int(),
    commit: z.string(),
    title: z.string(),
    author: z.string(),
    refs: z.array(z.string()),
    artifact: digest,
    artifactBytes: z.int(),
    createdAt: instant,
  })
  .meta({ id: 'Release' });
export type ReleaseView = z.output<typeof releaseView>;

export const releaseDetailView = z
  .object({
    project: z.string(),
    release: releaseView,
    migrations: z.array(z.string()),
    journey: z
      .array(
        z.object({
          environment: z.string(),
          running: z.boolean(),
          verdict: z.enum(verdictWords).nullable(),
          verdictReason: z.string().nullable(),
          verifiedAt: instant.nullable(),
          promotions: z.array(promotionView),
        }),
      )
      .describe('One entry for each environment, in promotion order.'),
    evidence: z.array(evidenceView),
  })
  .meta({ id: 'ReleaseDetail' });
export type ReleaseDetailView = z.output<typeof releaseDetailView>;

export const listReleases = endpoint({
  name: 'releases.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases',
  permission: 'release:read',
  summary: 'Releases, newest first.',
  params: projectParams,
  query: z.strictObject({ limit, cursor: cursor.optional() }),
  answer: z.object({ releases: z.array(releaseView), cursor: nextCursor }).meta({ id: 'Releases' }),
});

export const showRelease = endpoint({
  name: 'releases.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases/{release}',
  permission: 'release:read',
  summary: 'One release, its evidence and its journey through the environments.',
  params: releaseParams,
  answer: releaseDetailView,
});

const vetoBody = z.strictObject({
  environment: environmentName.optional().describe('Every environment when absent.'),
  reason,
});
const vetoAnswer = z
  .object({
    release: z.string(),
    environment: z.string().nullable().describe('null: every environment.'),
    vetoed: z.boolean(),
  })
  .meta({ id: 'VetoAnswer' });

export const vetoRelease = endpoint({
  name: 'releases.veto',
  method: 'POST',
  path: '/api/v1/projects/{project}/releases/{release}/veto',
  permission: 'veto:create',
  summary: 'Marks a release bad: running promotions of it stop, and nothing chooses it any more.',
  params: releaseParams,
  body: vetoBody,
  answer: vetoAnswer,
});

export const liftVeto = endpoint({
  name: 'releases.lift-veto',
  method: 'POST',
  path: '/api/v1/projects/{project}/releases/{release}/lift-veto',
  permission: 'veto:lift',
  summary: 'Lifts a veto.',
  params: releaseParams,
  body: vetoBody,
  answer: vetoAnswer,
});

const vetoView = z
  .object({
    release: titledRelease,
    environment: z.string().nullable().describe('null: every environment.'),
    by: z.string(),
    reason: z.string(),
    at: instant,
  })
  .meta({ id: 'Veto' });
export type VetoView = z.output<typeof vetoView>;

export const listVetoes = endpoint({
  name: 'vetoes.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/vetoes',
  permission: 'release:read',
  summary: 'Releases that are marked bad, newest veto first.',
  params: projectParams,
  answer: z.object({ vetoes: z.array(vetoView) }).meta({ id: 'Vetoes' }),
});
