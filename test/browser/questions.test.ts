/** The first question of everybody who looks, answered within two clicks from the home page. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { makePerson, makeProject, pipelineFile, type TestPerson } from '../world/api-server.ts';
import { eventually } from '../world/make.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

const most = 2;

describe('from the home page of the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let page: Page;
  let clicks = 0;

  before(async () => {
    stage = await openBrowserStage();
    page = await stage.enter(['admin', 'release-manager', 'auditor'], { handle: 'ann' });
    project = await story(stage);
  });
  after(() => stage?.close());

  async function home(): Promise<void> {
    clicks = 0;
    await page.goto(`/p/${project}`);
    await page.getByRole('heading', { name: 'Releases and environments' }).waitFor();
  }

  async function click(target: Locator): Promise<void> {
    clicks += 1;
    assert.ok(clicks <= most, `${String(target)} would be click ${clicks}`);
    await target.click();
  }

  /** All of this stands, sooner or later, in the part of the screen that is called so. */
  async function reads(name: string | RegExp, ...patterns: readonly RegExp[]): Promise<void> {
    await says(page.getByRole('region', { name, exact: true }), patterns);
  }

  test('a developer sees where his commit is, and why it is not further', async () => {
    await home();
    await click(page.getByRole('row', { name: /#3 Keep the basket/ }).getByRole('link'));
    await reads('How far it came', /qa\s+serves here/, /production\s+waiting/);
    await click(page.getByRole('listitem').filter({ hasText: 'production' }).getByRole('link', { name: /why/ }));
    await reads(/Keep the basket.* → production/, /waits for production: 1 of 2 approvals/);
  });

  test('a QA engineer sees whether the build is in QA, and with which data', async () => {
    await home();
    await click(page.getByRole('article', { name: 'qa' }).getByRole('link', { name: 'qa' }));
    await reads('qa', /#3 Keep the basket/, /Data: none that Liftlock knows of/);
  });

  test('a release manager sees what waits, and on whom', async () => {
    await home();
    const arrow = page.getByRole('listitem').filter({ has: page.getByRole('article', { name: 'production' }) });
    await arrow.getByText('1 of 2 approvals (given by ben)').first().waitFor();
    await click(arrow.getByRole('link', { name: '#3', exact: true }));
    await reads(/ → production/, /Could approve:.*cyd \(release-manager\)/);
  });

  test('an auditor sees who approved what, on which evidence, and that it was somebody else than its author', async () => {
    await home();
    await click(page.getByRole('article', { name: 'production' }).getByRole('link', { name: 'production' }));
    await click(page.getByRole('row', { name: /#2/ }).getByRole('link', { name: 'record' }));
    await reads(
      'Who said yes',
      /Nobody who had a hand in it may decide about it; written by Ada Example/,
      /ben\s+approve\s+looked at/,
      /cyd\s+approve\s+looked at/,
    );
    await reads('On which evidence', /smoke.*\s+PASS/);
  });

  test('a new administrator sees what is missing', async () => {
    await home();
    await click(page.getByRole('link', { name: 'Setup' }));
    const checks = page.getByRole('region', { name: /^Table: Checks of/ }).first();
    await checks.getByRole('row').nth(1).waitFor();
    const results = await checks.getByRole('row').allInnerTexts();
    const order = results.slice(1).map((row) => ['problem', 'warning', 'ok'].findIndex((word) => row.includes(word)));
    assert.ok(
      order.every((rank) => rank >= 0),
      results.join(' | '),
    );
    assert.deepEqual(order, order.toSorted(), 'what is missing stands first');
    await page.getByRole('heading', { name: 'First steps' }).waitFor();
  });

  test('somebody on call sees what is broken, what is done about it, and whether going back is safe', async () => {
    const name = await broken(stage);
    await page.goto(`/p/${name}`);
    const alarm = page.getByRole('article', { name: /^staging: / });
    await stage.until(alarm);
    await says(alarm, [
      /No migration lies between/,
      /the total is wrong/,
      /All requests go to #\d/,
      /Under way\s+(It went back by itself|Automation rests|Nothing; a person has to decide)/,
      /Going back\s+(Roll back to #\d|There is no other release)/,
      /What changed\s+#3 was asked for by/,
      /New against old/,
      /Who is on it/,
      /As of\s+(just now|\d+ s ago)/,
    ]);
  });
});

async function says(part: Locator, patterns: readonly RegExp[]): Promise<void> {
  await part.waitFor();
  await eventually(async () => {
    const text = await part.innerText();
    for (const pattern of patterns) assert.match(text, pattern);
  });
}

const titles = ['Round totals', 'Show delivery dates', 'Keep the basket'];

/** Two releases went into production with the word of two people; the third has one. */
async function story(stage: BrowserStage): Promise<string> {
  const { api } = stage;
  const ben = await makePerson(api, ['maintainer'], { handle: 'ben' });
  const cyd = await makePerson(api, ['release-manager'], { handle: 'cyd' });
  const { name } = await makeProject(api, { approval: 'count: 2', trust: 'separation: two-person' });
  const qa =
    '  - { name: qa, kind: qa, after: [staging], gates: [], trigger: { on: success }, verify: { commands: [{ name: cases, run: "true" }] }, target: { kind: command, deploy: "" } }\n';
  const text = pipelineFile(name, { approval: 'count: 2', trust: 'separation: two-person' })
    .replace('  - { name: production,', `${qa}  - { name: production,`)
    .replace('after: [staging], trigger: { on: manual }', 'after: [qa], trigger: { on: manual }');
  const applied = await api.post('/api/v1/projects', { text });
  assert.equal(applied.status, 200, JSON.stringify(applied.body));
  // Another way into production may be a weaker one: a second person agrees.
  const agreed = await ben.post(`/api/v1/projects/${name}/approve-pipeline`, { reason: 'people try it in QA' });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  const place = `/api/v1/projects/${name}/environments/production`;
  const ask = async (release: string, people: readonly TestPerson[]) => {
    await api.post(`/api/v1/projects/${name}/promotions`, { release, environment: 'production' });
    await api.work();
    for (const person of people) await person.post(`${place}/approve`, { release, reason: 'looked at' });
    await api.work();
  };
  for (const [index, title] of titles.entries()) {
    await stage.commit(name, title);
    await ask(String(index + 1), index < 2 ? [ben, cyd] : [ben]);
  }
  return name;
}

/** A release fails its verification in staging after another one was well there. */
async function broken(stage: BrowserStage): Promise<string> {
  const { api } = stage;
  const name = await stage.project();
  await stage.commit(name, 'Round totals');
  const { body } = await api.get(`/api/v1/projects/${name}/pipeline`);
  const text = body.text.replace('run: "true"', 'run: "echo the total is wrong; exit 1"');
  await api.post('/api/v1/projects', { text });
  await stage.commit(name, 'Lose orders');
  return name;
}
