/** Who is let in, and what is let in: tokens, names, pages of other sites, bodies. */
import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect, type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { createMachine } from '../../../src/adapters/machine/machine.ts';
import { createCiIdentities } from '../../../src/adapters/oidc/ci-identities.ts';
import { startServer } from '../../../src/api/server.ts';
import type { World } from '../../../src/engine/world.ts';
import { apiWorld, ask, makePerson, makeProject, token, type ApiWorld, type Loose } from '../../world/api-server.ts';
import { listeningLog, until } from '../../world/make.ts';

describe('access to the API', () => {
  let api: ApiWorld;
  const log = listeningLog();
  let breakStore: Error | undefined;

  before(async () => {
    api = await apiWorld({
      log,
      change: (world: World): World => ({
        ...world,
        store: {
          ...world.store,
          transaction: (work) =>
            breakStore === undefined ? world.store.transaction(work) : Promise.reject(breakStore),
        },
      }),
    });
  });
  after(() => api?.close());

  interface Raw {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly text: string;
  }

  /** `fetch` decides about some headers itself; this sends what it is told. */
  function raw(options: RequestOptions, body?: string | readonly Uint8Array[]): Promise<Raw> {
    const { hostname, port } = new URL(api.server.url);
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, agent: false, ...options }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode!, headers: incoming.headers, text }));
      });
      outgoing.on('error', reject);
      if (typeof body === 'string') outgoing.end(body);
      else {
        for (const chunk of body ?? []) outgoing.write(chunk);
        outgoing.end();
      }
    });
  }

  test('no route but the public ones answers anything but 401 without a token, or with a wrong one', async () => {
    const open = [
      'GET /livez',
      'GET /readyz',
      'GET /metrics',
      'GET /api/openapi.json',
      'GET /sign-in',
      'GET /api/v1/sign-in/ways',
      'GET /api/v1/sign-in/oidc',
      'GET /api/v1/sign-in/oidc/callback',
    ];

    const { routes } = api.server;
    // These take a secret in the body, or a signature over it, instead.
    const signingIn = new Set(['sign-in.redeem', 'session.start', 'sign-in.ci', 'webhooks.receive']);
    assert.ok(routes.length > 30);
    const answered: string[] = [];
    for (const { endpoint } of routes.filter((route) => !signingIn.has(route.endpoint.name))) {
      const path = endpoint.path.replace(/\{\w+\}/g, 'x');
      for (const authorization of [
        undefined,
        '',
        'Bearer',
        'Bearer wrong',
        `Bearer ${token}x`,
        `Basic ${token}`,
        token,
      ]) {
        const { status, headers } = await raw({
          method: endpoint.method,
          path,
          headers: authorization === undefined ? {} : { authorization },
        });
        if (status !== 401) answered.push(`${endpoint.method} ${endpoint.path}`);
        else assert.match(String(headers['www-authenticate']), /^Bearer/);
      }
    }
    assert.deepEqual([...new Set(answered)].toSorted(), [...open].toSorted());
  });

  test('without a token the body of a request is not read', async () => {
    const { status } = await raw(
      { method: 'POST', path: '/api/v1/projects', headers: { 'content-type': 'text/plain' } },
      'not json',
    );
    assert.equal(status, 401);
  });

  test('a request for a name that is not ours is refused: a page may have given its own name our address', async () => {
    const { port } = new URL(api.server.url);
    const authorization = `Bearer ${token}`;
    const statusFor = async (host: string) =>
      (await raw({ path: '/api/v1/projects', headers: { host, authorization } })).status;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      '127.0.0.1:1',
      'localhost',
      `10.0.0.7:${port}`,
    ]) {
      assert.equal(await statusFor(host), 403, host);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
      assert.equal(await statusFor(host), 200, host);
    assert.equal((await raw({ path: '/livez', headers: { host: 'evil.example' } })).status, 403);
  });

  test('a request from a page of another site is refused, one from a page of ours is not', async () => {
    const { port } = new URL(api.server.url);
    const statusFor = async (origin: string) =>
      (await raw({ path: '/api/v1/projects', headers: { origin, authorization: `Bearer ${token}` } })).status;
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:1',
      `http://evil.example:${port}`,
      `http://localhost:${port}@evil.example`,
      'file://',
      '',
    ]) {
      assert.equal(await statusFor(origin), 403, origin);
    }
    assert.equal(await statusFor(`http://localhost:${port}`), 200);
    assert.equal(await statusFor(`http://127.0.0.1:${port}`), 200);
  });

  test('names that were configured are ours, in Host and in Origin', async () => {
    const server = await api.another({ listen: { host: '127.0.0.1', port: 0, names: ['liftlock.example.org'] } });
    const { port } = new URL(server.url);
    const headers = {
      host: 'liftlock.example.org',
      origin: 'https://liftlock.example.org',
      authorization: `Bearer ${token}`,
    };
    assert.equal((await raw({ port, path: '/api/v1/projects', headers })).status, 200);
    assert.equal(
      (await raw({ port, path: '/api/v1/projects', headers: { ...headers, host: 'other.example.org' } })).status,
      403,
    );
  });

  test('figures are for callers on this machine, unless they come through a proxy, and for those with a token', async () => {
    assert.equal((await raw({ path: '/metrics' })).status, 200);
    assert.equal((await raw({ path: '/metrics', headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 401);
    assert.equal(
      (await raw({ path: '/metrics', headers: { 'x-forwarded-for': '203.0.113.9', authorization: `Bearer ${token}` } }))
        .status,
      200,
    );
  });

  test('what somebody does is recorded under his handle, whatever else the request says', async () => {
    const { path } = await makeProject(api);
    const ada = await makePerson(api, ['maintainer'], { handle: 'ada' });
    const { status } = await ada.post(
      `${path}/environments/staging/hold`,
      { reason: 'so' },
      { 'x-liftlock-actor': 'system:engine' },
    );
    assert.equal(status, 200);
    assert.equal((await api.get(`${path}/status`)).body.environments[1].hold.by, 'ada');
  });

  test('everything that is wrong with a request is told at once, with its place, in our words', async () => {
    const { status, body } = await api.post('/api/v1/freezes', {
      until: 'tomorrow',
      everything: 'yes',
      environment: '',
      forever: true,
    });
    assert.equal(status, 400);
    assert.deepEqual(Object.fromEntries(body.problems.map(({ path, message }: Loose) => [path, message])), {
      'body.environment': 'must not be empty',
      'body.everything': 'expected true or false',
      'body.until': 'expected a number',
      'body.reason': 'missing; expected text',
      'body.forever': 'is not known here',
    });
    const query = await api.get('/api/v1/projects/_/releases?limit=0&cusor=3');
    assert.deepEqual(query.body.problems.map(({ path }: Loose) => path).toSorted(), ['query.cusor', 'query.limit']);
    const twice = await api.get('/api/v1/projects/_/releases?limit=1&limit=2');
    assert.equal(twice.body.problems[0].message, 'given more than once');
    const number = await api.post('/api/v1/projects/_/builds/one/retry');
    assert.deepEqual([number.status, number.body.problems[0].path], [400, 'path.number']);
    const long = await api.post(`/api/v1/projects/_/environments/staging/hold`, { reason: 'x'.repeat(1_001) });
    assert.equal(long.body.problems[0].message, 'must have at most 1000 characters');
  });

  test('names of people and of tokens are text and nothing that a terminal would obey', async () => {
    const name = 'Ada\u001b[2J';
    for (const [path, body] of [
      ['/api/v1/people', { handle: 'ada.l', name, emails: [] }],
      ['/api/v1/tokens', { name }],
    ] as const)
      assert.equal((await api.post(path, body)).body.code, 'input/invalid', path);
  });

  test('a body that is not JSON, or says that it is something else, is refused', async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
      ask(api.server, '/api/v1/freezes', { method: 'POST', body, headers: { 'content-type': type } });
    for (const [body, type, word] of [
      ['{"reason":', 'application/json', /not JSON/],
      ['{"reason":"a"}', 'text/plain', /text\/plain/],
      ['reason=a', 'application/x-www-form-urlencoded', /form/],
      [new Uint8Array([0x22, 0xff, 0x22]), 'application/json', /UTF-8/],
      ['[]', 'application/json', /expected an object/],
      ['null', 'application/json', /expected an object/],
      ['{"__proto__":{"reason":"a"},"reason":"b"}', 'application/json', /__proto__/],
    ] as const) {
      const answer = await post(body, type);
      assert.deepEqual([answer.status, answer.body.code], [400, 'input/invalid'], String(body));
      assert.match(answer.body.detail, word);
    }
  });

  test('a body over the limit is refused before it was read, whether or not its length was announced', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const announced = await raw(
      { method: 'POST', path: '/api/v1/projects', headers: { ...headers, 'content-length': String(2 ** 31) } },
      '{',
    ).catch((error: Error) => error);
    assert.ok('status' in announced, String(announced));
    assert.equal(announced.status, 413);
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    const unannounced = await raw(
      { method: 'POST', path: '/api/v1/projects', headers },
      Array.from({ length: 20 }, () => chunk),
    );
    assert.equal(unannounced.status, 413);
    assert.equal(JSON.parse(unannounced.text).code, 'input/too-large');
    assert.equal(unannounced.headers.connection, 'close');
  });

  test('what is not there is a 404, a wrong method a 405 that names the right ones', async () => {
    const { body } = await api.get('/');
    assert.equal(body.code, 'request/not-found');
    assert.match(body.hint, /npm run build/);
    assert.equal((await api.get('/api/v1/projects/')).status, 404);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await ask(api.server, '/api/v1/projects', { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, HEAD, POST'], method);
    }
    assert.equal((await ask(api.server, '/api/v1/projects', { method: 'HEAD' })).status, 200);
    assert.equal((await ask(api.server, '/api/v1/events', { method: 'HEAD' })).status, 405);
  });

  test('names in paths may be anything that a URL can carry', async () => {
    const { path } = await makeProject(api);
    for (const text of ['feature/x', 'a b', 'ü', '100%', "';drop table releases;--", '..']) {
      const { status, body } = await api.get(`${path}/releases/${encodeURIComponent(text)}`);
      assert.deepEqual(
        [status, body.code],
        text === '..' ? [404, 'request/not-found'] : [404, 'release/unknown'],
        text,
      );
    }
    assert.equal(
      (await raw({ path: `${path}/releases/%E0%A4%A`, headers: { authorization: `Bearer ${token}` } })).status,
      404,
    );
  });

  test('an unexpected error tells outside nothing but the request under which the log tells all', async () => {
    breakStore = new Error('the password of the database is hunter2');
    const { status, body } = await api.get('/api/v1/projects');
    breakStore = undefined;
    assert.equal(status, 500);
    assert.equal(body.code, 'unexpected/error');
    assert.doesNotMatch(JSON.stringify(body), /hunter2/);
    const line = log.lines.find(({ message }) => message === 'a request failed unexpectedly');
    assert.equal((line?.fields as Loose)?.requestId, body.request_id);
  });

  test('while the database is away the server lives, is not ready, and says when to try again', async () => {
    const { Failure } = await import('../../../src/domain/base/failure.ts');
    breakStore = new Failure('database/unreachable', 'the database does not answer');
    const [live, ready, projects] = [
      await api.get('/livez'),
      await api.get('/readyz'),
      await api.get('/api/v1/projects'),
    ];
    breakStore = undefined;
    assert.deepEqual([live.status, ready.status, projects.status], [200, 503, 503]);
    assert.equal(projects.headers.get('retry-after'), '1');
    assert.equal((await api.get('/readyz')).status, 200);
  });

  test('a database that keeps silent does not keep whoever asks for readiness', async () => {
    const server = await startServer({
      world: { ...api.world, store: { ...api.store, transaction: () => new Promise(() => undefined) } },
      feed: api.store.events,
      audit: api.audit,
      listen: { host: '127.0.0.1', port: 0 },
      log,
      version: '0',
      ciIdentities: createCiIdentities(api.world.outgoing),
      machine: createMachine({ home: tmpdir(), isEmbedded: false }),
    });
    const { status, body } = await ask(server, '/readyz');
    await server.stop();
    assert.deepEqual([status, body.code], [503, 'database/unreachable']);
  });

  test('a port that is taken, and an address that is not ours, are told with what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    await assert.rejects(api.another({ listen: { host: '127.0.0.1', port } }), (failure: Loose) => {
      assert.equal(failure.code, 'server/port-taken');
      assert.match(failure.message, new RegExp(String(port)));
      assert.match(failure.hint, /another port/);
      return true;
    });
    blocker.close();
    await assert.rejects(api.another({ listen: { host: '203.0.113.1', port: 0 } }), { code: 'input/invalid' });
  });

  test('figures are Prometheus text, and count what happens', async () => {
    const figures = async () => (await api.get('/metrics')).body as string;
    const earlier = await figures();
    for (const line of earlier.trimEnd().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$/);
    const { path } = await makeProject(api);
    const valueOf = (text: string, sample: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${sample} `))
          ?.split(' ')[1],
      );
    const projects = valueOf(earlier, 'liftlock_projects');
    await api.post(`${path}/environments/staging/hold`, { reason: 'so' });
    const later = await until(async () => {
      const text = await figures();
      return valueOf(text, 'liftlock_projects') > projects ? text : undefined;
    }, 'figures to be asked for again');
    assert.ok(valueOf(later, 'liftlock_events_total') >= valueOf(earlier, 'liftlock_events_total') + 3);
    assert.ok(valueOf(later, 'process_resident_memory_bytes') > 1e6);
    assert.equal(valueOf(later, 'liftlock_promotions_ended_total{outcome="succeeded"}'), 0);
  });

  test('stopping waits for requests under way, turns new ones away, and may be asked for twice', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    const server = await api.another({
      world: {
        ...api.world,
        store: {
          ...api.store,
          transaction: async (work) => {
            began();
            await held;
            return api.store.transaction(work);
          },
        },
      },
    });
    const answer = ask(server, '/api/v1/projects');
    await begun;
    const stopping = server.stop();
    assert.equal(server.stop(), stopping);
    await assert.rejects(ask(server, '/livez'));
    release();
    const { status, headers } = await answer;
    await stopping;
    assert.deepEqual([status, headers.get('connection')], [200, 'close']);
  });

  test('a client that says nothing is not waited for', async () => {
    const server = await api.another();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('GET /livez HTTP/1.1\r\n');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    await server.stop();
    await closed;
  });
});
