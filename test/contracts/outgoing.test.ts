/** Requests to the outside world, tried on servers of this machine. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { Failure } from '../../src/domain/base/failure.ts';

describe('requests to the outside world', () => {
  let server: Server;
  let host: string;
  let asked = 0;
  let answer: RequestListener = (_, response) => void response.end('hello');

  before(async () => {
    server = createServer((request, response) => {
      asked++;
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const limits = { timeoutMs: 5_000, mostBytes: 1_000 };
  const refuses = (url: string, allowHosts: readonly string[] = []) =>
    assert.rejects(createOutgoing({ allowHosts }).request({ url, ...limits }), (thrown: unknown) => {
      assert.ok(thrown instanceof Failure);
      assert.equal(thrown.code, 'outgoing/refused', `${url}: ${thrown.message}`);
      return true;
    });

  test('neither this machine nor its network is asked, by address, by name or by any other way to write them', async () => {
    const port = host.split(':')[1]!;
    const earlier = asked;
    for (const inside of [
      `https://127.0.0.1:${port}`,
      `https://127.1:${port}`,
      `https://2130706433:${port}`,
      `https://0x7f000001:${port}`,
      `https://[::1]:${port}`,
      `https://[::ffff:127.0.0.1]:${port}`,
      `https://localhost:${port}`,
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1',
      `http://${host}`,
      'http://example.org',
      'file:///etc/passwd',
      'ftp://example.org',
      `https://user:word@${host}`,
      'not an address',
    ])
      await refuses(inside);
    await refuses(`http://localhost:${port}`, [host]);
    assert.equal(asked, earlier);
  });

  test('a host that the operator allows is asked, without TLS too', async () => {
    answer = (request, response) => {
      response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers['authorization']}`);
      request.pipe(response.writeHead(201));
    };
    const outgoing = createOutgoing({ allowHosts: [host] });
    const request = {
      url: `http://${host}/a?b=c`,
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: 'grüße',
    };
    const { status, headers, body } = await outgoing.request({ ...request, method: 'POST', ...limits });
    assert.deepEqual([status, headers['x-seen']], [201, 'POST /a?b=c Bearer x']);
    assert.equal(Buffer.from(body).toString(), 'grüße');
  });

  test('a redirect is an answer like any other', async () => {
    answer = (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    const { status, headers } = await createOutgoing({ allowHosts: [host] }).request({
      url: `http://${host}`,
      ...limits,
    });
    assert.deepEqual([status, headers['location']], [302, 'http://169.254.169.254/']);
  });

  const fails = async (because: RegExp, more: object = {}) => {
    const started = Date.now();
    await assert.rejects(
      createOutgoing({ allowHosts: [host] }).request({ url: `http://${host}/secret-path`, ...limits, ...more }),
      (thrown: unknown) => {
        assert.ok(thrown instanceof Failure);
        assert.equal(thrown.code, 'outgoing/failed');
        assert.match(thrown.message, because);
        assert.doesNotMatch(thrown.message, /secret-path/);
        return true;
      },
    );
    return Date.now() - started;
  };

  test('an answer over the limit is cut off', async () => {
    answer = (_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(500)), 1);
      response.on('close', () => clearInterval(timer));
    };
    await fails(/more than 1000 bytes/);
  });

  test('an answer that does not come, or does not end, is not waited for', async () => {
    answer = () => undefined;
    assert.ok((await fails(/too long/, { timeoutMs: 100 })) < 3_000);
    answer = (_, response) => void response.write('x');
    assert.ok((await fails(/too long/, { timeoutMs: 100 })) < 3_000);
  });

  test('a connection that breaks is a failure', async () => {
    answer = (request) => void request.socket.destroy();
    await fails(/hang up|reset/);
  });
});
