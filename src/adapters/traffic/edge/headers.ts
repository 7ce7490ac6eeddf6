/** Which headers go through, and which belong to one connection only (RFC 9110, 7.6.1). */
import type { IncomingMessage } from 'node:http';

const ofOneConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Told anew by us; what clients claim about themselves is not passed on as ours. */
const forwarding = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded']);

/** For the instance, as a flat list of names and values. */
export function requestHeaders(request: IncomingMessage): string[] {
  const named = connectionOptions(request.headers.connection);
  const kept: string[] = [];
  const raw = request.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    // Node has answered `Expect: 100-continue` already.
    if (ofOneConnection.has(name) || named.has(name) || forwarding.has(name) || name === 'expect') continue;
    kept.push(raw[at]!, raw[at + 1]!);
  }
  kept.push(...forwardedHeaders(request));
  return kept;
}

function forwardedHeaders(request: IncomingMessage): string[] {
  const before = request.headers['x-forwarded-for'];
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
  return [
    'X-Forwarded-For',
    before === undefined ? address : `${String(before)}, ${address}`,
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Host',
    request.headers.host ?? '',
  ];
}

/** For the client, from what the instance sent. */
export function responseHeaders(raw: readonly (Buffer | string)[], extra: readonly string[]): string[] {
  const pairs: string[] = [];
  let named: ReadonlySet<string> = new Set();
  for (let at = 0; at < raw.length; at += 2) {
    if (text(raw[at]!).toLowerCase() === 'connection') named = connectionOptions(text(raw[at + 1]!));
  }
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!);
    const lower = name.toLowerCase();
    if (ofOneConnection.has(lower) || named.has(lower)) continue;
    pairs.push(name, text(raw[at + 1]!));
  }
  pairs.push(...extra);
  return pairs;
}

function connectionOptions(value: string | undefined): ReadonlySet<string> {
  if (value === undefined || value === 'keep-alive' || value === 'close') return none;
  return new Set(value.split(',').map((option) => option.trim().toLowerCase()));
}

const none: ReadonlySet<string> = new Set();

/** Header bytes are Latin-1, whatever they mean. */
function text(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString('latin1');
}
