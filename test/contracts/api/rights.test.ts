/** Rights end: at once for requests, within five seconds for streams that are open, and nobody locks everybody out. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  apiWorld,
  ask,
  makePerson,
  makeProject,
  token,
  tester,
  type ApiWorld,
  type Loose,
  type TestPerson,
} from '../../world/api-server.ts';
import { crowding } from '../../world/busy-machine.ts';
import { query, until } from '../../world/make.ts';

describe('rights that end', () => {
  let api: ApiWorld;
  let path: string;
  let name: string;

  before(async () => {
    api = await apiWorld();
    ({ path, name } = await makeProject(api));
  });
  after(() => api?.close());

  const grantsOf = async (handle: string): Promise<Loose[]> =>
    (await api.get(`/api/v1/grants?person=${handle}`)).body.grants;
  const revoke = (id: string) => api.post(`/api/v1/grants/${id}/revoke`, { reason: 'over' });
  const look = async (who: TestPerson) => (await who.get(`${path}/status`)).status;

  interface Stream {
    readonly text: () => string;
    readonly ended: () => boolean;
  }

  async function follow(who: TestPerson, of = ''): Promise<Stream> {
    const response = await fetch(`${api.server.url}/api/v1/events${of}`, {
      headers: { authorization: `Bearer ${who.token}` },
    });
    assert.equal(response.status, 200);
    let [text, ended] = ['', false];
    const read = async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    };
    void read().finally(() => (ended = true));
    return { text: () => text, ended: () => ended };
  }

  const endings: readonly (readonly [what: string, end: (who: TestPerson) => Promise<unknown>])[] = [
    ['the grant is revoked', async (who) => revoke((await grantsOf(who.handle))[0].id)],
    ['the person is disabled', (who) => api.post(`/api/v1/people/${who.handle}/disable`)],
    [
      'the token is revoked',
      async (who) => who.post(`/api/v1/tokens/${(await who.get('/api/v1/tokens')).body.tokens[0].id}/revoke`),
    ],
    [
      'the grant runs out',
      (who) =>
        query(
          api.database.url,
          'update grants set until_at = $1 where person_id = (select id from people where handle = $2)',
          [Date.now(), who.handle],
        ),
    ],
    [
      'the token expires',
      (who) =>
        query(
          api.database.url,
          'update tokens set expires_at = $1 where person_id = (select id from people where handle = $2)',
          [Date.now(), who.handle],
        ),
    ],
  ];
  describe('as soon as a right ends', { concurrency: true }, () => {
    for (const [what, end] of endings) {
      test(`when ${what}, requests are refused at once and the stream ends within 5 s`, async () => {
        const who = await makePerson(api, ['viewer'], { project: name });
        const streams = [await follow(who), await follow(who, `?project=${name}`)];
        assert.equal(await look(who), 200);
        await end(who);
        const from = Date.now();
        assert.ok([401, 404].includes(await look(who)));
        await until(() => streams.every(({ ended }) => ended()), 'the streams to end');
        assert.ok(Date.now() - from < 5_000 * crowding(), `${Date.now() - from} ms`);
      });
    }
  });

  test('a stream across projects goes on with those that are left', async () => {
    const other = await makeProject(api);
    const who = await makePerson(api, ['viewer'], { project: name });
    const kept = await api.post('/api/v1/grants', { person: who.handle, role: 'viewer', project: other.name });
    assert.equal(kept.status, 200);
    const stream = await follow(who);
    const gone = (await grantsOf(who.handle)).find(({ project }) => project === name);
    await revoke(gone.id);
    // Its own revocation is the last of the project that is told, if at all.
    await until(
      async () => {
        await api.post(`${other.path}/environments/staging/hold`, { reason: 'still here' });
        await api.post(`${path}/environments/staging/hold`, { reason: 'not for you' });
        return stream.text().includes('still here');
      },
      'news of the other project',
      20_000,
    );
    const revokedAt = Date.now();
    await until(() => Date.now() - revokedAt > 2_500, 'the next look');
    const seen = stream.text().length;
    await api.post(`${path}/environments/staging/hold`, { reason: 'a secret of theirs' });
    await api.post(`${other.path}/environments/staging/hold`, { reason: 'the last word' });
    await until(() => stream.text().includes('the last word'), 'the last news');
    assert.ok(!stream.text().slice(seen).includes('a secret of theirs'));
    assert.equal(stream.ended(), false);
  });

  test('a token says why it is refused only to whoever has it', async () => {
    const who = await makePerson(api, ['viewer']);
    const [head, id] = who.token.split('_');
    const guessed = `${head}_${id}_${'0'.repeat(52)}`;
    const reasonOf = async (text: string) =>
      (await ask(api.server, '/api/v1/me', { headers: { authorization: `Bearer ${text}` } })).body.reason;
    await api.post(`/api/v1/people/${who.handle}/disable`);
    assert.equal(await reasonOf(who.token), 'CREDENTIAL_REVOKED');
    assert.equal(await reasonOf(guessed), 'CREDENTIAL_UNKNOWN');
    await api.post(`/api/v1/people/${who.handle}/enable`);
    assert.equal(await reasonOf(who.token), 'CREDENTIAL_REVOKED');
  });

  test('a sign-in link is good once, for a time, and not for somebody who may no longer', async () => {
    const who = await makePerson(api, ['viewer']);
    const link = async (): Promise<string> => (await api.post(`/api/v1/people/${who.handle}/link`)).body.code;
    const redeem = async (code: string) => {
      const { status, body } = await api.post('/api/v1/sign-in', { code }, { authorization: '' });
      return body.reason ?? status;
    };
    const code = await link();
    const tried = await Promise.all(Array.from({ length: 6 }, () => redeem(code)));
    assert.deepEqual(tried.toSorted(), [200, ...Array.from({ length: 5 }, () => 'LINK_USED')]);
    const late = await link();
    await query(api.database.url, 'update sign_in_links set expires_at = 1 where used_at is null');
    assert.equal(await redeem(late), 'LINK_EXPIRED');
    const dropped = await link();
    await api.post(`/api/v1/people/${who.handle}/disable`);
    assert.equal(await redeem(dropped), 'LINK_UNKNOWN');
    assert.equal(await redeem(`${dropped.slice(0, -1)}!`), 'LINK_UNKNOWN');
    assert.equal((await api.post(`/api/v1/people/${who.handle}/link`)).body.code, 'person/unknown');
  });

  test('a token that is limited opens that much, and makes no other tokens', async () => {
    const other = await makeProject(api);
    const make = (limits: object) => api.post('/api/v1/tokens', { name: 'limited', days: 1, ...limits });
    const reads = (await make({ projects: [name], actions: ['project:read'] })).body.token;
    const as = (text: string) => ({ authorization: `Bearer ${text}` });
    assert.equal((await api.get(`${path}/status`, as(reads))).status, 200);
    assert.equal((await api.get(`${other.path}/status`, as(reads))).body.code, 'project/unknown');
    assert.deepEqual(
      (await api.get('/api/v1/projects', as(reads))).body.projects.map((project: Loose) => project.name),
      [name],
    );
    const hold = await api.post(`${path}/environments/staging/hold`, { reason: 'so' }, as(reads));
    assert.deepEqual([hold.status, hold.body.reason], [403, 'OUTSIDE_TOKEN']);
    const onOne = (await make({ projects: [name] })).body.token;
    assert.equal((await api.get('/api/v1/people', as(onOne))).body.reason, 'OUTSIDE_TOKEN');
    const more = await api.post('/api/v1/tokens', { name: 'more' }, as(onOne));
    assert.deepEqual([more.status, more.body.reason], [403, 'OUTSIDE_TOKEN']);
    assert.equal((await make({ projects: ['nowhere'] })).body.code, 'project/unknown');
    assert.equal((await make({ days: 367 })).status, 400);
  });

  test('somebody else’s token cannot be seen or ended, but by an administrator', async () => {
    const [ada, bob] = [await makePerson(api, ['viewer']), await makePerson(api, ['maintainer'])];
    const { id } = (await ada.get('/api/v1/tokens')).body.tokens[0];
    assert.equal((await bob.post(`/api/v1/tokens/${id}/revoke`)).body.code, 'token/unknown');
    assert.equal((await api.post(`/api/v1/tokens/${id}/revoke`)).status, 200);
    assert.equal(await look(ada), 401);
  });

  test('the last administrator stays, and while there is another one nobody gives himself a role', async () => {
    const [own] = (await grantsOf(tester)).filter(({ role }) => role === 'admin');
    const lock = [await revoke(own.id), await api.post(`/api/v1/people/${tester}/disable`)];
    for (const { status, body } of lock) assert.deepEqual([status, body.reason], [409, 'LAST_ADMINISTRATOR']);
    const myself = { person: tester, role: 'auditor', reason: 'I am alone' };
    const alone = await api.post('/api/v1/grants', myself);
    assert.equal(alone.status, 200);
    const second = await makePerson(api, ['admin']);
    const refused = await api.post('/api/v1/grants', { ...myself, role: 'viewer' });
    assert.deepEqual([refused.status, refused.body.reason], [409, 'OWN_GRANT']);
    assert.equal((await second.post('/api/v1/grants', { ...myself, role: 'viewer' })).status, 200);
    const past = await second.post('/api/v1/grants', { ...myself, role: 'qa', until: 5 });
    assert.equal(past.body.code, 'input/invalid');
    assert.equal((await revoke((await grantsOf(second.handle))[0].id)).status, 200);
    assert.equal((await second.get('/api/v1/people')).status, 403);
  });

  test('an administrator of one project gives roles there and nowhere else', async () => {
    const other = await makeProject(api);
    const lead = await makePerson(api, ['admin'], { project: name });
    const friend = await makePerson(api, []);
    const give = (project?: string) =>
      lead.post('/api/v1/grants', { person: friend.handle, role: 'developer', ...(project && { project }) });
    assert.equal((await give(name)).status, 200);
    assert.equal((await give(other.name)).body.code, 'project/unknown');
    assert.equal((await give()).body.reason, 'NO_ROLE_ON_EVERY_PROJECT');
    const [theirs] = (await grantsOf(tester)).filter(({ role }) => role === 'qa');
    assert.equal((await lead.post(`/api/v1/grants/${theirs.id}/revoke`, { reason: 'mine now' })).status, 403);
    assert.equal((await api.get('/api/v1/me', { authorization: `Bearer ${token}` })).status, 200);
  });
});
