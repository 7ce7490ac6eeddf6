/** The shape of one environment as people write it; what is left out is filled in by `assemble.ts`. */
import { z } from 'zod';
import { approverRoles, environmentKinds, hostings, logLevels, queueModes } from '../domain/pipeline/environment.ts';
import { reportFormats } from '../domain/pipeline/report.ts';
import { trafficKinds } from '../domain/pipeline/traffic-spec.ts';
import { expected, expectedEntry } from './expected.ts';
import { proofGates } from './gate-schema.ts';
import { limits } from './limits-schema.ts';
import { rollout } from './rollout-schema.ts';
import { resources } from './resource-schema.ts';
import { target } from './target-schema.ts';
import {
  calendarDate,
  command,
  days,
  duration,
  insidePath,
  list,
  mapping,
  oneOf,
  refGlob,
  secretName,
  slug,
  variableName,
  variableValue,
  wallTime,
  wallTimeOrMidnight,
  wholeNumber,
  yesOrNo,
  zone,
} from './words.ts';

const manyNames = 'a list of names of environments';
const namesOfEnvironments = list(slug, manyNames);
const someNames = namesOfEnvironments.min(1, expected(`${manyNames} with at least one in it`));

const after = z
  .union(
    [
      namesOfEnvironments,
      mapping('all', { all: someNames.describe('A release must be verified in every one of these.') }),
      mapping('any', { any: someNames.describe('It is enough that a release is verified in one of these.') }),
    ],
    expected('a list of names of environments, or a mapping with all or any', {
      hint: (input) => (typeof input === 'string' ? `write [${input}]` : undefined),
    }),
  )
  .describe('Environments in which a release must be verified first; [] when nothing comes before this one.');

const schedule = {
  zone: zone.describe('IANA time zone, such as Europe/Berlin.'),
  days: days.describe('Days of the week, such as [mon-fri] or [tue, thu].'),
  at: wallTime.describe('Wall time in the zone, "HH:MM".'),
};

const grace = duration('1m', '7d')
  .optional()
  .describe('How late a time that was missed is made up for; 1h unless written.');

const triggerWords = ['commit', 'main', 'tag', 'success', 'schedule', 'manual'];
const oneTrigger = z.discriminatedUnion(
  'on',
  [
    mapping('a trigger', {
      on: z.literal('commit').describe('The tip of a branch that matches.'),
      branches: list(refGlob, 'a list of branches or globs')
        .min(1, expected('a list of branches or globs with at least one in it'))
        .describe('Names or globs: * is anything but /, ** is anything.'),
    }),
    mapping('a trigger', { on: z.literal('main').describe('The tip of the main branch.') }),
    mapping('a trigger', {
      on: z.literal('tag').describe('A commit that a matching tag names.'),
      pattern: refGlob.prefault('v*').describe('Name or glob of the tags.'),
    }),
    mapping('a trigger', { on: z.literal('success').describe('Success in the environments of after.') }),
    mapping('a trigger', { on: z.literal('schedule').describe('At set times.'), ...schedule, grace }),
    mapping('a trigger', { on: z.literal('manual').describe('A person, and nothing else when written alone.') }),
  ],
  expectedEntry('on', triggerWords, 'trigger'),
);
const triggers = z
  .array(oneTrigger)
  .min(
    1,
    expected('at least one trigger', { hint: () => 'write { on: manual } when only people may start a promotion' }),
  );
const trigger = z
  .union(
    [oneTrigger, triggers],
    expected('a trigger such as { on: main }, or a list of triggers', {
      hint: (input) =>
        typeof input === 'string' && triggerWords.includes(input) ? `write { on: ${input} }` : undefined,
    }),
  )
  .describe('What may start a promotion into this environment: one trigger or a list.');

const weeklySpan = mapping('a span of the week such as { days: [mon-fri], from: "09:00", to: "17:00" }', {
  days: schedule.days,
  from: wallTime.describe('Wall time in the zone, "HH:MM".'),
  to: wallTimeOrMidnight.describe('Wall time in the zone; at or before "from" it reaches into the next day.'),
});
const dateSpan = mapping('a span of dates', {
  fromDate: calendarDate.describe('First day, YYYY-MM-DD.'),
  toDate: calendarDate.describe('Last day, included.'),
});
const deniedSpan = z.union(
  [weeklySpan, dateSpan],
  expected(
    'a span such as { days: [sat-sun], from: "00:00", to: "24:00" } or { fromDate: 2026-12-24, toDate: 2027-01-02 }',
  ),
);

