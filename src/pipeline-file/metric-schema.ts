/** The shape of the metrics of a canary as people write them, and the metrics that they stand for. */
import { z } from 'zod';
import { parseCondition, type Condition } from '../domain/pipeline/condition.ts';
import { usualLimits, usualStatus, type MetricSource, type MetricSpec } from '../domain/pipeline/metric-spec.ts';
import { expected } from './expected.ts';
import {
  command,
  duration,
  list,
  mapping,
  oneOf,
  secretName,
  slug,
  url,
  urlPath,
  wholeNumber,
  yesOrNo,
} from './words.ts';

const conditionWords = expected('a condition such as "<= 0.05", ">= 99%" or "<= 1.2 * stable"');
const condition = z
  .string(conditionWords)
  .max(200, conditionWords)
  .refine((text) => parseCondition(text) !== undefined, conditionWords)
  .transform((text): Condition => parseCondition(text)!);

const fieldWords = expected('names that lead to a number in JSON, such as queue.depth');
const field = z
  .string(fieldWords)
  .max(500, fieldWords)
  .regex(/^[^.\s][^.]*(\.[^.]+)*$/, fieldWords)
  .transform((text) => text.split('.'));

const bearer = secretName.exactOptional().describe('Name of a secret that is sent as a bearer token.');

const limits = mapping('limits such as { failures: 1 }', {
  failures: wholeNumber(0, 1_000)
    .prefault(usualLimits.failures)
    .describe('Tolerated; one more leads back. Default: 0.'),
  inconclusives: wholeNumber(0, 1_000)
    .prefault(usualLimits.inconclusives)
    .describe('Tolerated; with one more it waits for a person. Default: 3.'),
  errors: wholeNumber(0, 1_000)
    .prefault(usualLimits.consecutiveErrors)
    .describe('Measurements in a row that could not be made; with one more it waits for a person. Default: 3.'),
  successes: wholeNumber(1, 1_000)
    .prefault(usualLimits.successes)
    .describe('Needed before all requests go to the new release. Default: 1.'),
});

const metric = mapping('a metric such as { name: lag, command: { run: ./lag.sh } }', {
  name: slug.describe('Names it in messages; unique in the rollout.'),
  prometheus: mapping('a query such as { url: https://prometheus.example.org, query: up }', {
    url: url.describe('Where Prometheus, or what speaks like it, answers.'),
    query: z
      .string(expected('a query'))
      .min(1, expected('a query'))
      .max(10_000, expected('a query of at most 10000 characters'))
      .describe('Must give one number. {{release}}, {{commit}} and the like stand for the release.'),
    secret: bearer,
  })
    .exactOptional()
    .describe('An instant query.'),
  http: mapping('a probe such as { path: /healthz }', {
    path: urlPath.exactOptional().describe('A path of the new release, at an address of its own.'),
    url: url.exactOptional().describe('An address anywhere, instead of path.'),
    field: field
      .exactOptional()
      .describe('Leads to a number in the JSON of the answer; the status counts when left out.'),
    secret: bearer,
  })
    .exactOptional()
    .describe('The answer to a GET.'),
  command: mapping('a command such as { run: ./lag.sh }', {
    run: command.describe('Shell line, run in the artifact; LIFTLOCK_URL is the address of the new release alone.'),
    read: oneOf(['exit-code', 'number', 'json'])
      .prefault('exit-code')
      .describe(
        '0 is a success, 75 tells nothing, all else fails; or a number or JSON in its last line. Default: exit-code.',
      ),
    field: field.exactOptional().describe('Leads to the number in the JSON.'),
  })
    .exactOptional()
    .describe('A command of yours.'),
  success: condition.exactOptional().describe('What the number must be; "stable" is that of the stable release.'),
  inconclusive: condition.exactOptional().describe('A number that is no success but like this tells nothing.'),
  every: duration('1s', '24h').prefault('1m').describe('How often it is measured. Default: 1m.'),
  delay: duration('0s', '24h').exactOptional().describe('Before the first time. Default: as long as every.'),
  timeout: duration('1s', '1h').prefault('10s').describe('How long a measurement may take. Default: 10s.'),
  limits: limits.prefault({}).describe('How much of it decides.'),
  dryRun: yesOrNo.prefault(false).describe('Measured and shown, but never decides. Default: false.'),
});

const mostMetrics = 20;

export const metrics = list(metric, 'a list of metrics')
  .max(mostMetrics, expected(`at most ${mostMetrics} metrics`))
  .exactOptional()
  .describe('Asked beside what the traffic counts. Default: [].');

export type MetricFile = z.output<typeof metric>;

/** One source is written, and a condition where it needs one; of a file where that is not so `metric-rules.ts` tells it, and this is thrown away. */
export function metricOf(file: MetricFile): MetricSpec {
  const { name, success, inconclusive, every, delay = every, timeout, dryRun } = file;
  const { failures, inconclusives, errors, successes } = file.limits;
  const source = sourceOf(file);
  const wanted =
    success ?? (source.from === 'http' && source.field.length === 0 ? parseCondition(usualStatus) : undefined);
  return {
    name,
    source,
    every,
    delay,
    timeout,
    ...(wanted === undefined ? {} : { success: wanted }),
    ...(inconclusive === undefined ? {} : { inconclusive }),
    limits: { failures, inconclusives, consecutiveErrors: errors, successes },
    dryRun,
  };
}

function sourceOf({ prometheus, http, command: run }: MetricFile): MetricSource {
  if (prometheus !== undefined) return { from: 'prometheus', ...prometheus };
  if (http !== undefined) {
    const { path, url: address, field: names = [], ...rest } = http;
    return { from: 'http', at: path === undefined ? { url: address ?? '' } : { path }, field: names, ...rest };
  }
  if (run === undefined) return { from: 'command', run: '', read: 'exit-code' };
  const { read, field: names = [], run: line } = run;
  return { from: 'command', run: line, read: read === 'json' ? { field: names } : read };
}
