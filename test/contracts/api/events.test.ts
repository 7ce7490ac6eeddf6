/** The event log over HTTP: pages, and a stream that loses nothing. */
import assert from 'node:assert/strict';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  ask,
  apiWorld,
  makeProject as makeUnsettled,
  tester,
  token,
  type ApiWorld,
  type Loose,
} from '../../world/api-server.ts';
import { query, until } from '../../world/make.ts';
import type { ApiServer } from '../../../src/api/server.ts';

interface Block {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Loose;
}

interface Follower {
  readonly blocks: Block[];
  readonly status: number;
  readonly incoming: IncomingMessage;
  readonly ended: () => boolean;
  drop(): void;
}

/** Reads a stream the way a browser does: blocks of fields. */
function follow(server: Pick<ApiServer, 'url'>, path: string, headers: Record<string, string> = {}): Promise<Follower> {
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request(
      `${server.url}${path}`,
      { agent: false, headers: { authorization: `Bearer ${token}`, ...headers } },
      (incoming) => {
        const blocks: Block[] = [];
        let ended = false;
        let pending = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          const parts = (pending + chunk).split('\n\n');
          pending = parts.pop()!;
          for (const part of parts) {
            if (!part.startsWith(':')) blocks.push(toBlock(part));
          }
        });
        incoming.on('close', () => (ended = true)).on('error', () => undefined);
        resolve({
          blocks,
          status: incoming.statusCode!,
          incoming,
          ended: () => ended,
          drop: () => outgoing.destroy(),
        });
      },
    );
    outgoing.on('error', reject).end();
  });
}

function toBlock(text: string): Block {
  const fields = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = fields.get('data');
  return { id: fields.get('id'), event: fields.get('event'), data: data === undefined ? undefined : JSON.parse(data) };
}

const kindsOf = (follower: Follower) =>
  follower.blocks.filter(({ data }) => data !== undefined).map(({ data }) => data.kind);

