/** Signing in at a real OpenID provider, from a browser and from a command line. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createIdentityProvider } from '../../../src/adapters/oidc/provider.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { ApiServer } from '../../../src/api/server.ts';
import { apiWorld, ask, makePerson, type ApiWorld, type Loose, type TestPerson } from '../../world/api-server.ts';
import { query } from '../../world/make.ts';
import { openProvider, type TestProvider } from '../../world/openid-provider.ts';

describe('signing in at an OpenID provider', () => {
  let api: ApiWorld;
  let provider: TestProvider;
  let server: ApiServer;
  let ada: TestPerson;

  before(async () => {
    [api, provider] = await Promise.all([apiWorld(), openProvider()]);
    server = await api.another({ provider: providerWith([provider.host]) });
    provider.open([`${server.url}/api/v1/sign-in/oidc/callback`]);
    ada = await makePerson(api, ['viewer'], { handle: 'ada', emails: ['ada@example.org'] });
  });
  after(async () => {
    provider?.close();
    await api?.close();
  });

  function providerWith(allowHosts: readonly string[], issuer = provider.issuer) {
    const { clientId, clientSecret } = provider;
    return createIdentityProvider({
      issuer,
      clientId,
      clientSecret,
      name: 'the office',
      outgoing: createOutgoing({ allowHosts }),
    });
  }

  interface Came {
    readonly status: number;
    readonly body: Loose;
    readonly text: string;
    readonly location: string | null;
    readonly session: string | undefined;
  }

  async function begin(search = ''): Promise<{ url: string; cookie: string }> {
    const response = await fetch(`${server.url}/api/v1/sign-in/oidc${search}`, { redirect: 'manual' });
    assert.equal(response.status, 303);
    const cookie = response.headers.get('set-cookie')!;
    assert.match(cookie, /^liftlock-attempt=[0-9a-z]{52}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    return { url: response.headers.get('location')!, cookie: cookie.split(';')[0]! };
  }

  async function comeBack(url: string, cookie: string): Promise<Came> {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
      location: response.headers.get('location'),
      session: /^liftlock=[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0],
    };
  }

  async function signIn(): Promise<Came> {
    const { url, cookie } = await begin();
    return comeBack(await provider.visit(url), cookie);
  }

  const account = { subject: 'office-ada', email: 'Ada@example.org', verified: true };

  test('a person whose address the provider verified gets a session, and is bound to what the provider calls her', async () => {
    provider.become(account);
    const came = await signIn();
    assert.equal(came.status, 200, came.text);
    assert.match(came.text, /signed in as ada/);
    const me = await ask(server, '/api/v1/me', { headers: { authorization: '', cookie: came.session! } });
    assert.equal(me.status, 401, 'an empty Authorization is no session');
    const self = await fetch(`${server.url}/api/v1/me`, { headers: { cookie: came.session! } });
    assert.equal(((await self.json()) as Loose).handle, 'ada');
    const rows = await query(api.database.url, 'select issuer, subject from person_subjects');
    assert.deepEqual(rows, [{ issuer: provider.issuer, subject: 'office-ada' }]);
  });

  test('once bound, the address does not matter any more, and nobody else comes in by it', async () => {
    provider.become({ ...account, email: 'changed@example.org', verified: false });
    assert.equal((await signIn()).status, 200);
    provider.become({ ...account, subject: 'office-mallory' });
    assert.equal((await signIn()).body.reason, 'OIDC_OTHER_SUBJECT');
  });

  test('who is not known here, or not vouched for, or disabled, is not let in, and nobody is made by trying', async () => {
    const reasonFor = async (who: typeof account) => {
      provider.become(who);
      const came = await signIn();
      assert.deepEqual([came.status, came.session], [401, undefined]);
      return came.body.reason;
    };
    await makePerson(api, ['viewer'], { handle: 'bob', emails: ['bob@example.org'] });
    const bob = { subject: 'office-bob', email: 'bob@example.org', verified: false };
    assert.equal(await reasonFor(bob), 'OIDC_EMAIL_NOT_VERIFIED');
    assert.equal(
      await reasonFor({ subject: 'office-eve', email: 'eve@example.org', verified: true }),
      'OIDC_PERSON_UNKNOWN',
    );
    await api.post('/api/v1/people/ada/disable');
    assert.equal(await reasonFor(account), 'PERSON_DISABLED');
    await api.post('/api/v1/people/ada/enable');
    const { people } = (await api.get('/api/v1/people')).body;
    assert.deepEqual(people.map(({ handle }: Loose) => handle).toSorted(), ['ada', 'bob', 'tess']);
  });

  test('an answer is good once, in the browser that asked, for what was asked', async () => {
    provider.become(account);
    const { url, cookie } = await begin();
    const back = await provider.visit(url);
    const other = await begin();
    assert.equal((await comeBack(back, other.cookie)).body.reason, 'OIDC_STATE', 'another browser');
    assert.equal((await comeBack(back, cookie)).body.reason, 'OIDC_STATE', 'it was used up by that');
    const once = await begin();
    const good = await provider.visit(once.url);
    assert.equal((await comeBack(good, once.cookie)).status, 200);
    assert.equal((await comeBack(good, once.cookie)).body.reason, 'OIDC_STATE', 'again');
    const wrong = await begin();
    const swapped = new URL(await provider.visit(wrong.url));
    swapped.searchParams.set('code', 'made-up');
    assert.equal((await comeBack(swapped.href, wrong.cookie)).body.reason, 'OIDC_NOT_CONFIRMED');
    const stolen = await begin();
    const mine = await begin();
    const theirs = new URL(await provider.visit(stolen.url));
    const injected = new URL(await provider.visit(mine.url));
    injected.searchParams.set('code', theirs.searchParams.get('code')!);
    assert.equal((await comeBack(injected.href, mine.cookie)).body.reason, 'OIDC_NOT_CONFIRMED', 'PKCE and nonce');
    const late = await begin();
    const tooLate = await provider.visit(late.url);
    await query(api.database.url, 'update sign_in_attempts set expires_at = 1');
    assert.equal((await comeBack(tooLate, late.cookie)).body.reason, 'OIDC_STATE', 'too late');
  });

  test('a command line gets a code on its own machine that only its verifier opens, once', async () => {
    provider.become(account);
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const state = randomBytes(16).toString('base64url');
    const { url, cookie } = await begin(`?port=45678&state=${state}&challenge=${challenge}`);
    const came = await comeBack(await provider.visit(url), cookie);
    const there = new URL(came.location!);
    assert.deepEqual(
      [came.status, there.origin, there.searchParams.get('state')],
      [303, 'http://127.0.0.1:45678', state],
    );
    assert.equal(came.session, undefined);
    const code = there.searchParams.get('code');
    const redeem = async (body: object) => (await api.post('/api/v1/sign-in', body, { authorization: '' })).body;
    assert.equal((await redeem({ code })).reason, 'LINK_UNKNOWN');
    assert.equal((await redeem({ code, verifier: randomBytes(32).toString('base64url') })).reason, 'LINK_UNKNOWN');
    assert.equal((await redeem({ code, verifier })).handle, 'ada');
    assert.equal((await redeem({ code, verifier })).reason, 'LINK_USED');
    assert.equal((await ada.get('/api/v1/me')).status, 401, 'tokens ended with the disabled person');
  });

  test('a provider inside this network is asked only when the operator allows it', async () => {
    const closed = await api.another({ provider: providerWith([]) });
    const answer = await ask(closed, '/api/v1/sign-in/oidc');
    assert.deepEqual([answer.status, answer.body.code], [422, 'outgoing/refused']);
    assert.equal((await api.get('/api/v1/sign-in/oidc')).body.code, 'request/not-found');
    const ways = await ask(server, '/api/v1/sign-in/ways');
    assert.deepEqual(ways.body.oidc, { name: 'the office', path: '/api/v1/sign-in/oidc' });
  });
});
