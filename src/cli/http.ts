/** Requests without `fetch`, which takes longer to load than all the rest of a short command. Redirects are errors. */
import type { IncomingMessage, RequestOptions } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly ok: boolean;
  /** Read it once, or leave it with `cancel`. */
  readonly body: AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  cancel(): void;
}

export interface Wish {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** Rejects when nobody answers, or when the signal aborts. */
export async function send(url: string, { method, headers = {}, body, signal }: Wish): Promise<Reply> {
  // Importing either would look at all that it exports, WebSocket included, and so load what `fetch` is made of.
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...length },
    ...(signal === undefined ? {} : { signal }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options).once('response', resolve).once('error', reject).end(body);
  });
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    throw new Error(`${url} leads elsewhere (${status})`);
  }
  return {
    status,
    ok: status >= 200 && status < 300,
    body: response,
    bytes: () => bytesOf(response),
    text: async () => (await bytesOf(response)).toString('utf8'),
    cancel: () => void response.destroy(),
  };
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
