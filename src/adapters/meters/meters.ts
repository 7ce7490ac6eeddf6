/** Asks meters over the same rules as everything that goes out, and a release at an address of its own by the probe. */
import { asFailure } from '../../domain/base/failure.ts';
import { numberAt } from '../../domain/verdict/json-number.ts';
import type { SideReading } from '../../domain/verdict/metric.ts';
import type { Meters } from '../../ports/meters.ts';
import type { Outgoing, OutgoingAnswer, OutgoingRequest } from '../../ports/outgoing.ts';
import type { Probe } from '../../ports/probe.ts';
import { parseJson } from './parse-json.ts';
import { queryRequest, readAnswer } from './prometheus.ts';

/** An answer to a question for one number is small. */
const mostBytes = 1_048_576;

export function createMeters({ outgoing, probe }: { outgoing: Outgoing; probe: Probe }): Meters {
  const ask = async (
    request: Pick<OutgoingRequest, 'url'> & Partial<OutgoingRequest>,
    how: { readonly token?: string | undefined; readonly timeoutMs: number; readonly signal: AbortSignal },
    read: (answer: OutgoingAnswer) => SideReading,
  ): Promise<SideReading> => {
    const { token, timeoutMs, signal } = how;
    try {
      const headers = { ...request.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      return read(await outgoing.request({ ...request, headers, timeoutMs, mostBytes, signal }));
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== 'outgoing/failed' && failure.code !== 'outgoing/refused') throw failure;
      const hint = failure.code === 'outgoing/refused' && failure.hint !== undefined ? ` (${failure.hint})` : '';
      return { says: 'error', because: `${failure.message}${hint}` };
    }
  };
  return {
    prometheus: ({ url, query, ...how }) =>
      ask(queryRequest(url, query), how, ({ status, body }) => readAnswer(status, body)),
    http: ({ url, field, ...how }) =>
      ask({ url }, how, ({ status, body }) => {
        if (field.length === 0) return { value: status };
        if (status < 200 || status > 299) return { says: 'error', because: `answered with status ${status}` };
        return inJson(body, field);
      }),
    async release({ url, field, timeoutMs, signal }) {
      const answer = await probe.http(url, { timeoutMs, signal });
      if (signal.aborted) return { says: 'error', because: 'the measurement was given up' };
      if (!answer.reached) return { says: 'failure', because: answer.reason };
      if (field.length === 0) return { value: answer.status };
      if (answer.status < 200 || answer.status > 299)
        return { says: 'failure', because: `answered with status ${answer.status}` };
      return answer.isWhole ? inJson(answer.body, field) : { says: 'error', because: 'it answered too much' };
    },
  };
}

function inJson(body: Uint8Array, field: readonly string[]): SideReading {
  const value = parseJson(body);
  return value === undefined ? { says: 'error', because: 'the answer is not JSON' } : numberAt(value, field);
}
