/** Releases that take over step by step: what they are doing, and what people do to them. */
import { z } from 'zod';
import type { Action } from '../../domain/access/matrix.ts';
import { strategies } from '../../domain/pipeline/rollout-spec.ts';
import { outcomes } from '../../domain/promotion/promotion.ts';
import { rolloutVerbs, type RolloutVerb } from '../../domain/rollout/command.ts';
import { measurementWords } from '../../domain/verdict/analysis.ts';
import { comparedMetrics } from '../../domain/verdict/comparison.ts';
import { endpoint } from './endpoint.ts';
import { environmentParams, instant, reason, releaseLink } from './words.ts';

const brief = {
  state: z.enum(['going', 'paused', 'finished', 'returned']),
  because: z.string().nullable().describe('Why it is paused, or why all requests went back.'),
  percent: z.number().describe('Of 100 requests that go to the new release; users of groups come on top.'),
  step: z.int(),
  of: z.int(),
  what: z.string().nullable().describe('The step it is in.'),
  waiting: z
    .object({ for: z.enum(['time', 'data', 'person']), because: z.string(), since: instant, until: instant.nullable() })
    .nullable()
    .describe('null while a worker is at it, and when it is over.'),
};

export const rolloutBrief = z.object(brief).meta({ id: 'RolloutBrief' });

const side = z
  .object({
    requests: z.int(),
    failures: z.int().describe('Answered with 5xx, not at all, or by half.'),
    errorRate: z.number().nullable(),
    unanswered: z.int().nullable().describe('Of the failures: no answer came; null where nobody can tell.'),
    brokenOff: z.int().nullable().describe('Of the failures: the answer ended half-way; null where nobody can tell.'),
    clientErrors: z.int().nullable().describe('Answered with 4xx; null where an older version counted.'),
    clientErrorRate: z.number().nullable(),
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
  })
  .meta({ id: 'RolloutSide' });

const measurement = z
  .object({
    at: instant,
    says: z.enum(measurementWords),
    because: z.string(),
    value: z.number().nullable(),
    stable: z.number().nullable().describe('Of the stable release at the same time, where it is asked for.'),
    limit: z.number().nullable().describe('The number it was compared with.'),
  })
  .meta({ id: 'RolloutMeasurement' });

const wordCounts = z
  .object({ success: z.int(), failure: z.int(), inconclusive: z.int(), error: z.int() })
  .meta({ id: 'RolloutMetricCounts' });

const metricView = z
  .object({
    name: z.string(),
    from: z.enum(['prometheus', 'http', 'command']),
    success: z.string().nullable().describe('What the number must be; null where the source says yes or no.'),
    inconclusive: z.string().nullable(),
    dryRun: z.boolean(),
    says: z.enum(['success', 'failure', 'inconclusive', 'running']),
    because: z.string(),
    counts: wordCounts,
    limits: z.object({
      failures: z.int(),
      inconclusives: z.int(),
      consecutiveErrors: z.int(),
      successes: z.int(),
    }),
    last: measurement.nullable(),
    measuring: instant.nullable().describe('Being measured since then.'),
    nextAt: instant.nullable().describe('When it is measured next.'),
  })
  .meta({ id: 'RolloutMetric' });

const limits = z
  .object({
    errorRate: z.number().nullable(),
    clientErrorRate: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
    minRequests: z.int().nullable(),
  })
  .meta({ id: 'RolloutLimits' });

const rolloutView = z
  .object({
    ...brief,
    environment: z.string(),
    promotion: z.string(),
    release: releaseLink,
    stable: releaseLink.nullable().describe('What it is compared with; null when it is over.'),
    strategy: z.enum(strategies),
    running: z.boolean(),
    outcome: z.enum(outcomes).nullable(),
    groups: z.array(z.string()),
    shadow: z.boolean(),
    steps: z.array(
      z.object({
        what: z.string(),
        lastsMs: z.number().nullable().describe('null: until a person, or a check, says so.'),
        state: z.enum(['done', 'current', 'to-come']),
      }),
    ),
    stepSince: instant.nullable(),
    metrics: z.array(metricView).describe('What is asked beside what the traffic counts.'),
    judgement: z
      .object({
        says: z.enum(['worse', 'fine', 'no-data']),
        because: z.string(),
        ignored: z.array(z.string()).describe('What would have decided if it were not a dry run.'),
        evidence: z.array(z.object({ metric: z.enum(comparedMetrics), is: z.number(), limit: z.number() })),
      })
      .nullable()
      .describe('null where nothing is judged.'),
    ofNew: side,
    ofStable: side,
    limits,
    startedAt: instant,
    at: instant,
  })
  .meta({ id: 'Rollout' });
export type RolloutView = z.output<typeof rolloutView>;

export const showRollout = endpoint({
  name: 'rollouts.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/rollout',
  permission: 'promotion:read',
  summary: 'The latest rollout in steps: where it is, what it waits for, and the new release against the old one.',
  params: environmentParams,
  answer: rolloutView,
});

const evidence = z
  .object({ errors: z.number(), slow: z.number(), slowest: z.number(), clientErrors: z.number() })
  .meta({ id: 'RolloutEvidence' });

const evidenceLimits = evidence
  .extend({ clientErrors: z.number().nullable().describe('null while they are not compared.') })
  .meta({ id: 'RolloutEvidenceLimits' });

