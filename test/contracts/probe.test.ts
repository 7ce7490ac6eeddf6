import assert from 'node:assert/strict';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createProbe } from '../../src/adapters/probe/probe.ts';

const probe = createProbe();
const patience = { timeoutMs: 20_000 };

async function listen(t: TestContext, server: Server): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket) =>
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => undefined)),
  );
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serving = (t: TestContext, listener: RequestListener) => listen(t, createHttpServer(listener));
const speaking = (t: TestContext, speak: (socket: Socket) => void) => listen(t, createServer(speak));

test('every status is an answer, and redirects are not followed', async (t) => {
  const url = await serving(t, (request, response) =>
    response.writeHead(Number(request.url?.slice(1)), { location: '/200' }).end('body'),
  );
  for (const status of [200, 204, 301, 404, 503]) {
    const answer = await probe.http(`${url}/${status}`, patience);
    assert.ok(answer.reached && answer.milliseconds >= 0);
    assert.equal(answer.status, status);
  }
});

test('nobody there is told as a refused connection', async (t) => {
  const server = createServer();
  const url = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(await probe.http(url, patience), { reached: false, reason: 'connection refused' });
});

test('the time limit holds before the answer and in the middle of its body', { timeout: 20_000 }, async (t) => {
  const silent = await speaking(t, () => undefined);
  const slow = await serving(t, (_, response) => void response.writeHead(200).write('beginning'));
  for (const url of [silent, slow]) {
    assert.deepEqual(await probe.http(url, { timeoutMs: 150 }), { reached: false, reason: 'no answer within 150ms' });
  }
});

test('an endless body is an answer as soon as enough of it came', { timeout: 20_000 }, async (t) => {
  const url = await serving(t, (_, response) => {
    response.on('error', () => undefined);
    const more = () => void (response.write('x'.repeat(16 * 1024)) ? setImmediate(more) : response.once('drain', more));
    more();
  });
  const answer = await probe.http(url, patience);
  assert.ok(answer.reached && answer.status === 200);
});

test('an answer that breaks off is none', async (t) => {
  const url = await speaking(t, (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort')),
  );
  assert.deepEqual(await probe.http(url, patience), {
    reached: false,
    reason: 'the connection was closed in the middle of the answer',
  });
});

test('a connection that closes or talks something else is no answer', async (t) => {
  const closing = await speaking(t, (socket) => socket.once('data', () => socket.destroy()));
  const talking = await speaking(t, (socket) => socket.end('220 mail ready\r\n'));
  assert.deepEqual(await probe.http(closing, patience), {
    reached: false,
    reason: 'the connection was closed before it answered',
  });
  const answer = await probe.http(talking, patience);
  assert.ok(!answer.reached && /does not speak HTTP/.test(answer.reason), JSON.stringify(answer));
  const plain = await probe.http(
    (await serving(t, (_, response) => response.end())).replace('http', 'https'),
    patience,
  );
  assert.ok(!plain.reached && /TLS|secure/.test(plain.reason), JSON.stringify(plain));
});

test('a switch of protocols is an answer too', async (t) => {
  const url = await speaking(t, (socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    ),
  );
  const answer = await probe.http(url, patience);
  assert.ok(answer.reached && answer.status === 101, JSON.stringify(answer));
});

test('an abort ends the probe, also when it comes first', { timeout: 20_000 }, async (t) => {
  const url = await speaking(t, () => undefined);
  const control = new AbortController();
  const running = probe.http(url, { ...patience, signal: control.signal });
  control.abort();
  assert.deepEqual(await running, { reached: false, reason: 'stopped before it answered' });
  assert.equal((await probe.http(url, { ...patience, signal: control.signal })).reached, false);
});

test('the connection is closed after the answer', { timeout: 20_000 }, async (t) => {
  let closed: Promise<unknown> | undefined;
  const server = createHttpServer((_, response) => response.end('ok'));
  server.on('connection', (socket: Socket) => (closed = new Promise((resolve) => socket.once('close', resolve))));
  await probe.http(await listen(t, server), patience);
  await closed;
});

test('what is no address is said, not thrown, and its credentials are not repeated', async () => {
  for (const url of [
    '',
    'nonsense',
    'file:///etc/passwd',
    'ftp://ann:hunter2@127.0.0.1/',
    'http://ann:hunter2@[::1',
    'http://ann:hunter2@127.0.0.1:1/',
  ]) {
    const answer = await probe.http(url, patience);
    assert.ok(!answer.reached && !answer.reason.includes('hunter2'));
  }
});
