/** What people say of commits, of a release they tried, and of findings. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import {
  environmentName,
  environmentParams,
  instant,
  projectParams,
  reason,
  releaseLink,
  releaseName,
  releaseParams,
  titledRelease,
} from './words.ts';

const commitId = z
  .string()
  .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)
  .describe('Full id of a commit.');
const decision = z.enum(['approve', 'request-changes']);

const reviewableView = z
  .object({
    project: z.string(),
    environment: z.string(),
    release: titledRelease,
    since: releaseLink.nullable().describe('What runs there now.'),
    commits: z.array(
      z.object({
        id: z.string(),
        subject: z.string(),
        authors: z.array(z.string()).describe('Handles, or addresses that are nobody’s here.'),
        merge: z.boolean(),
        reviews: z.array(
          z.object({
            by: z.string(),
            decision,
            reason: z.string(),
            at: instant,
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'Reviewable' });
export type ReviewableView = z.output<typeof reviewableView>;

export const showReviewable = endpoint({
  name: 'reviews.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/releases/{release}/reviews',
  permission: 'release:read',
  summary: 'The commits of a release since what runs, with what was said of each.',
  params: releaseParams,
  query: z.strictObject({
    environment: environmentName.optional().describe('Default: the first environment that asks for review.'),
  }),
  answer: reviewableView,
});

export const createReview = endpoint({
  name: 'reviews.create',
  method: 'POST',
  path: '/api/v1/projects/{project}/reviews',
  permission: 'review:create',
  summary: 'One word on each of these commits. The latest word of each person counts, and no author’s.',
  params: projectParams,
  body: z.strictObject({ commits: z.array(commitId).min(1).max(500), decision, reason }),
  answer: z.object({ reviews: z.int() }).meta({ id: 'Reviewed' }),
});

export const signOff = endpoint({
  name: 'environments.sign-off',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/sign-off',
  permission: 'sign-off:create',
  summary: 'QA says that a release, tried in this environment, may go on; or that it may not.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName, verdict: z.enum(['PASS', 'FAIL']).default('PASS'), reason }),
  answer: z.object({ evidence: z.string(), release: z.string() }).meta({ id: 'SignedOff' }),
});

const finding = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .describe('Id of the finding as the report has it, e.g. CVE-2026-1234.');

const suppressionView = z
  .object({ finding: z.string(), owner: z.string(), reason: z.string(), until: instant, at: instant })
  .meta({ id: 'Suppression' });
export type SuppressionView = z.output<typeof suppressionView>;

export const listSuppressions = endpoint({
  name: 'suppressions.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/suppressions',
  permission: 'release:read',
  summary: 'Findings that somebody answers for; those whose time is over block again.',
  params: projectParams,
  answer: z.object({ suppressions: z.array(suppressionView) }).meta({ id: 'Suppressions' }),
});

export const createSuppression = endpoint({
  name: 'suppressions.create',
  method: 'POST',
  path: '/api/v1/projects/{project}/suppressions',
  permission: 'suppression:create',
  summary: 'Answers for a finding until a time, at most a year from now.',
  params: projectParams,
  body: z.strictObject({ finding, until: instant, reason }),
  answer: suppressionView,
});

export const liftSuppression = endpoint({
  name: 'suppressions.lift',
  method: 'POST',
  path: '/api/v1/projects/{project}/lift-suppression',
  permission: 'suppression:create',
  summary: 'Nobody answers for the finding any more: it blocks again.',
  params: projectParams,
  body: z.strictObject({ finding, reason }),
  answer: z.object({ finding: z.string(), lifted: z.int() }).meta({ id: 'SuppressionLifted' }),
});