const gate = z.discriminatedUnion(
  'gate',
  [
    mapping('a gate', {
      gate: z.literal('approval').describe('People approve the plan.'),
      count: wholeNumber(1, 20)
        .exactOptional()
        .describe('How many different people; 1, or as many as "each" names, when left out.'),
      roles: list(oneOf(approverRoles), 'a list of roles')
        .min(1, expected('a list of roles with at least one in it'))
        .exactOptional()
        .describe('Whose approval counts; anybody who may approve when left out.'),
      each: z
        .partialRecord(oneOf(approverRoles), wholeNumber(1, 20), {
          error: (issue) =>
            (issue.code as string) === 'unrecognized_keys'
              ? approverRoles.join(' ')
              : expected('a mapping of roles to numbers such as { qa: 1 }').error(issue),
        })
        .exactOptional()
        .describe('How many of them for each role; a person stands for one role only.'),
      timeout: duration('1m', '90d')
        .exactOptional()
        .describe('The promotion is rejected when the approvals are not there this long after people were asked.'),
      passkey: z
        .literal('required', expected('required'))
        .exactOptional()
        .describe('Approvals must be signed with the passkey of the person.'),
    }),
    mapping('a gate', {
      gate: z.literal('soak').describe('The release has run upstream for some time.'),
      for: duration('1s', '90d').describe('How long, without a break, after it was verified there.'),
    }),
    mapping('a gate', {
      gate: z.literal('fresh').describe('The upstream success is recent.'),
      within: duration('1m', '365d').describe('How old it may be.'),
    }),
    mapping('a gate', {
      gate: z.literal('window').describe('Deployments start at certain times only.'),
      zone: schedule.zone,
      allow: list(weeklySpan, 'a list of spans')
        .exactOptional()
        .describe('When deployments may start; any time when left out.'),
      deny: list(deniedSpan, 'a list of spans').exactOptional().describe('When they may not; wins over allow.'),
    }),
    ...proofGates,
  ],
  expectedEntry(
    'gate',
    ['approval', 'soak', 'fresh', 'window', ...proofGates.map(({ shape }) => shape.gate.value)],
    'gate',
  ),
);

const verificationCommand = mapping('a command such as { name: smoke, run: node smoke.js }', {
  name: slug.describe('Names the result in evidence and messages.'),
  run: command.describe("Shell line, run in the artifact with the environment's variables and URL."),
  junit: insidePath
    .exactOptional()
    .describe('JUnit report that the command writes, relative; the same as report with the format junit.'),
  report: mapping('a report such as { format: sarif, path: lint.sarif }', {
    format: oneOf(reportFormats).describe('How it is written, which also says what it is evidence of.'),
    path: insidePath.describe('Where the command writes it, relative.'),
  })
    .exactOptional()
    .describe('Report that the command writes; without one the exit code decides.'),
  timeout: duration('1s', '24h').prefault('10m').describe('The command is killed and counts as errored after this.'),
});
const verify = z
  .union(
    [
      z.literal('none'),
      mapping('verification', {
        every: duration('1m', '30d')
          .exactOptional()
          .describe('How often the running release is verified again; never when left out.'),
        commands: list(verificationCommand, 'a list of commands')
          .min(
            1,
            expected('at least one command', { hint: () => 'write verify: none when there is nothing to verify' }),
          )
          .describe('Run one after another after each deployment; all must pass.'),
      }),
    ],
    expected('none, or a mapping with commands'),
  )
  .describe(
    'How a deployed release is verified. Nothing is verified by being left out: write none when there is nothing.',
  );

const secret = mapping('a mapping with secret', {
  secret: secretName.describe('Name of a secret, kept out of this file.'),
});
const database = z
  .union([oneOf(['none', 'managed']), secret], expected('none, managed, or { secret: NAME }', { confidential: true }))
  .describe('none; managed (Liftlock keeps one for the environment); or the secret that holds a connection URL.');

const settings = mapping('a mapping of settings', {
  debug: yesOrNo.exactOptional().describe('Debug aids of the service.'),
  logLevel: oneOf(logLevels).exactOptional().describe('How much the service logs.'),
  experimental: yesOrNo.exactOptional().describe('Experimental features of the service.'),
});

const variable = z.union(
  [variableValue, secret],
  expected('text, a number, true, false or { secret: NAME }', {
    hint: (input) => (input === null ? 'write "" for an empty value' : undefined),
  }),
);

export const environmentFile = mapping('an environment: a mapping with name, kind and verify', {
  name: slug.describe('Names the environment everywhere; unique in the file.'),
  kind: oneOf(environmentKinds).describe('Sets the defaults of everything below.'),
  hosting: oneOf(hostings).exactOptional().describe('Where it runs: local (default), on-premises or cloud.'),
  after: after.exactOptional(),
  trigger: trigger.exactOptional(),
  gates: list(gate, 'a list of gates')
    .max(20, expected('at most 20 gates'))
    .exactOptional()
    .describe(
      'Questions that must be answered before a deployment starts. Replaces the default gates of the kind; [] for none.',
    ),
  verify,
  queue: oneOf(queueModes)
    .exactOptional()
    .describe(
      'latest (default): a newer promotion replaces a waiting one; queue: in order; manual: a person starts each.',
    ),
  rollback: oneOf(['automatic', 'manual'])
    .exactOptional()
    .describe('Whether a failed verification goes back to the last good release by itself.'),
  target: target.exactOptional().describe('How a release gets there; a process on this machine when left out.'),
  traffic: oneOf(trafficKinds)
    .exactOptional()
    .describe('By whom requests are led to its releases: edge (part of Liftlock, default), haproxy, caddy or nginx.'),
  limits: limits
    .exactOptional()
    .describe('What requests are held to on their way; at targets whose requests Liftlock leads.'),
  instances: wholeNumber(1, 100)
    .exactOptional()
    .describe('How many instances of the service run side by side, each with a port of its own; 1 when left out.'),
  resources: resources
    .exactOptional()
    .describe('What each instance may take of the machine; what is left out is not limited.'),
  rollout: rollout.exactOptional(),
  database: database.exactOptional(),
  settings: settings.exactOptional().describe('Replaces single settings of the kind.'),
  variables: z
    .record(variableName, variable, expected('a mapping of names to values'))
    .exactOptional()
    .describe('Variables of the service and of every command run for this environment.'),
});

export type EnvironmentFile = z.output<typeof environmentFile>;
