/** Sessions of browsers: a cookie that only this host gets, and that no other site can use. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  apiWorld,
  makePerson,
  makeProject,
  tester,
  type ApiWorld,
  type Loose,
  type TestPerson,
} from '../../world/api-server.ts';
import { newId, query } from '../../world/make.ts';

describe('sessions of browsers', () => {
  let api: ApiWorld;
  let path: string;
  let who: TestPerson;
  const publicUrl = new URL('https://liftlock.example.org');

  before(async () => {
    api = await apiWorld();
    ({ path } = await makeProject(api));
    who = await makePerson(api, ['maintainer']);
  });
  after(() => api?.close());

  interface Said {
    readonly status: number;
    readonly headers: Record<string, string | string[] | undefined>;
    readonly text: string;
    readonly body: Loose;
  }

  /** With the headers that a browser would set, which `fetch` does not let through. */
  function browse(
    where: string,
    {
      method = 'GET',
      body,
      headers = {},
      url = api.server.url,
    }: { method?: string; body?: object; headers?: Record<string, string>; url?: string } = {},
  ): Promise<Said> {
    return new Promise((resolve, reject) => {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request(
        `${url}${where}`,
        { method, agent: false, headers: { ...json, ...headers } },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode!,
              headers: incoming.headers,
              text,
              body: text.startsWith('{') ? JSON.parse(text) : undefined,
            }),
          );
        },
      );
      outgoing.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const makeLink = async (): Promise<string> => (await api.post(`/api/v1/people/${who.handle}/link`)).body.code;

  async function signIn(agent: Record<string, string> = {}): Promise<string> {
    const { status, headers } = await browse('/api/v1/session', {
      method: 'POST',
      body: { code: await makeLink() },
      headers: { origin: api.server.url, ...agent },
    });
    assert.equal(status, 200);
    return String(headers['set-cookie']);
  }

  const cookieIn = (set: string) => set.split(';')[0]!;
  const hold = (headers: Record<string, string>) =>
    browse(`${path}/environments/staging/hold`, { method: 'POST', body: { reason: 'so' }, headers });

  test('a link becomes a cookie that scripts cannot read; what it does is recorded under the person', async () => {
    const set = await signIn();
    assert.match(
      set,
      /^liftlock=liftlocksession_[0-9a-z]{26}_[0-9a-z]{52}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43\d{3}$/,
    );
    const headers = { cookie: cookieIn(set), origin: api.server.url, 'sec-fetch-site': 'same-origin' };
    const { body } = await browse('/api/v1/me', { headers });
    assert.deepEqual([body.handle, body.via], [who.handle, 'session']);
    assert.equal((await hold(headers)).body.by, who.handle);
    const [row] = await query(api.database.url, 'select secret_hash from sessions order by created_at desc limit 1');
    assert.equal(row.secret_hash, `sha256:${createHash('sha256').update(cookieIn(set).split('_')[2]!).digest('hex')}`);
  });

  test('a page of another site does nothing with the cookie, whether or not it says where it comes from', async () => {
    const cookie = cookieIn(await signIn());
    const foreign = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      {},
    ];
    for (const headers of foreign)
      assert.equal((await hold({ cookie, ...headers } as Record<string, string>)).status, 403, JSON.stringify(headers));
    const looking = await browse('/api/v1/me', { headers: { cookie, 'sec-fetch-site': 'cross-site' } });
    assert.deepEqual([looking.status, looking.body.reason], [403, 'FOREIGN_PAGE']);
    assert.equal((await browse('/api/v1/me', { headers: { cookie, 'sec-fetch-site': 'none' } })).status, 200);
    assert.equal((await hold({ cookie, origin: api.server.url })).status, 200);
  });

  test('behind TLS the cookie has the prefix that keeps it to this host; without TLS there is none but on this machine', async () => {
    const server = await api.another({ publicUrl });
    const start = async (host: string, code: string) =>
      browse('/api/v1/session', { method: 'POST', body: { code }, url: server.url, headers: { host } });
    const { headers } = await start(publicUrl.host, await makeLink());
    assert.match(String(headers['set-cookie']), /^__Host-liftlock=liftlocksession_\w+; Path=\/; .*; Secure$/);
    const named = await api.another({ listen: { host: '127.0.0.1', port: 0, names: ['liftlock.internal'] } });
    const code = await makeLink();
    const refused = await browse('/api/v1/session', {
      method: 'POST',
      body: { code },
      url: named.url,
      headers: { host: 'liftlock.internal' },
    });
    assert.deepEqual([refused.status, refused.body.reason], [403, 'INSECURE']);
    assert.equal((await start(publicUrl.host, code)).status, 200, 'a link is not used up by a refusal');
    assert.equal((await start(publicUrl.host, code)).body.reason, 'LINK_USED');
  });

  test('a session ends when it is ended, when it is over, and with its person', async () => {
    const read = async (cookie: string) => (await browse('/api/v1/me', { headers: { cookie } })).body;
    const first = cookieIn(await signIn());
    const ended = await browse('/api/v1/session/end', {
      method: 'POST',
      body: {},
      headers: { cookie: first, origin: api.server.url },
    });
    assert.match(String(ended.headers['set-cookie']), /^liftlock=; .*Max-Age=0$/);
    assert.equal((await read(first)).reason, 'CREDENTIAL_EXPIRED');
    const second = cookieIn(await signIn());
    await query(api.database.url, 'update sessions set expires_at = 1 where ended_at is null');
    assert.equal((await read(second)).reason, 'CREDENTIAL_EXPIRED');
    const third = cookieIn(await signIn());
    await api.post(`/api/v1/people/${who.handle}/disable`);
    assert.equal((await read(third)).reason, 'CREDENTIAL_EXPIRED');
    await api.post(`/api/v1/people/${who.handle}/enable`);
    assert.equal((await read(third)).reason, 'CREDENTIAL_EXPIRED');
    assert.equal((await read('liftlock=liftlocksession_x')).reason, 'CREDENTIAL_UNKNOWN');
  });

  test('one sees where one is signed in and ends it there; an administrator does so for anybody, and nobody else', async () => {
    await api.post(`/api/v1/people/${who.handle}/disable`);
    await api.post(`/api/v1/people/${who.handle}/enable`);
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0';
    const here = cookieIn(await signIn({ 'user-agent': firefox }));
    const there = cookieIn(await signIn({ 'user-agent': 'curl/8' }));
    const own = async (cookie: string) => (await browse('/api/v1/me/sessions', { headers: { cookie } })).body.sessions;
    const [second, first] = await own(here);
    assert.deepEqual(
      [first, second].map(({ person, browser, current }) => [person, browser, current]),
      [
        [who.handle, 'Firefox on Linux', true],
        [who.handle, null, false],
      ],
    );
    assert.doesNotMatch(JSON.stringify(await own(here)), /hash|liftlocksession/i);

    const auditor = await makePerson(api, ['auditor']);
    const listed = await auditor.get(`/api/v1/sessions?person=${who.handle}`);
    assert.deepEqual(
      listed.body.sessions.map(({ id }: Loose) => id),
      [second.id, first.id],
    );
    const stranger = await auditor.post(`/api/v1/sessions/${first.id}/end`);
    const absent = await auditor.post(`/api/v1/sessions/${newId('ses')}/end`);
    assert.deepEqual([stranger.status, stranger.body.code], [404, 'session/unknown']);
    assert.deepEqual([absent.status, absent.body.code], [404, 'session/unknown']);

    const end = (id: string, cookie: string) =>
      browse(`/api/v1/sessions/${id}/end`, { method: 'POST', body: {}, headers: { cookie, origin: api.server.url } });
    assert.equal((await end(second.id, here)).status, 200);
    assert.equal((await browse('/api/v1/me', { headers: { cookie: there } })).body.reason, 'CREDENTIAL_EXPIRED');
    assert.equal((await end(second.id, here)).status, 404, 'it is over');
    assert.equal((await api.post(`/api/v1/sessions/${first.id}/end`)).status, 200);
    assert.equal((await browse('/api/v1/me', { headers: { cookie: here } })).body.reason, 'CREDENTIAL_EXPIRED');
    const { events } = (await api.get('/api/v1/events/list?kind=session.ended')).body;
    assert.deepEqual(
      events.slice(-2).map(({ actor, data }: Loose) => [actor, data.session, data.person]),
      [
        [who.handle, second.id, who.handle],
        [tester, first.id, who.handle],
      ],
    );
  });

  test('when a session was last used is known to a minute', async () => {
    const cookie = cookieIn(await signIn());
    const used = async () =>
      (await browse('/api/v1/me/sessions', { headers: { cookie } })).body.sessions.find((one: Loose) => one.current)
        .lastUsedAt;
    assert.equal(await used(), null, 'within the first minute it is the beginning');
    await query(api.database.url, 'update sessions set created_at = created_at - 61000 where ended_at is null');
    assert.ok(Math.abs((await used()) - Date.now()) < 60_000);
  });

  test('the page that takes a link runs its own script and nothing else, and a program that looks ahead uses nothing up', async () => {
    const { status, text, headers } = await browse('/sign-in');
    assert.equal(status, 200);
    const policy = String(headers['content-security-policy']);
    const [, script] = /<script>([\s\S]*)<\/script>/.exec(text)!;
    assert.ok(policy.includes(`script-src 'sha256-${createHash('sha256').update(script!).digest('base64')}'`));
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    const rows = await query(
      api.database.url,
      'select count(*)::int as used from sign_in_links where used_at is not null',
    );
    await browse('/sign-in');
    const again = await query(
      api.database.url,
      'select count(*)::int as used from sign_in_links where used_at is not null',
    );
    assert.deepEqual(again, rows);
  });
});
