/** The libraries ask through `fetch`; what they ask goes out as all our requests do. */
import type { Outgoing, OutgoingRequest } from '../../ports/outgoing.ts';

const limits = { timeoutMs: 10_000, mostBytes: 512 * 1024 };

interface Init {
  readonly method?: string | undefined;
  readonly headers?: Headers | Record<string, string> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

export function fetchOver(outgoing: Outgoing): (url: string, init?: Init) => Promise<Response> {
  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    const {
      status,
      headers: answered,
      body: bytes,
    } = await outgoing.request({
      url,
      method: method as NonNullable<OutgoingRequest['method']>,
      headers: Object.fromEntries(headers instanceof Headers ? headers : Object.entries(headers ?? {})),
      ...(body === undefined || body === null ? {} : { body: body instanceof Uint8Array ? body : String(body) }),
      ...(signal === undefined || signal === null ? {} : { signal }),
      ...limits,
    });
    const empty = status === 204 || status === 205 || status === 304;
    return new Response(empty ? null : Buffer.from(bytes), { status, headers: answered });
  };
}
