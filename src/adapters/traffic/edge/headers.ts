/** Which headers go through, and which belong to one connection only (RFC 9110, 7.6.1). */
import type { IncomingMessage } from 'node:http';
import type { Instance } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';

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
/**
 * Told anew by us; what clients claim about themselves is not passed on as ours, unless they are of this machine, as a proxy with TLS
 * is. Node has answered `Expect: 100-continue` already.
 */
const notFromClients = new Set([
  ...ofOneConnection,
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'expect',
]);

/** A request that nobody may pass on (RFC 9112, 3.2): whoever reads it next may understand another one. */
export class Ambiguous extends Error {
  override readonly name = 'Ambiguous';
}

/** For the instance, as a flat list of names and values. @throws Ambiguous */
export function requestHeaders(request: IncomingMessage, instance: Instance): string[] {
  const named = connectionOptions(request.headers.connection);
  const kept = ['Host', request.headers.host ?? authorityOf(instance)];
  const raw = request.rawHeaders;
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = lower(raw[at]!);
    if (name === 'host') hosts += 1;
    else if (!notFromClients.has(name) && !named.has(name)) kept.push(raw[at]!, raw[at + 1]!);
  }
  if (hosts > 1) throw new Ambiguous('the request names two hosts');
  const { 'x-forwarded-for': before, 'x-forwarded-proto': proto, 'x-forwarded-host': host } = request.headers;
  const address = plainAddress(request.socket.remoteAddress);
  const told = isHere(address) ? { proto, host } : {};
  kept.push(
    'X-Forwarded-For',
    before === undefined ? address : `${String(before)}, ${address}`,
    'X-Forwarded-Proto',
    String(told.proto ?? 'http'),
    'X-Forwarded-Host',
    String(told.host ?? request.headers.host ?? ''),
  );
  return kept;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** An IPv4 client of a socket that takes IPv6 too. */
function plainAddress(address = 'unknown'): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function isHere(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** For the client, from what the instance sent. */
export function responseHeaders(
  raw: readonly string[],
  extra: readonly string[],
): { readonly pairs: string[]; readonly hasDate: boolean } {
  const pairs: string[] = [];
  let named = none;
  let hasDate = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    const known = lower(name);
    if (known === 'connection') named = connectionOptions(raw[at + 1]!);
    else if (!ofOneConnection.has(known)) pairs.push(name, raw[at + 1]!);
    if (known === 'date') hasDate = true;
  }
  if (named !== none) return { pairs: [...without(pairs, named), ...extra], hasDate };
  if (extra.length > 0) pairs.push(...extra);
  return { pairs, hasDate };
}

function without(pairs: readonly string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < pairs.length; at += 2) if (!named.has(lower(pairs[at]!))) kept.push(pairs[at]!, pairs[at + 1]!);
  return kept;
}

const none: ReadonlySet<string> = new Set();

function connectionOptions(value: string | undefined): ReadonlySet<string> {
  if (value === undefined || value === 'keep-alive' || value === 'close') return none;
  return new Set(value.split(',').map((option) => option.trim().toLowerCase()));
}

/** The same few names come with every request. */
const lowered = new Map<string, string>();
const mostLowered = 1_000;
const longestLowered = 64;

function lower(name: string): string {
  const known = lowered.get(name);
  if (known !== undefined) return known;
  const made = name.toLowerCase();
  if (lowered.size < mostLowered && name.length <= longestLowered) lowered.set(name, made);
  return made;
}
