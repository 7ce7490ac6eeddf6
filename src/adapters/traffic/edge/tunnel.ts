/** Upgraded connections (WebSockets): the handshake goes to an instance, then bytes flow both ways until one side ends. */
import { request as ask, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Address, LiveSide } from './address.ts';
import { requestHeaders } from './headers.ts';
import { leastBusy, type Upstream } from './upstream.ts';

/** RFC 6455, 5.5.1 and 7.4.1 with the registered code 1012, "service restart": clients come back by themselves. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

export async function tunnel(
  address: Address,
  client: { request: IncomingMessage; socket: Duplex; head: Buffer },
): Promise<void> {
  const { request, socket } = client;
  socket.on('error', () => socket.destroy());
  const chosen = await address.choose(request.headers);
  const upstream = chosen && leastBusy(chosen.side.upstreams, Date.now());
  if (chosen === undefined || upstream === undefined) return answer(socket, '503 Service Unavailable');
  const outgoing = ask({
    host: upstream.instance.host,
    port: upstream.instance.port,
    method: request.method,
    path: request.url,
    headers: [...requestHeaders(request), 'Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? 'websocket'],
  });
  const begin = performance.now();
  outgoing.once('upgrade', (response, instance, rest) => {
    chosen.side.counter.ended(101, performance.now() - begin, address.classOf(request));
    join(chosen.side, upstream, { socket, instance, response, head: client.head, rest });
  });
  outgoing.once('response', (response) => {
    chosen.side.counter.ended(response.statusCode, performance.now() - begin, address.classOf(request));
    // The instance does not want to upgrade: its answer as it is, and the connection ends with it.
    socket.write(headOf(response, ['Connection', 'close']));
    response.pipe(socket);
  });
  outgoing.once('error', () => {
    chosen.side.counter.ended(undefined, performance.now() - begin, address.classOf(request));
    answer(socket, '502 Bad Gateway');
  });
  socket.once('close', () => outgoing.destroy());
  outgoing.end();
}

interface Ends {
  readonly socket: Duplex;
  readonly instance: Duplex;
  readonly response: IncomingMessage;
  /** What the client sent after its handshake, and the instance after its answer. */
  readonly head: Buffer;
  readonly rest: Buffer;
}

function join(side: LiveSide, upstream: Upstream, { socket, instance, response, head, rest }: Ends): void {
  const isWebSocket = String(response.headers.upgrade).toLowerCase() === 'websocket';
  const end = (): void => {
    if (isWebSocket) socket.end(closeFrame);
    else socket.end();
    instance.end();
  };
  upstream.inFlight += 1;
  side.tunnels.add(end);
  const over = (): void => {
    if (!side.tunnels.delete(end)) return;
    upstream.inFlight -= 1;
    socket.destroy();
    instance.destroy();
  };
  for (const stream of [socket, instance]) {
    stream.once('close', over);
    stream.on('error', over);
  }
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
