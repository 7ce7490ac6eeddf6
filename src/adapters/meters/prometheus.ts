/** Instant queries of Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api, format of API v1). */
import type { SideReading } from '../../domain/verdict/metric.ts';
import type { OutgoingRequest } from '../../ports/outgoing.ts';
import { valueAt } from '../../domain/verdict/json-number.ts';
import { parseJson } from './parse-json.ts';

const mostSaid = 200;

/** By POST, so that a long query fits; the way to the API is put behind whatever path the address has. */
export function queryRequest(url: string, query: string): Pick<OutgoingRequest, 'url' | 'method' | 'headers' | 'body'> {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v1/query`;
  return {
    url: address.href,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ query }).toString(),
  };
}

export function readAnswer(status: number, body: Uint8Array): SideReading {
  const answer = parseJson(body);
  if (valueAt(answer, ['status']) === 'error') {
    const because = String(valueAt(answer, ['error']) ?? '').slice(0, mostSaid);
    return { says: 'error', because: `the query was refused with status ${status}: ${because}` };
  }
  if (status < 200 || status > 299) return { says: 'error', because: `answered with status ${status}` };
  if (valueAt(answer, ['status']) !== 'success') return { says: 'error', because: 'what answered is no Prometheus' };
  const result = valueAt(answer, ['data', 'result']);
  switch (valueAt(answer, ['data', 'resultType'])) {
    case 'scalar':
      return sampleOf(result);
    case 'vector':
      return vectorOf(result);
    case 'matrix':
      return { says: 'error', because: 'the query gives a range of samples, not one number' };
    default:
      return { says: 'error', because: 'the query gives no number' };
  }
}

function vectorOf(result: unknown): SideReading {
  if (!Array.isArray(result)) return { says: 'error', because: 'what answered is no Prometheus' };
  if (result.length === 0) return { says: 'inconclusive', because: 'no data' };
  if (result.length > 1)
    return { says: 'error', because: `the query gives ${result.length} series instead of one number` };
  return sampleOf(valueAt(result, ['0', 'value']));
}

/** `[time, "text"]`; the text may be NaN, +Inf and -Inf, which are numbers there and nothing to judge by. */
function sampleOf(sample: unknown): SideReading {
  const text = valueAt(sample, ['1']);
  if (typeof text !== 'string' || text.trim() === '')
    return { says: 'error', because: 'what answered is no Prometheus' };
  if (/^(NaN|[+-]?Inf)$/.test(text)) return { says: 'inconclusive', because: `${text} is no number to judge by` };
  const value = Number(text);
  return Number.isFinite(value) ? { value } : { says: 'error', because: 'the sample is no number' };
}
