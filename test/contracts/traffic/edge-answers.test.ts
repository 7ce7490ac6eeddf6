/** How an answer of an instance reaches the client through the edge: whole, at once, and never kept back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage, type RequestListener } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { Address } from '../../../src/adapters/traffic/edge/address.ts';
import { openAddressTo, openInstance, type OpenAddress, type OpenInstance } from '../../world/edge-address.ts';
import { until } from '../../world/make.ts';

describe('answers through the edge', { timeout: 30_000 }, () => {
  let instance: OpenInstance;
  let open: OpenAddress;
  let address: Address;
  let answer: RequestListener;

  before(async () => {
    instance = await openInstance((incoming, response) => answer(incoming, response));
    open = await openAddressTo([instance.port]);
    ({ address } = open);
  });
  after(async () => {
    await open?.close();
    instance?.close();
  });

  const ask = async (method = 'GET'): Promise<IncomingMessage> => {
    const asked = request({ ...address.route.listen, method, agent: false });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  };

  test('the head comes before there is anything of the body', async () => {
    const { promise: more, resolve: goOn } = Promise.withResolvers<void>();
    answer = async (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      await more;
      response.end('data: one\n\n');
    };
    const response = await ask();
    assert.equal(response.headers['content-type'], 'text/event-stream');
    goOn();
    assert.equal(await text(response), 'data: one\n\n');
  });

  test('each piece comes when it is there', async () => {
    const { promise: more, resolve: goOn } = Promise.withResolvers<void>();
    answer = async (_, response) => {
      response.write('one ');
      await more;
      response.end('two');
    };
    const response = await ask();
    response.setEncoding('utf8');
    assert.deepEqual(await once(response, 'data'), ['one ']);
    goOn();
    assert.equal(await text(response), 'two');
  });

  test('a client that falls silent in the middle of its request is told so, and its instance is free again', async (t) => {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    answer = (incoming) => {
      incoming.resume();
      incoming.once('error', () => leave());
    };
    const { route } = address;
    address.apply({ ...route, limits: { idleMs: 500 } });
    t.after(() => address.apply(route));
    const asked = request({ ...address.route.listen, method: 'POST', agent: false });
    asked.on('error', () => undefined);
    asked.write('a piece, and nothing more');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    assert.deepEqual([response.statusCode, response.headers.connection], [408, 'close']);
    assert.equal(await text(response), 'the rest of the request did not come\n');
    await left;
    assert.equal(address.state('one').sides[0]!.counted['all']!.failures, 0, 'the release is not to blame');
  });

  test('a client that sends a little at a time may take as long as it likes', async (t) => {
    answer = async (incoming, response) => void response.end(await text(incoming));
    const { route } = address;
    address.apply({ ...route, limits: { idleMs: 1_000 } });
    t.after(() => address.apply(route));
    const asked = request({ ...address.route.listen, method: 'POST', agent: false });
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    for (let piece = 0; piece < 25; piece++) {
      asked.write('x');
      await wait(100);
    }
    asked.end();
    const [response] = await answered;
    assert.equal(await text(response), 'x'.repeat(25));
  });

  test('short and long, of known and of unknown length, every byte is the same', async () => {
    for (const bytes of [0, 1, 8_191, 8_192, 8_193, 70_000, 1_000_000]) {
      const body = Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31) % 256));
      for (const known of [true, false]) {
        answer = (_, response) => {
          if (known) response.setHeader('Content-Length', bytes);
          else response.flushHeaders();
          response.end(body);
        };
        const response = await ask();
        const chunks = (await response.toArray()) as Buffer[];
        assert.ok(Buffer.concat(chunks).equals(body), `${bytes} bytes, ${known ? 'known' : 'unknown'} length`);
        assert.equal(response.headers['content-length'], known ? String(bytes) : undefined);
      }
    }
  });

  test('an answer without a body ends', async () => {
    answer = (_, response) => void response.writeHead(204).end();
    assert.equal(await text(await ask()), '');
    answer = (_, response) => void response.writeHead(200, { 'Content-Length': 60 }).end();
    const head = await ask('HEAD');
    assert.equal(head.headers['content-length'], '60');
    assert.equal(await text(head), '');
  });

  test('an answer that breaks off does not look whole', async () => {
    for (const written of ['', 'half of it']) {
      answer = (_, response) => {
        response.writeHead(200, { 'Content-Length': 60 });
        response.flushHeaders();
        response.write(written, () => response.socket?.destroy());
      };
      const whole = await ask()
        .then(text, () => 'broken')
        .catch(() => 'broken');
      assert.equal(whole, 'broken', `after “${written}”`);
    }
    await until(() => address.busy() === 0, 'nothing under way');
  });
});
