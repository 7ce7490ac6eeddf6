/** Clients that leave the edge before their time, handshakes of WebSockets, and what of both is counted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Address } from '../../../src/adapters/traffic/edge/address.ts';
import { quantileMs } from '../../../src/domain/observation/histogram.ts';
import type { SideState } from '../../../src/ports/traffic.ts';
import { openAddressTo, openInstance, routeTo, type OpenAddress, type OpenInstance } from '../../world/edge-address.ts';
import { until } from '../../world/make.ts';
import { freePort } from '../../world/traffic.ts';

const handshake = { Connection: 'Upgrade', Upgrade: 'websocket' };
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

describe('at the edge', { timeout: 30_000 }, () => {
  let instance: OpenInstance;
  let open: OpenAddress | undefined;
  let address: Address;
  let answer: RequestListener;
  let upgrade: (socket: Duplex) => void;
  let asked = 0;

  before(async () => {
    instance = await openInstance((incoming, response) => {
      asked += 1;
      answer(incoming, response);
    });
    instance.server.on('upgrade', (_, socket: Duplex) => {
      asked += 1;
      socket.on('error', () => undefined);
      socket.on('end', () => socket.end()).resume();
      upgrade(socket);
    });
  });
  beforeEach(async () => {
    await open?.close();
    asked = 0;
    open = await openAddressTo([instance.port]);
    ({ address } = open);
  });
  after(async () => {
    await open?.close();
    instance?.close();
  });

  const side = (): SideState => address.state('here').sides[0]!;
  const counted = () => side().counted['all']!;
  const begin = (headers = {}) => {
    const sent = request({ ...address.route.listen, headers, agent: false });
    sent.on('error', () => undefined).end();
    return sent;
  };
  /** What became of a handshake. */
  const shakeHands = async (): Promise<number | undefined> => {
    const sent = begin(handshake);
    const answered = await Promise.race([once(sent, 'upgrade'), once(sent, 'response')]);
    const [response, socket] = answered as [IncomingMessage, Duplex | undefined];
    socket?.destroy();
    sent.destroy();
    return response.statusCode;
  };

  test('a client that gives up is no failure of the release, and counts with the time that it waited', async () => {
    answer = () => undefined;
    const sent = begin();
    await until(() => asked === 1, 'the instance to be asked');
    const since = performance.now();
    await until(() => performance.now() - since > 300, 'it to have waited');
    sent.destroy();
    await until(() => counted().requests === 1, 'it to be counted');
    assert.equal(counted().failures, 0);
    assert.ok(quantileMs(counted().latency, 0.5)! >= 300, JSON.stringify(counted()));
    assert.equal(address.busy(), 0);
  });

  test('one that leaves in the middle of an answer is none either; a release that breaks off there has failed', async () => {
    answer = (_, response) => void response.write('the first of many');
    const sent = begin();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    sent.destroy();
    await until(() => counted().requests === 1, 'it to be counted');
    assert.equal(counted().failures, 0);
    answer = (_, broken) => void broken.write('the first of many', () => broken.socket?.destroy());
    const [half] = (await once(begin(), 'response')) as [IncomingMessage];
    half.on('error', () => undefined).resume();
    await until(() => counted().requests === 2, 'the other one to be counted');
    assert.equal(counted().failures, 1);
  });

  test('one that leaves while it is held is asked of nobody, and leaves nothing under way', async () => {
    answer = (_, response) => void response.end();
    const { route } = address;
    address.apply({ ...route, hold: { mostMs: 20_000, mostRequests: 10 } });
    const sent = begin();
    await until(() => address.busy() === 1, 'it to wait');
    const closed = new Promise((resolve) => sent.once('close', resolve));
    sent.destroy();
    await closed;
    // Whoever comes after them has been answered, so the edge has seen them leave.
    const later = once(begin(), 'response');
    await until(() => address.busy() === 2, 'another one to wait');
    address.apply(route);
    await later;
    await until(() => address.busy() === 0, 'nothing under way');
    assert.deepEqual([asked, counted().requests], [1, 1]);
  });

  test('a handshake holds its side back from being retired, and one that gets no answer ends', async () => {
    let shaking: Duplex | undefined;
    upgrade = (socket) => void (shaking = socket);
    const answered = shakeHands();
    await until(() => shaking !== undefined, 'the handshake to arrive');
    assert.deepEqual([side().inFlight, side().tunnels, side().instances![0]!.inFlight], [1, 0, 1]);
    shaking!.write(switching);
    assert.equal(await answered, 101);
    await until(() => address.busy() === 0, 'it to end');
    assert.equal(side().instances![0]!.inFlight, 0);
    upgrade = () => undefined;
    address.apply({ ...address.route, limits: { answerMs: 100 } });
    assert.equal(await shakeHands(), 502);
    assert.deepEqual([counted().requests, counted().failures, address.busy()], [2, 1, 0]);
  });

  test('a tunnel whose client is gone ends, also when its instance never ends its side', async () => {
    upgrade = (socket) => {
      socket.removeAllListeners('end');
      socket.write(switching);
    };
    address.apply({ ...address.route, limits: { idleMs: 200 } });
    assert.equal(await shakeHands(), 101);
    await until(() => address.busy() === 0, 'it to end');
    assert.deepEqual([side().tunnels, side().instances![0]!.inFlight], [0, 0]);
  });

  test('one whose client has said its last goes on while the instance still talks', async () => {
    const words = 15;
    upgrade = (socket) => {
      socket.removeAllListeners('end');
      socket.write(switching);
      let said = 0;
      const talk = setInterval(() => {
        said += 1;
        if (said < words) return void socket.write('.');
        clearInterval(talk);
        socket.end('.');
      }, 100);
    };
    address.apply({ ...address.route, limits: { idleMs: 1_000 } });
    // What came in one piece with the end of the handshake is not read from the socket again.
    const [, socket, first] = (await once(begin(handshake), 'upgrade')) as [IncomingMessage, Duplex, Buffer];
    socket.end();
    assert.equal(`${first}${await text(socket)}`, '.'.repeat(words));
    await until(() => address.busy() === 0, 'it to end');
  });

  test('a handshake is not left with an instance that refuses connections', async () => {
    upgrade = (socket) => void socket.write(switching);
    const { listen: place } = address.route;
    address.apply({ ...(await routeTo([await freePort(), instance.port])), listen: place });
    for (let times = 0; times < 4; times++) assert.equal(await shakeHands(), 101);
    assert.equal(side().instances![0]!.well, false);
    address.apply({ ...(await routeTo([await freePort()])), listen: place });
    assert.equal(await shakeHands(), 502);
  });
});
