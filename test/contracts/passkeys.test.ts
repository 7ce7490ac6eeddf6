/** Passkeys over HTTP, by an authenticator of our own: enrolled in a session, signing what is approved word for word. */
import assert from 'node:assert/strict';
import { createHash, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { apiWorld, makePerson, makeProject, type ApiWorld, type Loose, type TestPerson } from '../world/api-server.ts';
import { createAuthenticator, type Authenticator } from '../world/authenticator.ts';
import { query, until } from '../world/make.ts';

describe('passkeys', () => {
  let api: ApiWorld;
  let origin: string;

  before(async () => {
    api = await apiWorld();
    origin = api.server.url.replace('127.0.0.1', 'localhost');
  });
  after(() => api?.close());

  type Post = (path: string, body?: object) => Promise<{ status: number; body: Loose }>;

  const postAs =
    (headers: Record<string, string>): Post =>
    async (path, body = {}) => {
      const response = await fetch(`${origin}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      });
      return { status: response.status, body: await response.json() };
    };

  /** A browser in which this person is signed in. */
  async function browserOf(who: TestPerson): Promise<Post> {
    const { code } = (await api.post(`/api/v1/people/${who.handle}/link`)).body;
    const response = await fetch(`${origin}/api/v1/session`, {
      method: 'POST',
      body: JSON.stringify({ code }),
      headers: { 'content-type': 'application/json', origin },
    });
    assert.equal(response.status, 200, await response.text());
    const cookie = response.headers.getSetCookie().map((each) => each.split(';')[0]);
    return postAs({ cookie: cookie.join('; '), origin });
  }

  async function enrol(browse: Post, key: Authenticator, changes: { origin?: string } = {}) {
    const begun = await browse('/api/v1/passkeys/begin');
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const answer = key.create(begun.body.options, changes.origin ?? origin);
    return browse('/api/v1/passkeys', { challenge: begun.body.challenge, name: 'laptop', answer });
  }

  async function waiting(approval: string) {
    const { path } = await makeProject(api, { trust: 'separation: two-person', approval });
    await api.post(`${path}/notify`);
    const requested = async () => (await api.get(`${path}/builds`)).body.builds.length === 1;
    await until(requested, 'the build is requested');
    await api.work();
    await api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await api.work();
    return `${path}/environments/production`;
  }

  const decision = { release: '1', decision: 'approve', reason: 'looks right' };

  test('R21: an outsider can check with the public key alone who approved what', async () => {
    const rob = await makePerson(api, ['release-manager']);
    const browse = await browserOf(rob);
    const key = createAuthenticator();
    const enrolled = await enrol(browse, key);
    assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body));
    const production = await waiting('count: 1, passkey: required');
    const alone = await rob.post(`${production}/approve`, { release: '1', reason: 'looks right' });
    assert.deepEqual([alone.status, alone.body.reason], [409, 'PASSKEY_REQUIRED']);

    const begun = (await browse(`${production}/begin-decision`, decision)).body;
    const digest = createHash('sha256').update(begun.statement).digest();
    assert.equal(begun.options.challenge, digest.toString('base64url'));
    const passkey = { challenge: begun.challenge, answer: key.get(begun.options, origin) };
    const approved = await browse(`${production}/approve`, { release: '1', reason: 'looks right', passkey });
    assert.equal(approved.status, 200, JSON.stringify(approved.body));
    assert.equal(approved.body.statement, begun.statement);

    const [kept] = await query(api.database.url, `select statement, signature, means from approvals where actor = $1`, [
      rob.handle,
    ]);
    assert.equal(kept.means, 'passkey');
    const { clientDataJSON, authenticatorData, signature } = kept.signature.response;
    const client = Buffer.from(clientDataJSON, 'base64url');
    const said = JSON.parse(kept.statement);
    assert.deepEqual([said.person, said.decision, said.release.number], [rob.handle, 'approve', 1]);
    assert.equal(
      JSON.parse(client.toString()).challenge,
      createHash('sha256').update(kept.statement).digest('base64url'),
    );
    const signed = Buffer.concat([
      Buffer.from(authenticatorData, 'base64url'),
      createHash('sha256').update(client).digest(),
    ]);
    assert.ok(verify('sha256', signed, key.publicKey, Buffer.from(signature, 'base64url')));
  });

  test('a signature is good for one decision, with its reason, once, by the person who was asked, verified, from our page', async () => {
    const [rob, eve] = [await makePerson(api, ['release-manager']), await makePerson(api, ['release-manager'])];
    const [robs, eves] = [await browserOf(rob), await browserOf(eve)];
    const [key, other] = [createAuthenticator(), createAuthenticator()];
    await enrol(robs, key);
    await enrol(eves, other);
    const production = await waiting('count: 2');
    const begin = async () => (await robs(`${production}/begin-decision`, decision)).body;
    const approve = (by: Post, passkey: object, reason = 'looks right') =>
      by(`${production}/approve`, { release: '1', reason, passkey });
    const refused = async (by: Post, passkey: object, reason?: string) => {
      const { status, body } = await approve(by, passkey, reason);
      return [status, body.reason ?? body.code];
    };
    const begun = await begin();
    const { challenge, options } = begun;
    assert.deepEqual(await refused(robs, { challenge, answer: key.get(options, origin) }, 'something else'), [
      409,
      'approval/stale',
    ]);
    assert.deepEqual(await refused(eves, { challenge, answer: key.get(options, origin) }), [409, 'CHALLENGE_UNKNOWN']);
    assert.deepEqual(await refused(robs, { challenge, answer: other.get(options, origin) }), [409, 'PASSKEY_UNKNOWN']);
    for (const wrong of [
      key.get({ challenge: 'AAAA' }, origin),
      key.get(options, 'https://liftlock.example.org'),
      key.get(options, origin, { verified: false }),
      { ...key.get(options, origin), response: { clientDataJSON: '', authenticatorData: '', signature: '' } },
    ])
      assert.deepEqual(await refused(robs, { challenge, answer: wrong }), [409, 'PASSKEY_REFUSED']);
    assert.equal((await approve(robs, { challenge, answer: key.get(options, origin) })).status, 200);
    await robs(`${production}/withdraw-approval`, { release: '1', reason: 'hm' });
    assert.deepEqual(await refused(robs, { challenge, answer: key.get(options, origin) }), [409, 'CHALLENGE_UNKNOWN']);
  });

  test('where no passkey is asked for, a decision without one is recorded as made at a terminal', async () => {
    const rob = await makePerson(api, ['release-manager']);
    await enrol(await browserOf(rob), createAuthenticator());
    const production = await waiting('count: 2');
    assert.equal((await rob.post(`${production}/approve`, { release: '1' })).status, 200);
    const [{ means }] = await query(api.database.url, 'select means from approvals where actor = $1', [rob.handle]);
    assert.equal(means, 'terminal');
  });

  test('a token enrols nothing; a key of another page is refused; a removed one signs no more', async () => {
    const rob = await makePerson(api, ['release-manager']);
    const browse = await browserOf(rob);
    assert.equal((await rob.post('/api/v1/passkeys/begin')).body.reason, 'SESSION_REQUIRED');
    const elsewhere = await enrol(browse, createAuthenticator(), { origin: 'https://liftlock.example.org' });
    assert.deepEqual([elsewhere.status, elsewhere.body.reason], [409, 'PASSKEY_REFUSED']);
    const key = createAuthenticator();
    const { id } = (await enrol(browse, key)).body;
    assert.equal((await enrol(browse, key)).body.reason, 'PASSKEY_KNOWN');
    assert.equal((await rob.get('/api/v1/passkeys')).body.passkeys[0].name, 'laptop');
    const stranger = await makePerson(api, ['release-manager']);
    assert.equal((await stranger.post('/api/v1/passkeys/remove', { passkey: id })).status, 404);
    assert.equal((await rob.post('/api/v1/passkeys/remove', { passkey: id })).status, 200);
    const production = await waiting('count: 1, passkey: required');
    assert.equal((await browse(`${production}/begin-decision`, decision)).body.reason, 'NO_PASSKEY');
  });

  test('R21: whoever has no passkey decides exactly what he has read, once, and nothing else', async () => {
    const [rob, eve] = [await makePerson(api, ['release-manager']), await makePerson(api, ['release-manager'])];
    const browse = await browserOf(rob);
    const production = await waiting('count: 2');
    const begun = (await browse(`${production}/begin-decision`, decision)).body;
    assert.deepEqual([begun.options, begun.required], [null, false]);
    const decide = (by: Post, reason: string) =>
      by(`${production}/approve`, { release: '1', reason, read: begun.challenge });
    assert.equal((await decide(eve.post, 'looks right')).body.reason, 'CHALLENGE_UNKNOWN');
    assert.equal((await decide(browse, 'something else')).body.code, 'approval/stale');
    const approved = await decide(browse, 'looks right');
    assert.equal(approved.status, 200, JSON.stringify(approved.body));
    assert.equal(approved.body.statement, begun.statement);
    const [kept] = await query(api.database.url, 'select statement, means from approvals where actor = $1', [
      rob.handle,
    ]);
    assert.deepEqual(kept, { statement: begun.statement, means: 'terminal' });
    await browse(`${production}/withdraw-approval`, { release: '1', reason: 'hm' });
    assert.equal((await decide(browse, 'looks right')).body.reason, 'CHALLENGE_UNKNOWN');
  });

  test('where a passkey is required, reading alone approves nothing', async () => {
    const rob = await makePerson(api, ['release-manager']);
    const browse = await browserOf(rob);
    await enrol(browse, createAuthenticator());
    const production = await waiting('count: 1, passkey: required');
    const { challenge, required } = (await browse(`${production}/begin-decision`, decision)).body;
    assert.equal(required, true);
    const refused = await browse(`${production}/approve`, { release: '1', reason: 'looks right', read: challenge });
    assert.deepEqual([refused.status, refused.body.reason], [409, 'PASSKEY_REQUIRED']);
  });
});
