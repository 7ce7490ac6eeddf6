/** The shape of a rollout as people write it, and the rollout that it stands for. */
import { z } from 'zod';
import {
  judgedMetrics,
  strategies,
  usualAnalysis,
  usualHold,
  usualKeep,
  usualRolling,
  usualSteps,
  type CanarySpec,
  type RolloutSpec,
  type Strategy,
} from '../domain/pipeline/rollout-spec.ts';
import { isRoutePattern, onlyClass, otherClass } from '../domain/pipeline/route-classes.ts';
import { expected, expectedEntry } from './expected.ts';
import { metricOf, metrics } from './metric-schema.ts';
import { command, duration, list, mapping, oneOf, percentage, slug, wholeNumber } from './words.ts';

const named = (what: string) => z.string(expected(what)).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, expected(what));
const headerName = named('the name of a header, such as X-User');
const cookieName = named('the name of a cookie');

const checkParts = {
  name: slug.describe('Names the result in messages.'),
  run: command.describe(
    'Shell line, run in the artifact; LIFTLOCK_URL is the address of the new release alone. Exit code 0 is yes.',
  ),
  timeout: duration('1s', '24h').prefault('10m').describe('The command is killed and counts as errored after this.'),
};

const groupMember = {
  header: mapping('a header', {
    name: headerName.describe('Its name.'),
    value: z.string(expected('text')).max(1_000).exactOptional().describe('Any value when left out.'),
  }),
  cookie: mapping('a cookie', {
    name: cookieName.describe('Its name.'),
    value: z.string(expected('text')).max(1_000).exactOptional().describe('Any value when left out.'),
  }),
};

const step = z.discriminatedUnion(
  'step',
  [
    mapping('a step', {
      step: z.literal('weight').describe('A part of the requests.'),
      percent: wholeNumber(1, 99).describe('Of 100 requests or users.'),
      for: duration('1s', '30d').describe('For how long at least.'),
    }),
    mapping('a step', {
      step: z.literal('pause').describe('Nothing changes.'),
      for: duration('1s', '30d').exactOptional().describe('For how long; until a person resumes it when left out.'),
    }),
    mapping('a step', {
      step: z.literal('group').describe('The requests of a group of users, whatever the weights say.'),
      header: groupMember.header.exactOptional().describe('Users whose requests carry this header.'),
      cookie: groupMember.cookie.exactOptional().describe('Users whose requests carry this cookie.'),
      for: duration('1s', '30d').describe('For how long at least.'),
    }),
    mapping('a step', {
      step: z.literal('shadow').describe('Copies of GET and HEAD requests; their answers are thrown away.'),
      for: duration('1s', '30d').describe('For how long.'),
    }),
    mapping('a step', { step: z.literal('check').describe('A command judges the new release.'), ...checkParts }),
  ],
  expectedEntry('step', ['weight', 'pause', 'group', 'shadow', 'check'], 'step'),
);

const patternWords = expected('a method and a path such as "GET /api/*", "POST /orders" or "* /admin/**"');

const routes = list(
  mapping('a class of routes such as { class: api, match: ["* /api/**"] }', {
    class: slug
      .refine((name) => name !== onlyClass && name !== otherClass, expected('a name that is not all or other'))
      .describe('Names what is compared apart.'),
    match: list(z.string(patternWords).refine(isRoutePattern, patternWords), 'a list of routes')
      .min(1, expected('at least one route'))
      .max(16, expected('at most 16 routes'))
      .describe('Method and path of each; * is any method, or any one part of a path, and /** at the end any rest.'),
  }),
  'a list of classes of routes',
)
  .min(1, expected('at least one class of routes'))
  .max(8, expected('at most 8 classes of routes'))
  .exactOptional()
  .describe('Requests that are compared apart; the first that matches counts. Default: all are alike.');

const analysis = z
  .union(
    [
      z.literal('none'),
      mapping('an analysis', {
        alpha: percentage
          .prefault('1%')
          .describe('The chance of blaming a release that is not worse than the stable one. Default: 1%.'),
        minRequests: wholeNumber(1, 1_000_000_000)
          .prefault(usualAnalysis.minRequests)
          .describe('Requests that each of the two must have had before a step may end. Default: 50.'),
        warmUp: duration('0s', '1h')
          .prefault('10s')
          .describe('The new release is not judged for so long after its first request. Default: 10s.'),
        errorRate: percentage.exactOptional().describe('More failed requests than this are too many, in any case.'),
        clientErrorRate: percentage
          .exactOptional()
          .describe('More requests than this that are answered with 4xx are too many, in any case.'),
        p95: duration('1ms', '10m').exactOptional().describe('95 of 100 requests may take this long at most.'),
        p99: duration('1ms', '10m').exactOptional().describe('99 of 100 requests may take this long at most.'),
        dryRun: list(oneOf(judgedMetrics), 'a list of metrics')
          .prefault([])
          .describe('Metrics that are shown and never decide: errors, latency, clientErrors. Default: [].'),
        routes,
        metrics,
      }),
    ],
    expected('none, or a mapping such as { errorRate: 5% }'),
  )
  .describe('How the new release is judged while it gets a part of the requests; none for by time alone.');

