/** Every form that people fill in, without a mouse, and what the server then knows. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { ownEd25519 } from '../contracts/signatures/ssh-keys.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';
import { decide, fillIn } from './keyboard.ts';

const gates = ['review', 'security', 'qa', 'notes', 'plan'].map((gate) => `{ gate: ${gate} }`);

/** Within a year: nobody answers for a finding longer than that. */
const inSixtyDays = `${new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)}T08:30`;

describe('forms with the keyboard alone', { skip: withoutChromium, timeout: 280_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let path: string;
  let ann: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ gates, trust: 'separation: two-person, breakGlass: two-person' });
    path = `/api/v1/projects/${project}`;
    ann = await stage.enter(['admin', 'maintainer', 'release-manager', 'qa'], { handle: 'ann' });
    await stage.api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
  });
  after(() => stage?.close());

  const get = async (where: string) => (await stage.api.get(where)).body;
  const row = (table: string, name: RegExp): Locator =>
    ann.getByRole('region', { name: `Table: ${table}` }).getByRole('row', { name });

  test('a freeze with beginning, end and exemptions is set, and called off', async () => {
    await ann.goto(`/p/${project}/controls`);
    await fillIn(ann, 'Freeze', {
      What: 'production',
      From: '2098-12-24T08:30',
      Until: '2099-01-02T09:00',
      'break-glass': 'off',
      Why: 'the year ends',
    });
    const [freeze] = (await get(`/api/v1/freezes?project=${project}`)).freezes;
    assert.deepEqual(
      [freeze.environment, freeze.exempt, freeze.reason, freeze.inForce],
      ['production', ['rollback'], 'the year ends', false],
    );
    assert.deepEqual(
      [freeze.from, freeze.until],
      [Date.parse('2098-12-24T08:30'), Date.parse('2099-01-02T09:00')],
      'in the zone of the reader',
    );
    await fillIn(row('Freezes', /^production to come/), 'Call off', { Why: 'it does not' });
    await ann.getByText('Nothing is frozen.').waitFor();
  });

  test('a hold, a pin and a veto are set and lifted', async () => {
    const staging = row('Holds and pins', /^staging/);
    const set = async () =>
      (await get(`${path}/status`)).environments.find(({ name }: { name: string }) => name === 'staging');
    await fillIn(staging, 'Hold', { Why: 'let us look' });
    assert.equal((await set()).hold.reason, 'let us look');
    await fillIn(staging, 'Release hold', { Why: 'looked' });
    await fillIn(staging, 'Pin', { 'To release': '1', Why: 'nothing else' });
    assert.equal((await set()).pin.reason, 'nothing else');
    await fillIn(staging, 'Unpin', { Why: 'enough' });
    assert.deepEqual([(await set()).hold, (await set()).pin], [null, null]);
    await fillIn(ann, 'Veto', { Release: '1', Where: 'development', Why: 'it loses orders' });
    const [veto] = (await get(`${path}/vetoes`)).vetoes;
    assert.deepEqual([veto.environment, veto.reason], ['development', 'it loses orders']);
    await fillIn(row('Vetoes', /^#1/), 'Lift', { Why: 'it does not' });
    await ann.getByText('No release is marked bad.').waitFor();
  });

  test('commits are reviewed, a finding is answered for, QA signs off, notes are written and accepted, the plan too', async () => {
    await ann.goto(`/p/${project}/plan/1/production`);
    await fillIn(ann, 'Approve commits', { Why: 'read' });
    await fillIn(ann, 'Answer for a finding', { Finding: 'CVE-2026-7', Until: inSixtyDays, Why: 'not reachable' });
    const [kept] = (await get(`${path}/suppressions`)).suppressions;
    assert.deepEqual([kept.finding, kept.owner, kept.until], ['CVE-2026-7', 'ann', Date.parse(inSixtyDays)]);
    await fillIn(ann, 'Sign off', { 'Tried in': 'staging', It: 'PASS', Why: 'ordered three things' });
    await ann.getByRole('row', { name: /sign-off PASS ordered three things/ }).waitFor();
    await fillIn(ann, 'Add a report', { File: JSON.stringify({ version: '2.1.0', runs: [] }), Name: 'looker' });
    await fillIn(ann, 'Write the notes', { 'Release notes': '- the first of all' });
    await ann.getByText('- the first of all').waitFor();
    await fillIn(ann, 'Accept the notes', {});
    await fillIn(ann, 'Accept the plan', { Why: 'read' });
    await stage.api.work();
    const { answers } = await get(`${path}/why?release=1&environment=production`);
    const opened = (name: string) =>
      answers.find(({ gate }: { gate: string }) => gate === name)?.because.includes('ann');
    assert.deepEqual(
      ['review', 'qa', 'notes', 'plan'].filter((name) => !opened(name)),
      [],
    );
  });

  test('a plan is rejected, read word for word first', async () => {
    await decide(ann, 'Reject', 'the till is closed');
    await stage.api.work();
    const { answers } = await get(`${path}/why?release=1&environment=production`);
    assert.match(JSON.stringify(answers), /the till is closed/);
  });

  test('an emergency way is asked for', async () => {
    await stage.api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await ann.goto(`/p/${project}/emergency?release=1&environment=production`);
    await fillIn(ann, 'Ask for break-glass', {
      security: 'on',
      'Address at which': 'https://incidents.example.org/7',
      'Good for': '15m',
      Why: 'the shop is down',
    });
    const [glass] = (await get(`${path}/break-glass`)).breakGlasses;
    assert.deepEqual([glass.gates, glass.incident], [['security'], 'https://incidents.example.org/7']);
  });

  test('a channel of each kind is added, and removed', async () => {
    await ann.goto('/notifications');
    await fillIn(ann, 'Add a channel', {
      'Tell by': 'webhook',
      'Name(?! of)': 'pager',
      About: project,
      Address: 'https://pager.example.org/{HOOK}',
      'Name of the secret that signs': 'SIGN',
      'From this severity on': 'page',
      production: 'on',
    });
    await fillIn(ann, 'Add a channel', {
      'Tell by': 'e-mail',
      'Name(?! of)': 'post',
      'Mail server': 'mail.example.org:587',
      'Its connection': 'starttls',
      'From(?! this)': 'liftlock@example.org',
      'To, sep': 'ann@example.org',
      'Also to those': 'on',
    });
    await fillIn(ann, 'Add a channel', { 'Tell by': 'command', 'Name(?! of)': 'bell', 'Command line': 'ring' });
    const { channels } = await get('/api/v1/channels');
    const [bell, pager, post] = channels.toSorted((left: { name: string }, right: { name: string }) =>
      left.name < right.name ? -1 : 1,
    );
    assert.deepEqual([bell.kind, post.kind], ['command', 'email']);
    assert.equal(post.to, 'ann@example.org, those who could decide');
    assert.deepEqual(
      [pager.kind, pager.project, pager.routes[0].atLeast, pager.routes[0].kinds],
      ['webhook', project, 'page', ['production']],
    );
    await fillIn(row('Channels', /^bell/), 'Remove', {});
    await row('Channels', /^bell/).waitFor({ state: 'detached' });
  });

  test('somebody is made known, gets a role and a key, and is shut out; a CI job is let in', async () => {
    await ann.goto('/people');
    await fillIn(ann, 'Add a person', {
      Handle: 'dora',
      'Name in full': 'Dora Doe',
      Addresses: 'dora@example.org',
    });
    const dora = row('People', /^dora/);
    await dora.waitFor();
    await fillIn(ann, 'Give a role', {
      To: 'dora',
      Role: 'developer',
      On: project,
      Until: '2098-12-24T08:30',
      Why: 'she helps out',
    });
    const [grant] = (await get('/api/v1/grants?person=dora')).grants;
    assert.deepEqual([grant.role, grant.project, grant.reason], ['developer', project, 'she helps out']);
    await fillIn(dora, 'Addresses', { Address: 'd@example.org' });
    await fillIn(dora, 'Make a link', {});
    await fillIn(ann, 'Let a CI job in', {
      Of: project,
      'Name(?! of)': 'builds',
      'What they must say': 'repository_id=7\nworkflow_ref=ci\nevent_name=push',
    });
    assert.equal((await get('/api/v1/machines')).machines[0].claims.event_name, 'push');
    await fillIn(ann, 'Add a key', { Of: 'dora', 'Public key': `${ownEd25519().publicKey} dora@laptop\n` });
    await fillIn(row('Keys', /^dora/), 'Revoke', { Why: 'the laptop is gone' });
    await fillIn(row('Grants', /^dora/), 'Revoke', { Why: 'it is done' });
    await fillIn(dora, 'Disable', {});
    await dora.getByText('disabled').waitFor();
    const person = await get('/api/v1/people/dora');
    assert.deepEqual([person.emails.toSorted(), person.rights], [['d@example.org', 'dora@example.org'], []]);
  });

  test('a token is made and ended, and another browser is signed out', async () => {
    await stage.api.post('/api/v1/session', { code: (await stage.api.post('/api/v1/people/ann/link')).body.code });
    await ann.goto('/you');
    await fillIn(ann, 'Make a token', {
      'What it is for': 'nightly',
      'Good for this many days': '7',
      [project]: 'on',
      'Only for these actions': 'project:read',
    });
    await fillIn(row('Tokens', /^nightly/), 'End nightly', {});
    await row('Tokens', /^nightly/)
      .getByText('ended')
      .waitFor();
    await fillIn(row('Sessions', /^a browser that did not say/), 'End session', {});
    await row('Sessions', /^a browser that did not say/).waitFor({ state: 'detached' });
  });
});
