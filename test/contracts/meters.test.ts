/** Meters, against a real HTTP server that answers well and badly. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createMeters } from '../../src/adapters/meters/meters.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { createProbe } from '../../src/adapters/probe/probe.ts';
import type { SideReading } from '../../src/domain/verdict/metric.ts';
import type { Meters } from '../../src/ports/meters.ts';

const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1_700_000_000.5, value] })) },
});

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

describe('meters', () => {
  let meters: Meters;
  let url: string;
  let answer: (response: ServerResponse) => void = () => undefined;
  const seen: Seen[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, path, authorization: headers.authorization, body });
      answer(response);
    });
  });

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outgoing = createOutgoing({ allowHosts: [new URL(url).host] });
    meters = createMeters({ outgoing, probe: createProbe() });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const how = () => ({ timeoutMs: 10_000, signal: new AbortController().signal });
  const says = (reading: SideReading) => ('value' in reading ? reading.value : `${reading.says}: ${reading.because}`);
  const sends = (status: number, body: unknown, headers = {}) => {
    answer = (response) =>
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const query = async (status: number, body: unknown) => {
    sends(status, body, { location: `${url}/elsewhere` });
    return says(await meters.prometheus({ url: `${url}/prefix/`, query: 'up{a="b&c"}', token: 'key', ...how() }));
  };

  test('a query is sent as a form with its token, and one number comes back', async () => {
    assert.equal(await query(200, vector('0.25')), 0.25);
    const { method, path, authorization, body } = seen.at(-1)!;
    assert.deepEqual([method, path, authorization], ['POST', '/prefix/api/v1/query', 'Bearer key']);
    assert.equal(new URLSearchParams(body).get('query'), 'up{a="b&c"}');
    const scalar = { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } };
    assert.equal(await query(200, scalar), 7);
  });

  test('no data and no number are inconclusive; several numbers, ranges and texts are a question put wrongly', async () => {
    assert.equal(await query(200, vector()), 'inconclusive: no data');
    for (const odd of ['NaN', '+Inf', '-Inf', 'Inf'])
      assert.equal(await query(200, vector(odd)), `inconclusive: ${odd} is no number to judge by`);
    assert.equal(await query(200, vector('1', '2', '3')), 'error: the query gives 3 series instead of one number');
    assert.match(
      `${await query(200, { status: 'success', data: { resultType: 'matrix', result: [] } })}`,
      /error: .*range/,
    );
    assert.match(
      `${await query(200, { status: 'success', data: { resultType: 'string', result: [1, 'x'] } })}`,
      /^error/,
    );
    assert.match(`${await query(200, vector('1e999'))}`, /^error: the sample is no number/);
  });

  test('a Prometheus that refuses, is something else, or sends us away, is a broken meter', async () => {
    assert.equal(
      await query(400, { status: 'error', errorType: 'bad_data', error: 'parse error at char 3' }),
      'error: the query was refused with status 400: parse error at char 3',
    );
    for (const status of [302, 404, 503])
      assert.equal(await query(status, 'x'), `error: answered with status ${status}`);
    for (const garbage of [
      '<html>',
      '{}',
      '[]',
      'null',
      '{"status":"success"}',
      '{"status":"success","data":{"resultType":"vector"}}',
    ])
      assert.match(
        `${await query(200, garbage)}`,
        /^error: (what answered is no Prometheus|the query gives no number)$/,
      );
    assert.match(`${await query(200, vector(''))}`, /^error/);
    assert.equal(
      seen.some(({ path }) => path === '/elsewhere'),
      false,
      'a redirect is not followed, nor is the token sent on',
    );
  });

  test('silence, too much, a broken connection and a place that may not be asked are errors, each with its reason', async () => {
    const patience = { timeoutMs: 200, signal: new AbortController().signal };
    const ask = (address = url, more = how()) => meters.prometheus({ url: address, query: 'up', ...more });
    answer = () => undefined;
    assert.match(`${says(await ask(url, patience))}`, /^error: .*it took too long/);
    answer = (response) => {
      response.on('error', () => undefined);
      response.end('x'.repeat(2_000_000));
    };
    assert.match(`${says(await ask())}`, /^error: .*more than 1048576 bytes/);
    answer = (response) => response.destroy();
    assert.match(`${says(await ask())}`, /^error: .*did not answer as it should/);
    assert.match(`${says(await ask('https://10.0.0.1'))}`, /^error: .*not public.*LIFTLOCK_ALLOW_HOSTS/);
    assert.match(`${says(await ask('http://example.org'))}`, /^error: .*only https/);
  });

  test('an answer anywhere gives its status, or a number in it; without one the meter is broken or has no data', async () => {
    const ask = async (status: number, body: unknown, field: string[] = []) => {
      sends(status, body);
      return says(await meters.http({ url: `${url}/status`, field, token: undefined, ...how() }));
    };
    assert.deepEqual([await ask(200, ''), await ask(503, ''), await ask(302, '')], [200, 503, 302]);
    assert.equal(seen.at(-1)?.authorization, undefined);
    assert.equal(await ask(200, { queue: { depth: [4, 5] } }, ['queue', 'depth', '1']), 5);
    assert.equal(await ask(200, { queue: {} }, ['queue', 'depth']), 'inconclusive: there is no queue.depth');
    assert.equal(await ask(200, { queue: null }, ['queue', 'depth']), 'inconclusive: there is no queue.depth');
    assert.equal(await ask(200, { depth: '5' }, ['depth']), 'error: depth is no number but of type string');
    assert.equal(await ask(200, {}, ['constructor']), 'inconclusive: there is no constructor');
    assert.equal(await ask(500, { depth: 5 }, ['depth']), 'error: answered with status 500');
    assert.equal(await ask(200, 'depth 5', ['depth']), 'error: the answer is not JSON');
  });

  test('R13: a release that does not answer at its own address has failed; nonsense in its answer says nothing about it', async () => {
    const ask = async (status: number, body: unknown, field: string[] = []) => {
      sends(status, body);
      return says(await meters.release({ url: `${url}/own`, field, ...how() }));
    };
    assert.equal(await ask(500, ''), 500);
    assert.equal(await ask(200, { depth: 5 }, ['depth']), 5);
    assert.equal(await ask(500, { depth: 5 }, ['depth']), 'failure: answered with status 500');
    assert.equal(await ask(200, 'x', ['depth']), 'error: the answer is not JSON');
    assert.equal(await ask(200, `"${'x'.repeat(70_000)}"`, ['depth']), 'error: it answered too much');
    const nobody = await meters.release({ url: 'http://127.0.0.1:9/', field: [], ...how() });
    assert.equal(says(nobody), 'failure: connection refused');
  });
});
