/** What instances may send and clients may say, byte for byte, and what becomes of it at the edge. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openAddressTo, type OpenAddress } from '../../world/edge-address.ts';

interface Asked {
  readonly socket: Socket;
  /** The head of the request, and what came with it. */
  readonly said: string;
  /** The number of its connection, from 1. */
  readonly connection: number;
}

interface Place extends OpenAddress {
  readonly instancePort: number;
  readonly asked: readonly Asked[];
}

/** An instance that answers so, with the edge before it. */
async function open(t: TestContext, answer: (asked: Asked) => void): Promise<Place> {
  const asked: Asked[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket);
    let said = '';
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (piece: string) => {
      said += piece;
      if (!isWhole(said)) return;
      const one = { socket, said, connection };
      said = '';
      asked.push(one);
      answer(one);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const opened = await openAddressTo([port]);
  t.after(async () => {
    await opened.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { ...opened, instancePort: port, asked };
}

/** As far as these tests send requests: five bytes, in one chunk or of known length, or none. */
function isWhole(said: string): boolean {
  const [head = '', body] = said.split('\r\n\r\n');
  if (body === undefined) return false;
  if (/^x-early/im.test(head)) return true;
  if (/^transfer-encoding/im.test(head)) return said.endsWith('0\r\n\r\n');
  return body.length >= Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
}

const saying = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

async function ask({ address }: Place, method = 'GET'): Promise<{ status: number | undefined; body: string }> {
  const asking = request({ ...address.route.listen, method, agent: false }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

/** What a client that says exactly this is answered, until the edge closes. */
async function say({ address }: Place, said: string): Promise<string> {
  const socket = connect(address.route.listen);
  socket.write(said, 'latin1');
  return text(socket);
}

describe('between the edge and an instance', { timeout: 30_000 }, () => {
  test('an answer that nobody asked for is given to nobody, and ends its connection', async (t) => {
    const place = await open(t, ({ socket, connection }) => {
      socket.write(`${saying(`own ${connection}`)}${saying('stolen')}`);
    });
    for (const nth of [1, 2, 3]) assert.equal((await ask(place)).body, `own ${nth}`);
  });

  test('nor one that comes while the connection is idle', async (t) => {
    const place = await open(t, ({ socket, connection }) => socket.write(saying(`own ${connection}`)));
    assert.equal((await ask(place)).body, 'own 1');
    const { socket } = place.asked[0]!;
    const ended = once(socket, 'close');
    socket.write(saying('stolen'));
    await ended;
    assert.equal((await ask(place)).body, 'own 2');
  });

  test('a connection is used again, unless one of them has said or may have understood that it ends', async (t) => {
    let head = '';
    const place = await open(t, ({ socket }) => socket.write(head));
    const isUsedAgain = async (answer: string, method = 'GET'): Promise<boolean> => {
      head = answer;
      await ask(place, method);
      head = saying('next');
      await ask(place);
      const [before, after] = place.asked.slice(-2);
      return before!.connection === after!.connection;
    };
    assert.equal(await isUsedAgain(saying('one')), true);
    assert.equal(await isUsedAgain(saying('one', 'Keep-Alive: timeout=100\r\n')), true);
    assert.equal(await isUsedAgain(saying('one', 'Keep-Alive: timeout=2\r\n')), false, 'it is about to close it');
    assert.equal(await isUsedAgain(saying('one', 'Connection: close\r\n')), false);
    assert.equal(await isUsedAgain('HTTP/1.1 204 No Content\r\n\r\n'), true);
    assert.equal(await isUsedAgain('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'), false, 'a body may come');
    assert.equal(await isUsedAgain('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD'), false, 'here, too');
  });

  test('it may say first that its answer follows, but not become something else', async (t) => {
    let answer = `HTTP/1.1 103 Early Hints\r\nLink: here\r\n\r\n${saying('own')}`;
    const place = await open(t, ({ socket }) => socket.write(answer));
    assert.deepEqual(await ask(place), { status: 200, body: 'own' });
    answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.equal((await ask(place)).status, 502);
    answer = 'this is no HTTP\r\n\r\n';
    assert.equal((await ask(place)).status, 502);
  });

  test('what it ends by closing is whole; what says its length and is cut is not', async (t) => {
    let answer = 'HTTP/1.1 200 OK\r\n\r\nall of it';
    const place = await open(t, ({ socket }) => socket.end(answer));
    assert.equal((await ask(place)).body, 'all of it');
    for (answer of [
      saying('half of it').slice(0, -5),
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n',
    ])
      await assert.rejects(ask(place), answer);
  });

  test('a request that it dropped is sent again only when that changes nothing', async (t) => {
    const place = await open(t, ({ socket, said, connection }) => {
      if (connection === 1 || said.startsWith('DELETE')) socket.destroy();
      else socket.write(saying('again'));
    });
    assert.equal((await ask(place)).body, 'again');
    assert.equal((await ask(place, 'DELETE')).status, 502);
    assert.deepEqual(
      place.asked.map(({ said }) => said.split(' ')[0]),
      ['GET', 'GET', 'DELETE'],
    );
  });

  test('a body goes on with its length, or in chunks, whatever its client calls its own', async (t) => {
    const place = await open(t, ({ socket }) => socket.write(saying('read', 'Connection: close\r\n')));
    const post = (more: string) => `POST / HTTP/1.1\r\nHost: shop\r\nConnection: close${more}`;
    await say(place, post('\r\nContent-Length: 5\r\n\r\nhello'));
    await say(place, post('\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'));
    await say(place, post(', content-length\r\nContent-Length: 5\r\n\r\nhello'));
    const [known, chunked, claimed] = place.asked.map(({ said }) => said);
    assert.match(known!, /^POST \/ HTTP\/1\.1\r\n(?:.+\r\n)*Content-Length: 5\r\n(?:.+\r\n)*\r\nhello$/);
    for (const said of [chunked!, claimed!]) {
      assert.match(said, /\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
      assert.doesNotMatch(said, /content-length/i);
    }
  });

  test('it is told one host: that of the client, or its own where a client says none; two are refused', async (t) => {
    const place = await open(t, ({ socket }) => socket.write(saying('read')));
    await say(place, 'GET / HTTP/1.1\r\nhost: shop\r\nConnection: close, host\r\n\r\n');
    await say(place, 'GET / HTTP/1.0\r\n\r\n');
    assert.deepEqual(
      place.asked.map(({ said }) => said.match(/^host: .*$/gim)),
      [['Host: shop'], [`Host: 127.0.0.1:${place.instancePort}`]],
    );
    const refused = await say(place, 'GET / HTTP/1.1\r\nHost: shop\r\nHost: other\r\nConnection: close\r\n\r\n');
    assert.match(refused, /^HTTP\/1\.1 400 .*two hosts/s);
    assert.equal(place.asked.length, 2, 'it was not asked');
  });

  test('it may answer before it has read all: the answer counts, the connection is not used again', async (t) => {
    const place = await open(t, ({ socket }) => socket.write(saying('read')));
    const client = connect(place.address.route.listen).setEncoding('latin1');
    client.write('POST / HTTP/1.1\r\nHost: shop\r\nX-Early: yes\r\nContent-Length: 10\r\n\r\nhello');
    let answer = '';
    for await (const piece of client) if ((answer += piece).endsWith('read')) break;
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal((await ask(place)).body, 'read');
    assert.deepEqual(
      place.asked.map(({ connection }) => connection),
      [1, 2],
    );
  });

  test('clients that read slowly get every byte of their own', async (t) => {
    const bytes = 12_000_000;
    const place = await open(t, ({ socket, said }) => socket.write(saying(said['GET /'.length]!.repeat(bytes))));
    const answers = await Promise.all(
      ['x', 'y'].map(async (letter) => {
        const asking = request({ ...place.address.route.listen, path: `/${letter}`, agent: false }).end();
        const [response] = (await once(asking, 'response')) as [IncomingMessage];
        return { letter, response };
      }),
    );
    // Until everything between is full.
    const gone = () => place.asked.reduce((sum, { socket }) => sum + socket.bytesWritten - socket.writableLength, 0);
    for (let before = -1; gone() !== before; await wait(50)) before = gone();
    for (const { letter, response } of answers) {
      const body = await text(response.setEncoding('latin1'));
      assert.ok(body === letter.repeat(bytes), letter);
    }
  });
});