const seriesView = z
  .object({
    environment: z.string(),
    promotion: z.string(),
    release: releaseLink,
    running: z.boolean(),
    startedAt: instant,
    points: z.array(
      z.object({
        from: instant.describe(
          'The look before this stretch of time: requests per second are requests over `at - from`.',
        ),
        at: instant.describe('The last look of this stretch of time.'),
        percent: z.number().nullable().describe('The share of the new release, of 100 requests.'),
        step: z.int().nullable(),
        ofNew: side.describe('Counted in this stretch of time alone, and judged.'),
        ofStable: side,
        unjudged: z.int().describe('Requests of the new release while it warmed up.'),
        evidence: evidence.nullable().describe('How much everything until then speaks against the new release.'),
      }),
    ),
    happened: z
      .array(z.object({ at: instant, kind: z.string(), what: z.string(), by: z.string() }))
      .describe('Steps, pauses and ends, as the event log has them.'),
    metrics: z.array(
      z.object({
        name: z.string(),
        success: z.string().nullable(),
        dryRun: z.boolean(),
        measurements: z.array(measurement).describe('Oldest first; the newest when there are more than points.'),
      }),
    ),
    limits,
    evidenceLimits: evidenceLimits.nullable().describe('From where on it is blamed; null where nothing is judged.'),
    more: z.boolean().describe('There are later points: ask again, with the time of the last one as `after`.'),
    at: instant,
  })
  .meta({ id: 'RolloutSeries' });
export type RolloutSeriesView = z.output<typeof seriesView>;

export const rolloutSeries = endpoint({
  name: 'rollouts.series',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/rollout/series',
  permission: 'promotion:read',
  summary: 'The course of the latest rollout in steps, in points of which neighbours are merged and none is left out.',
  params: environmentParams,
  query: z.strictObject({
    points: z.coerce.number().int().min(2).max(2_000).default(300).describe('How many points at most.'),
    after: z.coerce.number().int().optional().describe('Only what was counted after this time (ms since 1970).'),
  }),
  answer: seriesView,
});

const sideCounts = z.object({ requests: z.int(), failures: z.int(), clientErrors: z.int().nullable() });
const bothCounts = z.object({ ofNew: sideCounts, ofStable: sideCounts }).meta({ id: 'RolloutCounts' });
const word = z.object({ says: z.enum(measurementWords), because: z.string() });

const recomputedView = z
  .object({
    environment: z.string(),
    promotion: z.string(),
    inputs: z
      .enum(['complete', 'gone', 'incomplete'])
      .describe('gone: older than 90 days and removed; incomplete: counted by a version that kept less.'),
    equal: z.boolean().describe('Everything that is recorded follows from what was counted and measured.'),
    verdicts: z.array(
      z.object({
        at: instant,
        step: z.int(),
        what: z.string().nullable(),
        decided: z.enum(['enter', 'pause', 'resume', 'return', 'finish']),
        recorded: z.string().nullable().describe('null where nothing was judged.'),
        computed: z.string().nullable(),
        equal: z.boolean(),
      }),
    ),
    counts: z.object({ recorded: bothCounts, computed: bothCounts, equal: z.boolean() }),
    metrics: z
      .array(z.object({ name: z.string(), recorded: wordCounts, computed: wordCounts, equal: z.boolean() }))
      .describe('What each metric said, as it was counted step by step and counted again.'),
    wrong: z
      .array(z.object({ metric: z.string(), turn: z.int(), recorded: word, computed: word }))
      .describe('Measurements whose recorded word is not what their reading comes to.'),
  })
  .meta({ id: 'RolloutRecomputed' });
export type RecomputedView = z.output<typeof recomputedView>;

export const recomputeRollout = endpoint({
  name: 'rollouts.recompute',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/rollout/recomputed',
  permission: 'promotion:read',
  summary:
    'The verdicts of a rollout computed anew from what was counted and measured, beside those that are recorded.',
  params: environmentParams,
  query: z.strictObject({
    promotion: z.string().min(1).max(60).optional().describe('Another rollout there than the latest.'),
  }),
  answer: recomputedView,
});

const summaries: Readonly<Record<RolloutVerb, string>> = {
  pause: 'Nothing changes by itself until it is resumed; it is judged all the same.',
  resume: 'Goes on after a pause.',
  skip: 'Leaves the step it is in, and goes on with the next.',
  promote: 'Leads all requests to the new release, leaving out the steps that are left.',
};

const permissions: Readonly<Record<RolloutVerb, Action>> = {
  pause: 'rollout:pause',
  resume: 'rollout:steer',
  skip: 'rollout:steer',
  promote: 'rollout:steer',
};

/** One endpoint for each verb. */
export const steerRollout = rolloutVerbs.map((verb) => ({
  verb,
  endpoint: endpoint({
    name: `rollouts.${verb}`,
    method: 'POST',
    path: `/api/v1/projects/{project}/environments/{environment}/rollout/${verb}`,
    permission: permissions[verb],
    summary: summaries[verb],
    params: environmentParams,
    body: z.strictObject({ reason: reason.optional() }),
    status: 202,
    answer: z.object({ promotion: z.string(), verb: z.enum(rolloutVerbs) }).meta({ id: 'RolloutSteered' }),
  }),
}));