describe('events of the API', () => {
  let api: ApiWorld;
  const quick = { look: 50, heartbeat: 100, stall: 300 };

  before(async () => {
    api = await apiWorld();
  });
  after(() => api?.close());

  /** A project whose events can be read: they may be held back while somebody else writes to the same server. */
  async function makeProject(world: ApiWorld) {
    const project = await makeUnsettled(world);
    await listed(project.name, 2);
    return project;
  }

  /** The events of a project, once there are so many. */
  const listed = (name: string, count: number): Promise<Loose[]> =>
    until(async () => {
      const { events } = (await api.get(`/api/v1/events/list?project=${name}&cursor=beginning`)).body;
      return events.length >= count && events;
    }, `${count} events of ${name}`);

  const hold = (path: string, reason = 'so') => api.post(`${path}/environments/staging/hold`, { reason });

  /** Events in bulk, as they would be without anybody asking for them one by one. */
  const fill = (count: number, size = 10) =>
    query(
      api.database.url,
      `insert into events (at, kind, actor, data) select 1, 'test.filled', 'test', jsonb_build_object('text', repeat('x', $2::int), 'number', number) from generate_series(1, $1::int) number`,
      [count, size],
    );

  test('the newest part of the log, and then what comes after a cursor', async () => {
    const { path, name } = await makeProject(api);
    const newest = (await api.get(`/api/v1/events/list?project=${name}&limit=1`)).body;
    assert.deepEqual(
      newest.events.map(({ kind }: Loose) => kind),
      ['pipeline.applied'],
    );
    await hold(path);
    await listed(name, 3);
    const later = (await api.get(`/api/v1/events/list?project=${name}&cursor=${newest.cursor}`)).body;
    assert.deepEqual(
      later.events.map(({ kind, environment, project }: Loose) => [kind, environment, project]),
      [['environment.held', 'staging', name]],
    );
    const none = (await api.get(`/api/v1/events/list?project=${name}&cursor=${later.cursor}`)).body;
    assert.deepEqual(none, { events: [], cursor: later.cursor });
  });

  test('the whole log is searched by kind, noun, person, environment, release and time, and paged backwards', async () => {
    const { path, name } = await makeProject(api);
    await hold(path, 'one');
    const all = await listed(name, 3);
    const held = all.at(-1).at;
    await api.post(`${path}/environments/production/hold`, { reason: 'two' });
    await api.post(`${path}/environments/staging/release-hold`, { reason: 'three' });
    await listed(name, 5);
    const found = async (asked: string) =>
      (await api.get(`/api/v1/events/list?project=${name}&${asked}`)).body.events.map(
        ({ kind, environment }: Loose) => `${kind} ${environment ?? '-'}`,
      );
    assert.deepEqual(await found('kind=environment.held'), ['environment.held staging', 'environment.held production']);
    assert.deepEqual(await found('kind=environment&environment=staging'), [
      'environment.held staging',
      'environment.hold-released staging',
    ]);
    assert.deepEqual(await found('kind=environ'), [], 'a noun is a whole word');
    assert.equal((await found(`actor=${tester}`)).length >= 3, true);
    assert.deepEqual(await found('actor=nobody'), []);
    assert.deepEqual(await found(`kind=environment&since=${held + 1}`), [
      'environment.held production',
      'environment.hold-released staging',
    ]);
    assert.deepEqual(await found(`kind=environment&until=${held + 1}`), ['environment.held staging']);
    assert.deepEqual(await found('release=999'), []);
    const pages: string[] = [];
    let further = '';
    for (;;) {
      const { events } = (await api.get(`/api/v1/events/list?project=${name}&kind=environment&limit=1${further}`)).body;
      if (events.length === 0) break;
      pages.push(events[0].data.reason ?? events[0].data.because);
      further = `&before=${events[0].cursor}`;
    }
    assert.deepEqual(pages, ['three', 'two', 'one']);
    const both = await api.get('/api/v1/events/list?cursor=beginning&before=1.1');
    assert.equal(both.status, 400);
  });

  test('page after page from the beginning, every event once and in order', async () => {
    const { path, name } = await makeProject(api);
    for (let count = 0; count < 7; count++) await hold(path, `number ${count}`);
    const all = await listed(name, 9);
    assert.equal(all.length, 9);
    const paged: unknown[] = [];
    for (let cursor = 'beginning', more = true; more;) {
      const page = (await api.get(`/api/v1/events/list?project=${name}&limit=2&cursor=${cursor}`)).body;
      paged.push(...page.events);
      more = page.events.length > 0;
      cursor = page.cursor;
    }
    assert.deepEqual(paged, all);
  });

  test('R41: another repository of a project is on record, without the password in its address, also with the same file', async () => {
    const { name, path } = await makeProject(api);
    const { text } = (await api.get(`${path}/pipeline`)).body;
    const moved = await api.post('/api/v1/projects', { text, source: 'https://ada:pa55w0rd@git.example.org/shop.git' });
    assert.equal(moved.body.changed, false);
    const events = await listed(name, 3);
    const [event] = events.filter(({ kind }: Loose) => kind === 'project.source-changed');
    assert.equal(event?.actor, tester);
    assert.match(event.data.to, /^https:.*git\.example\.org\/shop\.git$/);
    assert.doesNotMatch(JSON.stringify(events), /pa55w0rd/);
  });

  test('a cursor that is none, and a project that is not there, are refused', async () => {
    assert.equal((await api.get('/api/v1/events/list?cursor=nonsense')).body.code, 'input/invalid');
    assert.equal((await api.get('/api/v1/events/list?project=nowhere')).body.code, 'project/unknown');
    assert.equal((await api.get('/api/v1/events?project=nowhere')).body.code, 'project/unknown');
  });

  test('releases and promotions come page by page, newest first, each once', async () => {
    const { path, repository } = await makeProject(api);
    for (let number = 1; number <= 5; number++) {
      api.git.commit(repository, { 'index.html': String(number) }, `change ${number}`);
      await api.post(`${path}/notify`);
      await until(async () => (await api.get(`${path}/builds`)).body.builds[0]?.number === number, `build #${number}`);
      await api.work();
    }
    for (const [list, key] of [
      ['releases', 'number'],
      ['promotions', 'id'],
    ] as const) {
      const all = (await api.get(`${path}/${list}`)).body;
      assert.ok(all[list].length >= 5);
      assert.equal(all.cursor, null);
      const paged: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Loose = (await api.get(`${path}/${list}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)).body;
        assert.ok(page[list].length <= 2);
        paged.push(...page[list].map((item: Loose) => item[key]));
        cursor = page.cursor;
      }
      assert.deepEqual(
        paged,
        all[list].map((item: Loose) => item[key]),
        list,
      );
      assert.equal((await api.get(`${path}/${list}?cursor=nonsense`)).body.code, 'input/invalid');
    }
  });

  test('a stream begins at the present and tells each event once, with its cursor as id', async () => {
    const { path, name } = await makeProject(api);
    const follower = await follow(api.server, `/api/v1/events?project=${name}`);
    assert.equal(follower.status, 200);
    assert.match(follower.incoming.headers['content-type'] ?? '', /^text\/event-stream/);
    await until(() => follower.blocks.length === 1, 'the place at which the stream begins');
    await hold(path, 'one');
    await hold(path, 'two');
    await until(() => kindsOf(follower).length === 2, 'two events');
    const [start, first, second] = follower.blocks;
    assert.deepEqual([start!.data, start!.event], [undefined, undefined]);
    assert.deepEqual([first!.data.data.reason, second!.data.data.reason], ['one', 'two']);
    assert.equal(second!.id, second!.data.cursor);
    follower.drop();
  });

  test('a stream that was dropped goes on after the last id without losing or repeating anything', async () => {
    const { path, name } = await makeProject(api);
    const seen: string[] = [];
    let last: string | undefined;
    for (let round = 0; round < 5; round++) {
      const follower: Follower = await follow(
        api.server,
        `/api/v1/events?project=${name}`,
        last === undefined ? {} : { 'last-event-id': last },
      );
      await until(() => follower.blocks.length > 0, 'the stream to begin');
      last ??= follower.blocks[0]!.id;
      // Some while it is there, some while it is gone.
      await hold(path, `${round} a`);
      await until(() => follower.blocks.some(({ data }) => data !== undefined), 'an event');
      follower.drop();
      for (const { id, data } of follower.blocks) {
        if (data === undefined) continue;
        assert.equal(data.kind, 'environment.held');
        seen.push(data.data.reason);
        last = id;
      }
      await hold(path, `${round} b`);
    }
    const rest = await follow(api.server, `/api/v1/events?project=${name}&after=${last}`);
    await until(() => kindsOf(rest).length > 0, 'the rest');
    seen.push(...rest.blocks.filter(({ data }) => data !== undefined).map(({ data }) => data.data.reason));
    rest.drop();
    assert.deepEqual(
      seen,
      [0, 1, 2, 3, 4].flatMap((round) => [`${round} a`, `${round} b`]),
    );
  });

  test('the id a browser sends wins over the address it was opened with', async () => {
    const { path, name } = await makeProject(api);
    await hold(path, 'old');
    const events = await listed(name, 3);
    const follower = await follow(api.server, `/api/v1/events?project=${name}&after=${events[0].cursor}`, {
      'last-event-id': events.at(-1).cursor,
    });
    await hold(path, 'new');
    await until(() => kindsOf(follower).length > 0, 'an event');
    assert.deepEqual(
      follower.blocks.filter(({ data }) => data).map(({ data }) => data.data.reason),
      ['new'],
    );
    follower.drop();
  });

  test('the events of one promotion are told without those of others', async () => {
    const { path } = await makeProject(api);
    await api.post(`${path}/notify`);
    await until(async () => (await api.get(`${path}/builds`)).body.builds.length === 1, 'a build');
    await api.work();
    const promotion = (await until(async () => (await api.get(`${path}/promotions`)).body.promotions[0], 'a promotion'))
      .id;
    const events = await until(async () => {
      const page = (await api.get(`/api/v1/events/list?promotion=${promotion}&cursor=beginning`)).body;
      return page.events.length > 0 && page.events;
    }, 'events of the promotion');
    assert.deepEqual(new Set(events.map((event: Loose) => event.promotion)), new Set([promotion]));
  });

  for (const [what, cursor] of [
    ['is none', 'nonsense'],
    ['was given by another log', '999999999999.999999'],
  ] as const) {
    test(`a cursor that ${what} is answered with resync, and the stream goes on from the present`, async () => {
      const { path, name } = await makeProject(api);
      const follower = await follow(api.server, `/api/v1/events?project=${name}&after=${cursor}`);
      await until(() => follower.blocks.length > 0, 'the first block');
      assert.equal(follower.blocks[0]!.event, 'resync');
      assert.ok(follower.blocks[0]!.id !== undefined);
      await hold(path);
      await until(() => follower.blocks.length > 1, 'an event');
      assert.equal(follower.blocks[1]!.data.kind, 'environment.held');
      follower.drop();
    });
  }

  test('a client that missed more than ten thousand events is told to load everything again', async () => {
    await makeProject(api);
    const { cursor } = (await api.get('/api/v1/events/list?limit=1')).body;
    await fill(9_900);
    const near = await follow(api.server, `/api/v1/events?after=${cursor}`);
    await until(() => kindsOf(near).length >= 9_900, 'everything that was missed');
    assert.ok(near.blocks.every(({ event }) => event === undefined));
    near.drop();
    await fill(200);
    const seen = async () => Number((await api.get('/api/v1/events/list?limit=1')).body.events[0].data.number);
    await until(async () => (await seen()) === 200, 'the last event to be readable');
    const far = await follow(api.server, `/api/v1/events?after=${cursor}`);
    await until(() => far.blocks.length > 0, 'the first block');
    assert.equal(far.blocks[0]!.event, 'resync');
    assert.match(far.blocks[0]!.data.because, /were missed/);
    far.drop();
  });

  test('an event that is recorded by another process reaches the stream', async () => {
    const follower = await follow(api.server, '/api/v1/events');
    await until(() => follower.blocks.length > 0, 'the stream to begin');
    await fill(1);
    await until(() => kindsOf(follower).includes('test.filled'), 'the event');
    follower.drop();
  });

  test('a quiet stream beats', async () => {
    const server = await api.another({ streamPace: quick });
    const follower = await follow(server, '/api/v1/events?project=' + (await makeProject(api)).name);
    await until(() => follower.blocks.filter(({ event }) => event === 'beat').length >= 3, 'three heartbeats');
    follower.drop();
  });

  test('a client that takes nothing is closed instead of buffered for, and loses nothing by it', async () => {
    const server = await api.another({ streamPace: quick });
    const { cursor } = (await api.get('/api/v1/events/list?limit=1')).body;
    const slow = await follow(server, `/api/v1/events?after=${cursor}`);
    slow.incoming.pause();
    // Far more than the sockets of both sides hold.
    await fill(2_000, 20_000);
    await until(
      async () => /^liftlock_event_streams 0$/m.test((await ask(server, '/metrics')).body),
      'the slow client to be closed',
    );
    slow.drop();
    const again = await follow(server, `/api/v1/events?after=${cursor}`);
    await until(() => kindsOf(again).filter((kind) => kind === 'test.filled').length >= 2_000, 'everything');
    again.drop();
  });

  test('stopping the server ends its streams at once', async () => {
    const server = await api.another();
    const followers = await Promise.all(Array.from({ length: 5 }, () => follow(server, '/api/v1/events')));
    await until(() => followers.every(({ blocks }) => blocks.length > 0), 'the streams to begin');
    await server.stop();
    await until(() => followers.every((follower) => follower.ended()), 'the streams to end');
  });

  test('a client that leaves is forgotten', async () => {
    const server = await api.another({ streamPace: quick });
    const followers = await Promise.all(Array.from({ length: 5 }, () => follow(server, '/api/v1/events')));
    await until(() => followers.every(({ blocks }) => blocks.length > 0), 'the streams to begin');
    for (const follower of followers) follower.drop();
    await until(
      async () => /^liftlock_event_streams 0$/m.test((await ask(server, '/metrics')).body),
      'no stream to be open',
    );
  });
});