const users = z
  .union(
    [
      oneOf(['cookie', 'none']),
      mapping('users by header', { header: headerName.describe('Header that names the user.') }),
    ],
    expected('cookie, none, or { header: X-User }'),
  )
  .describe('How a user stays on one release: by a cookie of Liftlock (default), a header, or not at all.');

const keep = duration('0s', '7d')
  .prefault('10m')
  .describe('How long the old release goes on afterwards, so that returning is instant. Default: 10m.');

const check = mapping('a check such as { name: smoke, run: node smoke.js }', checkParts);

const amountComplaint = expected('a whole number from 0 to 100, or a part of the instances such as 25%');
const amount = (what: string) =>
  z
    .union(
      [
        z
          .int(amountComplaint)
          .min(0, amountComplaint)
          .max(100, amountComplaint)
          .transform((instances) => ({ instances })),
        z
          .string(amountComplaint)
          .regex(/^(\d{1,2}|100)%$/, amountComplaint)
          .transform((text) => ({ part: Number(text.slice(0, -1)) / 100 })),
      ],
      amountComplaint,
    )
    .describe(what);

const written = z.discriminatedUnion(
  'strategy',
  [
    mapping('a rollout', { strategy: z.literal('all-at-once').describe('Everything as soon as it is ready.') }),
    mapping('a rollout', {
      strategy: z.literal('recreate').describe('For a service that may not run twice.'),
      hold: duration('1s', '10m').prefault('30s').describe('How long requests wait for it at most. Default: 30s.'),
    }),
    mapping('a rollout', {
      strategy: z.literal('rolling').describe('A few instances at a time.'),
      maxSurge: amount('How many instances more than wanted may run meanwhile. Default: 1.').exactOptional(),
      maxUnavailable: amount(
        'How many instances fewer than wanted may be ready meanwhile. Default: 0.',
      ).exactOptional(),
      for: duration('0s', '1d')
        .prefault('10s')
        .describe('How long new instances serve before the next ones are replaced. Default: 10s.'),
      analysis: analysis.exactOptional(),
    }),
    mapping('a rollout', {
      strategy: z.literal('blue-green').describe('Checked beside the old one first, then everything at once.'),
      checks: list(check, 'a list of checks').prefault([]).describe('Run one after another; all must say yes.'),
      keep,
    }),
    mapping('a rollout', {
      strategy: z.literal('canary').describe('Step by step.'),
      steps: list(step, 'a list of steps')
        .min(1, expected('at least one step'))
        .max(50, expected('at most 50 steps'))
        .exactOptional()
        .describe('In this order; 5, 25 and 50 percent when left out. All requests come after the last.'),
      analysis: analysis.exactOptional(),
      users: users.exactOptional(),
      keep,
    }),
  ],
  expectedEntry('strategy', strategies, 'rollout'),
);

export const rollout = z
  .union([oneOf(strategies), written], expected(`one of ${strategies.join(', ')}, or a mapping with strategy`))
  .describe('How a release takes over from the one before it.');

export type RolloutFile = z.output<typeof rollout>;
type CanaryFile = Extract<RolloutFile, { strategy: 'canary' }>;

export function rolloutOf(file: RolloutFile): RolloutSpec {
  if (typeof file === 'string') return usual(file);
  if (file.strategy === 'rolling') return { ...usualRolling, ...file, analysis: analysisOf(file.analysis) };
  if (file.strategy !== 'canary') return file;
  const { steps, analysis: judged, users: stay = 'cookie', ...rest } = file;
  return { ...rest, steps: steps?.map(stepOf) ?? usualSteps, analysis: analysisOf(judged), users: usersOf(stay) };
}

function analysisOf(file: CanaryFile['analysis']): CanarySpec['analysis'] {
  if (file === undefined) return usualAnalysis;
  if (file === 'none') return file;
  const { metrics: asked, routes: told, ...rest } = file;
  return {
    ...rest,
    ...(told === undefined ? {} : { routes: told.map(({ class: name, match }) => ({ name, match })) }),
    ...(asked === undefined || asked.length === 0 ? {} : { metrics: asked.map(metricOf) }),
  };
}

function usual(strategy: Strategy): RolloutSpec {
  switch (strategy) {
    case 'all-at-once':
      return { strategy };
    case 'recreate':
      return { strategy, hold: usualHold };
    case 'rolling':
      return { strategy, ...usualRolling, analysis: usualAnalysis };
    case 'blue-green':
      return { strategy, checks: [], keep: usualKeep };
    case 'canary':
      return { strategy, steps: usualSteps, analysis: usualAnalysis, users: { by: 'cookie' }, keep: usualKeep };
  }
}

function usersOf(file: NonNullable<CanaryFile['users']>): CanarySpec['users'] {
  if (file === 'none') return file;
  return file === 'cookie' ? { by: 'cookie' } : { by: 'header', header: file.header };
}

/** One of the two ways to tell a group is written; `rollout-rules.ts` has seen to it. */
function stepOf(file: NonNullable<CanaryFile['steps']>[number]): CanarySpec['steps'][number] {
  if (file.step !== 'group') return file;
  const { header, cookie, ...rest } = file;
  return header === undefined ? { ...rest, by: 'cookie', ...cookie! } : { ...rest, by: 'header', ...header };
}
