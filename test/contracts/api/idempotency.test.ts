/** The same request with the same key has its effect once. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apiWorld, ask, makePerson, makeProject, type ApiWorld } from '../../world/api-server.ts';
import { query, until } from '../../world/make.ts';

describe('idempotency keys', () => {
  let api: ApiWorld;
  let project: { name: string; path: string };

  before(async () => {
    api = await apiWorld();
    project = await makeProject(api);
    await api.post(`${project.path}/notify`);
    await until(
      async () => (await api.get(`${project.path}/builds`)).body.builds.length === 1,
      'the repository to be looked at',
    );
    await api.work();
    await until(async () => {
      await api.work();
      return (await api.get(`${project.path}/status`)).body.environments[1].running !== null;
    }, 'staging to run release #1');
  });
  after(() => api?.close());

  let keys = 0;
  const newKey = () => ({ 'idempotency-key': `key-${++keys}` });
  const hold = (key: Record<string, string>, reason = 'so') =>
    api.post(`${project.path}/environments/staging/hold`, { reason }, key);
  const heldEvents = async (): Promise<number> =>
    Number((await query(api.database.url, `select count(*) from events where kind = 'environment.held'`))[0].count);

  test('a request that is repeated gets the answer it got, and has no second effect', async () => {
    const key = newKey();
    const earlier = await heldEvents();
    const first = await hold(key);
    const second = await hold(key);
    assert.deepEqual([first.status, second.status], [200, 200]);
    assert.deepEqual(second.body, first.body);
    assert.deepEqual([first.headers.get('idempotent-replay'), second.headers.get('idempotent-replay')], [null, 'true']);
    assert.equal(await heldEvents(), earlier + 1);
  });

  test('the order of keys in a body makes no other request', async () => {
    const key = { ...newKey(), 'content-type': 'application/json' };
    const path = `${project.path}/environments/production/pin`;
    const first = await ask(api.server, path, { method: 'POST', headers: key, body: '{"release":"1","reason":"so"}' });
    const second = await ask(api.server, path, {
      method: 'POST',
      headers: key,
      body: '{"reason": "so", "release": "1"}',
    });
    assert.equal(first.status, 200);
    assert.equal(second.headers.get('idempotent-replay'), 'true');
    await api.post(`${project.path}/environments/production/unpin`, { reason: 'so' });
  });

  test('a key that comes with another body, path or verb is refused, and has no effect', async () => {
    const key = newKey();
    await hold(key);
    const earlier = await heldEvents();
    for (const answer of [
      await hold(key, 'something else'),
      await api.post(`${project.path}/environments/production/hold`, { reason: 'so' }, key),
      await api.post(`${project.path}/environments/staging/unpin`, { reason: 'so' }, key),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [422, 'request/idempotency-mismatch']);
    }
    assert.equal(await heldEvents(), earlier);
  });

  test('keys belong to whoever uses them', async () => {
    const key = newKey();
    await hold(key);
    const grace = await makePerson(api, ['maintainer'], { handle: 'grace' });
    const other = await grace.post(`${project.path}/environments/staging/hold`, { reason: 'so' }, key);
    assert.equal(other.headers.get('idempotent-replay'), null);
    assert.equal(other.body.by, 'grace');
  });

  test('a secret is told once: an answer that holds one is not kept', async () => {
    const key = newKey();
    const create = () => api.post('/api/v1/tokens', { name: 'twice' }, key);
    const [first, second] = [await create(), await create()];
    assert.deepEqual([first.status, second.status, second.headers.get('idempotent-replay')], [200, 200, null]);
    assert.notEqual(first.body.token, second.body.token);
    const rows = await query(
      api.database.url,
      "select body::text from idempotency_keys where body::text like '%liftlock\\_%'",
    );
    assert.deepEqual(rows, []);
  });

  test('a refused request is judged anew when it is repeated', async () => {
    const key = newKey();
    const { path } = project;
    const unpin = () => api.post(`${path}/environments/staging/unpin`, { reason: 'so' }, key);
    assert.equal((await unpin()).body.code, 'hold/absent');
    await api.post(`${path}/environments/staging/pin`, { release: '1', reason: 'so' });
    const done = await unpin();
    assert.deepEqual([done.status, done.headers.get('idempotent-replay')], [200, null]);
    const replayed = await unpin();
    assert.deepEqual([replayed.status, replayed.headers.get('idempotent-replay')], [200, 'true']);
  });

  test('fifty at once with one key, at two servers, make one promotion and get one answer', async () => {
    const other = await api.another();
    const key = newKey();
    const { path } = project;
    const body = JSON.stringify({ release: '1', environment: 'production' });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask(index % 2 === 0 ? api.server : other, `${path}/promotions`, {
          method: 'POST',
          body,
          headers: { ...key, 'content-type': 'application/json' },
        }),
      ),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    for (const { body: answered } of answers) assert.deepEqual(answered, answers[0]!.body);
    assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replay') === null).length, 1);
    assert.equal((await api.get(`${path}/promotions?environment=production`)).body.promotions.length, 1);
  });

  test('of many at once that can only succeed once, all get the answer of the one that did', async () => {
    const key = newKey();
    await hold(newKey());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        api.post(`${project.path}/environments/staging/release-hold`, { reason: 'so' }, key),
      ),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replay') === null).length, 1);
    const without = await api.post(`${project.path}/environments/staging/release-hold`, { reason: 'so' });
    assert.equal(without.body.code, 'hold/absent');
  });

  test('effect and record are one: when the record cannot be written, nothing happened', async () => {
    await query(
      api.database.url,
      `alter table idempotency_keys add constraint refused check (key <> 'key-full') not valid`,
    );
    const earlier = await heldEvents();
    const failed = await hold({ 'idempotency-key': 'key-full' });
    assert.equal(failed.status, 500);
    assert.equal(await heldEvents(), earlier);
    await query(api.database.url, `alter table idempotency_keys drop constraint refused`);
    assert.equal((await hold({ 'idempotency-key': 'key-full' })).status, 200);
    assert.equal(await heldEvents(), earlier + 1);
  });

  test('a key that cannot be one is refused', async () => {
    for (const key of ['a b', 'x'.repeat(201), 'é']) {
      const answer = await hold({ 'idempotency-key': key });
      assert.deepEqual([answer.status, answer.body.code], [400, 'input/invalid'], key);
    }
  });
});
