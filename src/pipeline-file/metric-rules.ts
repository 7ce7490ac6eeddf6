/** Rules for the metrics of a rollout: what their shape alone cannot say. */
import { asksForStable } from '../domain/pipeline/condition.ts';
import { placeholders, tellsSidesApart, unknownPlaceholders } from '../domain/pipeline/placeholders.ts';
import type { MetricFile } from './metric-schema.ts';
import type { Remark } from './problem.ts';
import { didYouMean } from './suggest.ts';

export function metricProblems(metric: MetricFile, path: Remark['path']): readonly Remark[] {
  const source = sourceComplaint(metric);
  if (source !== undefined) return [{ path, message: source }];
  return [
    ...complaintsAt(path, [conditionComplaint(metric), insideComplaint(metric)]),
    ...stableComplaint(metric, path),
    ...placeholderProblems(metric, path),
  ];
}

const sources = ['prometheus', 'http', 'command'] as const;

function sourceComplaint(metric: MetricFile): string | undefined {
  const written = sources.filter((source) => metric[source] !== undefined);
  if (written.length === 0) return 'a metric needs prometheus, http or command';
  return written.length > 1 ? `a metric has one source, not ${written.join(' and ')}` : undefined;
}

function conditionComplaint({ prometheus, http, command, success, inconclusive }: MetricFile): string | undefined {
  const isNumber = prometheus !== undefined || http !== undefined || command?.read !== 'exit-code';
  if (!isNumber) {
    return success === undefined && inconclusive === undefined
      ? undefined
      : 'an exit code says it by itself: success and inconclusive belong to read: number or json';
  }
  if (success !== undefined || (http !== undefined && http.field === undefined)) return undefined;
  return 'a metric whose answer is a number needs success, such as "<= 0.05"';
}

function insideComplaint({ http, command }: MetricFile): string | undefined {
  if (http !== undefined) {
    if ((http.path === undefined) === (http.url === undefined))
      return http.path === undefined ? 'http needs path or url' : 'http has either path or url, not both';
    if (http.secret !== undefined && http.url === undefined) return 'secret belongs to url; the new release gets none';
  }
  if (command !== undefined && (command.read === 'json') !== (command.field !== undefined))
    return command.read === 'json' ? 'read: json needs the field that holds the number' : 'field belongs to read: json';
  return undefined;
}

/** The number of the stable release is asked for in the same way, so the question must say which release it is about. */
function stableComplaint({ prometheus, http, ...metric }: MetricFile, path: Remark['path']): readonly Remark[] {
  const key = (['success', 'inconclusive'] as const).find((one) => asksForStable(metric[one]));
  if (key === undefined || tellsSidesApart(prometheus?.query ?? http?.url ?? '')) return [];
  return [
    {
      path: [...path, key],
      message: 'stable can only be asked for where query or url say which release they are about',
      hint: 'write {{release}}, {{commit}}, {{deployment}} or {{side}} into it',
    },
  ];
}

function placeholderProblems({ prometheus, http }: MetricFile, path: Remark['path']): readonly Remark[] {
  const texts = [
    { path: [...path, 'prometheus', 'query'], text: prometheus?.query ?? '' },
    { path: [...path, 'http', 'url'], text: http?.url ?? '' },
  ];
  return texts.flatMap((one) =>
    unknownPlaceholders(one.text).map((name) => {
      const hint = didYouMean(name, placeholders);
      return {
        path: one.path,
        message: `{{${name}}} stands for nothing; there are ${placeholders.join(', ')}`,
        ...(hint === undefined ? {} : { hint }),
      };
    }),
  );
}

function complaintsAt(path: Remark['path'], complaints: readonly (string | undefined)[]): readonly Remark[] {
  return complaints.flatMap((message) => (message === undefined ? [] : [{ path, message }]));
}
