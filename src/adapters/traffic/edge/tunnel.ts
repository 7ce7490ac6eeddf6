/** Upgraded connections (WebSockets): the handshake goes to an instance, then bytes flow both ways until one side ends. */
import { request as send, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Address, LiveSide } from './address.ts';
import { clientLeft, type End } from './counts.ts';
import { requestHeaders } from './headers.ts';
import { couldNotReach, isUnreachable, leastBusy, reached, type Upstream } from './upstream.ts';

/** RFC 6455, 5.5.1 and 7.4.1 with the registered code 1012, "service restart": clients come back by themselves. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

/** How long one end may be silent once the other has said its last: an instance that never ends its side would be under way for ever. */
const usualSilenceMs = 60_000;

interface Client {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What it sent after its handshake. */
  readonly head: Buffer;
}

interface Times {
  readonly answerMs: number;
  readonly silenceMs: number;
}

export async function tunnel(address: Address, client: Client): Promise<void> {
  const { request, socket } = client;
  socket.on('error', () => socket.destroy());
  const chosen = await address.choose(request.headers);
  if (chosen === undefined) return answer(socket, '503 Service Unavailable');
  const { side } = chosen;
  const begin = performance.now();
  const { answerMs = usualTimes.answerMs, idleMs: silenceMs = usualSilenceMs } = address.route.limits ?? {};
  // A handshake is a request under way like any other: its instance is not to be ended meanwhile.
  side.inFlight += 1;
  const end = await shakeHands(side, client, { answerMs, silenceMs, before: undefined });
  side.inFlight -= 1;
  side.counter.ended(end, performance.now() - begin, address.classOf(request));
}

/** Answers the status that came, if one did; an instance that cannot be reached (`before`) was asked nothing, so another one is. */
async function shakeHands(
  side: LiveSide,
  client: Client,
  { before, ...times }: Times & { readonly before: Upstream | undefined },
): Promise<End> {
  const upstream = leastBusy(side.upstreams, Date.now(), before) ?? before;
  if (upstream === undefined) {
    answer(client.socket, '502 Bad Gateway');
    return 'unanswered';
  }
  upstream.inFlight += 1;
  const said = await ask(side, client, { upstream, ...times });
  upstream.inFlight -= 1;
  if (typeof said === 'number') return said;
  if (client.socket.destroyed) return clientLeft;
  if (isUnreachable(said)) couldNotReach(upstream, Date.now());
  if (isUnreachable(said) && before === undefined) return shakeHands(side, client, { ...times, before: upstream });
  answer(client.socket, '502 Bad Gateway');
  return 'unanswered';
}

function ask(
  side: LiveSide,
  { request, socket, head }: Client,
  { upstream, answerMs, silenceMs }: Times & { readonly upstream: Upstream },
): Promise<number | Error> {
  const { promise, resolve } = Promise.withResolvers<number | Error>();
  const outgoing = send({
    ...upstream.instance,
    method: request.method,
    path: request.url,
    headers: [
      ...requestHeaders(request, upstream.instance),
      'Connection',
      'Upgrade',
      'Upgrade',
      request.headers.upgrade ?? 'websocket',
    ],
  });
  const late = setTimeout(() => outgoing.destroy(new Error('no answer in time')), answerMs);
  outgoing.once('upgrade', (response, instance, rest) => {
    reached(upstream);
    join(side, upstream, { socket, instance, response, head, rest, silenceMs });
    resolve(101);
  });
  outgoing.once('response', (response) => {
    // The instance does not want to upgrade: its answer as it is, and the connection ends with it.
    socket.write(headOf(response, ['Connection', 'close']));
    response.pipe(socket);
    response.once('close', () => response.complete || socket.destroy());
    resolve(response.statusCode ?? 0);
  });
  outgoing.on('error', resolve);
  socket.once('close', () => outgoing.destroy());
  outgoing.end();
  return promise.finally(() => clearTimeout(late));
}

interface Ends {
  readonly socket: Duplex;
  readonly instance: Duplex;
  readonly response: IncomingMessage;
  /** What the client sent after its handshake, and the instance after its answer. */
  readonly head: Buffer;
  readonly rest: Buffer;
  readonly silenceMs: number;
}

function join(side: LiveSide, upstream: Upstream, { socket, instance, response, head, rest, silenceMs }: Ends): void {
  const isWebSocket = String(response.headers.upgrade).toLowerCase() === 'websocket';
  const end = (): void => {
    if (isWebSocket) socket.end(closeFrame);
    else socket.end();
    instance.end();
  };
  upstream.inFlight += 1;
  side.tunnels.add(end);
  let silence: NodeJS.Timeout | undefined;
  const over = (): void => {
    clearTimeout(silence);
    if (!side.tunnels.delete(end)) return;
    upstream.inFlight -= 1;
    socket.destroy();
    instance.destroy();
  };
  for (const stream of [socket, instance]) {
    stream.once('close', over);
    stream.on('error', over);
  }
  const listenFor = (other: Duplex): void => {
    if (!side.tunnels.has(end)) return;
    silence ??= setTimeout(over, silenceMs);
    other.on('data', () => silence?.refresh());
  };
  socket.once('end', () => listenFor(instance));
  instance.once('end', () => listenFor(socket));
  socket.write(headOf(response, ['Connection', 'Upgrade', 'Upgrade', response.headers.upgrade ?? 'websocket']));
  if (rest.length > 0) socket.write(rest);
  if (head.length > 0) instance.write(head);
  socket.pipe(instance);
  instance.pipe(socket);
}

function headOf(response: IncomingMessage, extra: readonly string[]): string {
  const kept: string[] = [];
  const raw = response.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    if (!/^(?:connection|upgrade|keep-alive|transfer-encoding)$/i.test(raw[at]!))
      kept.push(`${raw[at]}: ${raw[at + 1]}`);
  }
  for (let at = 0; at < extra.length; at += 2) kept.push(`${extra[at]}: ${extra[at + 1]}`);
  return `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${kept.join('\r\n')}\r\n\r\n`;
}

function answer(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
