/** The same as passkeys.test.ts with a real browser, whose authenticator is Chromium's virtual one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiWorld, makePerson, makeProject, type Loose } from '../world/api-server.ts';
import { giveAuthenticator, openChromium, withoutChromium } from '../browser/chromium.ts';
import { query, until } from '../world/make.ts';

/** Runs in the page: asks our API, and the browser's keys where it says so. */
async function inPage({ path, body, keys }: { path: string; body: Loose; keys?: 'create' | 'get' }): Promise<Loose> {
  const post = async (where: string, sent: Loose) => {
    const response = await fetch(where, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    });
    return { status: response.status, body: (await response.json()) as Loose };
  };
  const answered = await post(path, body);
  if (keys === undefined || answered.status !== 200) return answered;
  const { navigator, PublicKeyCredential } = globalThis as Loose;
  const { options, challenge, ...rest } = answered.body;
  const credential =
    keys === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return { ...rest, challenge, answer: credential.toJSON() };
}

test('R21: a browser enrols a passkey and signs an approval with it', { skip: withoutChromium }, async (t) => {
  const api = await apiWorld();
  t.after(() => api.close());
  const browser = await openChromium();
  t.after(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  await giveAuthenticator(page);
  await page.goto(`${api.server.url.replace('127.0.0.1', 'localhost')}/sign-in`);
  const rob = await makePerson(api, ['release-manager']);
  const { code } = (await api.post(`/api/v1/people/${rob.handle}/link`)).body;
  assert.equal((await page.evaluate(inPage, { path: '/api/v1/session', body: { code } })).status, 200);
  const made = await page.evaluate(inPage, { path: '/api/v1/passkeys/begin', body: {}, keys: 'create' as const });
  const enrolled = await page.evaluate(inPage, { path: '/api/v1/passkeys', body: { ...made, name: 'laptop' } });
  assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body));

  const { path } = await makeProject(api, {
    trust: 'separation: two-person',
    approval: 'count: 1, passkey: required',
  });
  await api.post(`${path}/notify`);
  const requested = async () => (await api.get(`${path}/builds`)).body.builds.length === 1;
  await until(requested, 'the build is requested');
  await api.work();
  await api.post(`${path}/promotions`, { release: '1', environment: 'production' });
  await api.work();
  const production = `${path}/environments/production`;
  const body = { release: '1', decision: 'approve', reason: 'looks right' };
  const signed = await page.evaluate(inPage, { path: `${production}/begin-decision`, body, keys: 'get' as const });
  const passkey = { challenge: signed.challenge, answer: signed.answer };
  const approval = { release: '1', reason: 'looks right', planHash: signed.planHash, passkey };
  const approved = await page.evaluate(inPage, { path: `${production}/approve`, body: approval });
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  const [{ means }] = await query(api.database.url, 'select means from approvals where actor = $1', [rob.handle]);
  assert.equal(means, 'passkey');
});
