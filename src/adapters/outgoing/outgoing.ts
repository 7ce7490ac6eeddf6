/** Requests to the outside world. The address that is connected to is the one that was checked: a name that resolves otherwise a moment later changes nothing. */
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Failure } from '../../domain/base/failure.ts';
import type { Outgoing, OutgoingAnswer, OutgoingRequest } from '../../ports/outgoing.ts';
import { isPublic } from './public-address.ts';
import { publicLookup } from './public-lookup.ts';

export interface OutgoingOptions {
  /** Hosts, with a port where it is not the usual one, that may be asked wherever they are, and without TLS. */
  readonly allowHosts: readonly string[];
}

export function createOutgoing({ allowHosts }: OutgoingOptions): Outgoing {
  const allowed = new Set(allowHosts.map((host) => host.toLowerCase()));
  return {
    async request(request) {
      const url = readUrl(request.url);
      const trusted = allowed.has(url.host);
      if (url.protocol !== 'https:' && !(trusted && url.protocol === 'http:'))
        throw refused(url, `${url.protocol}// is not asked; only https:// is`);
      const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
      if (!trusted && isIP(literal) !== 0 && !isPublic(literal)) throw refused(url, 'its address is not public');
      return send(url, request, trusted ? undefined : publicLookup((because) => refused(url, because)));
    },
  };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new Failure('outgoing/refused', 'this is not an address', { reason: 'NOT_A_URL' });
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refused(url, 'an address with a password in it is not asked');
  return url;
}

function send(url: URL, request: OutgoingRequest, lookup: LookupFunction | undefined): Promise<OutgoingAnswer> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  const options: RequestOptions = {
    method: request.method ?? 'GET',
    headers: { 'accept-encoding': 'identity', 'user-agent': 'liftlock', ...request.headers, ...lengthOf(request.body) },
    agent: false,
    signal,
    ...(lookup === undefined ? {} : { lookup }),
  };
  return new Promise((resolvePromise, reject) => {
    const fail = (error: unknown): void => {
      reject(
        error instanceof Failure ? error : failed(url, deadline.aborted ? 'it took too long' : reasonOf(error), error),
      );
    };
    const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (incoming) => {
      readBody(incoming, request.mostBytes).then(
        (body) => resolvePromise({ status: incoming.statusCode!, headers: headersOf(incoming), body }),
        (error: unknown) => {
          outgoing.destroy();
          fail(error instanceof RangeError ? failed(url, error.message, error) : error);
        },
      );
    });
    outgoing.on('error', fail);
    outgoing.end(request.body);
  });
}

function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

/** @throws RangeError over the limit. */
async function readBody(incoming: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new RangeError(`it answered more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Only the host is told: the rest of an address may hold a secret. */
function refused(url: URL, because: string): Failure {
  return new Failure('outgoing/refused', `${url.host} is not asked: ${because}`, {
    reason: 'ADDRESS_NOT_ALLOWED',
    hint: `the operator allows a host inside with LIFTLOCK_ALLOW_HOSTS=${url.host}`,
  });
}

function failed(url: URL, because: string, cause: unknown): Failure {
  return new Failure('outgoing/failed', `${url.host} did not answer as it should: ${because}`, { cause });
}
