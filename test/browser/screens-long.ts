/** Pictures of every screen, for people who would rather look than read; run by scripts/screens.mjs. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ask, makePerson, type TestPerson } from '../world/api-server.ts';
import { arrived, openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { busyProject } from './busy-project.ts';
import { withoutChromium } from './chromium.ts';
import { load, type Load } from '../scenarios/load.ts';
import { openPlaneStage } from './plane-stage.ts';

const folder = process.env['LIFTLOCK_SCREENS'];
const most = 250_000;

const titles = [
  'Round totals to whole cents',
  'Show delivery dates in the zone of the reader',
  'Keep the basket when a session ends',
  'Answer searches from the index',
];

test(
  'every screen, in both themes',
  { skip: withoutChromium || (folder === undefined && 'run by scripts/screens.mjs'), timeout: 200_000 },
  async () => {
    const stage = await openBrowserStage();
    try {
      const { project, page, ben } = await story(stage);
      assert.equal((await stage.api.get('/api/v1/audit?fresh=yes')).status, 200);
      mkdirSync(folder!, { recursive: true });
      const evidence = (await stage.api.get(`/api/v1/projects/${project}/releases/3`)).body.evidence;
      const screens = {
        pipeline: `/p/${project}`,
        environment: `/p/${project}/environments/production`,
        release: `/p/${project}/releases/3`,
        plan: `/p/${project}/plan/4/production`,
        evidence: `/p/${project}/evidence/${evidence.at(-1).id}`,
        change: `/p/${project}/changes/2`,
        audit: `/audit?project=${project}&kind=promotion`,
        people: '/people',
        access: '/access?action=promotion',
        setup: '/setup',
      };
      for (const [name, path] of Object.entries(screens)) {
        await page.goto(path);
        await settled(page);
        await both(page, name);
      }
      const busy = await busyProject(stage);
      const ofPeople = {
        papers: `/p/${busy}/plan/1/production`,
        controls: `/p/${busy}/controls`,
        emergency: `/p/${busy}/emergency?release=1&environment=production`,
        file: `/p/${busy}/file`,
        notifications: `/notifications?project=${busy}`,
        you: '/you',
      };
      for (const [name, path] of Object.entries(ofPeople)) {
        await page.goto(path);
        await settled(page);
        await both(page, name);
      }
      await page.goto(`/p/${busy}/plan/1/production`);
      await page.getByRole('button', { name: 'Approve this plan' }).click();
      const deciding = page.getByRole('dialog', { name: 'Approve this plan' });
      await deciding.getByRole('textbox').fill('the totals are right');
      await deciding.getByRole('button', { name: 'Read what I sign' }).click();
      await deciding.getByRole('region', { name: /word for word/ }).waitFor();
      await both(page, 'statement');
      await page.keyboard.press('Escape');
      await page.goto(`/p/${project}/environments/production`);
      await page
        .getByRole('button', { name: /^Roll back/ })
        .first()
        .click();
      await page
        .getByRole('dialog')
        .getByText(/^liftlock rollback/)
        .waitFor();
      await both(page, 'action');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('sta');
      await both(page, 'palette');
      await page.keyboard.press('Escape');
      await trouble(stage, project, ben);
      await page.goto(`/p/${project}`);
      await stage.until(page.getByRole('article', { name: /^staging: / }));
      await settled(page);
      await both(page, 'trouble');
      await page.setViewportSize({ width: 390, height: 844 });
      await both(page, 'phone');
      await page.setViewportSize({ width: 1200, height: 800 });
      await page.context().clearCookies();
      await page.goto('/sign-in');
      await both(page, 'sign-in');
    } finally {
      await stage.close();
    }
  },
);

const canarySteps =
  '{ step: weight, percent: 10, for: 15s }, { step: weight, percent: 25, for: 15s }, { step: pause }, { step: weight, percent: 50, for: 15s }';

test(
  'a rollout under way, and one that went back',
  { skip: withoutChromium || (folder === undefined && 'run by scripts/screens.mjs'), timeout: 600_000 },
  async () => {
    const stage = await openPlaneStage(canarySteps);
    let requests: Load | undefined;
    try {
      await stage.bringToProduction(await stage.release(titles[0]!, { errors: 200, pauseMs: 20 }));
      requests = load(await stage.address('production'), { connections: 12, pauseMs: 20 });
      const page = await stage.enter('ann', ['admin', 'release-manager'], { viewport: { width: 1200, height: 1100 } });
      await stage.begin(await stage.release(titles[1]!, { errors: 150, pauseMs: 22 }));
      await page.goto('/p/shop/rollout/production');
      await page.getByText(/^It waits for a person/).waitFor({ timeout: 120_000 });
      await page.locator('canvas').nth(3).waitFor();
      await both(page, 'rollout');
      await stage.client.post('/api/v1/projects/shop/environments/production/rollout/promote', {});
      await page.getByText(/^It is over/).waitFor();
      await stage.begin(await stage.release(titles[2]!, { errors: 8, pauseMs: 22 }));
      await page.getByText(/^It is over: failed/).waitFor({ timeout: 120_000 });
      await both(page, 'rollout-back');
    } finally {
      await requests?.stop();
      await stage.close();
    }
  },
);

/** Two people, four releases, one of them in production and one that waits for its second approval. */
async function story(stage: BrowserStage): Promise<{ project: string; page: Page; ben: TestPerson }> {
  const { api } = stage;
  const page = await stage.enter(['admin', 'release-manager'], {
    handle: 'ann',
    context: { viewport: { width: 1200, height: 800 } },
  });
  const [ben, cyd] = [
    await makePerson(api, ['maintainer'], { handle: 'ben' }),
    await makePerson(api, ['release-manager'], { handle: 'cyd' }),
  ];
  const project = await stage.project({ approval: 'count: 2', trust: 'separation: two-person' });
  for (const title of titles.slice(0, 2)) await stage.commit(project, title);
  const place = `/api/v1/projects/${project}/environments/production`;
  for (const release of ['2', '3']) {
    await api.post(`/api/v1/projects/${project}/promotions`, { release, environment: 'production' });
    await api.work();
    for (const person of [ben, cyd]) await person.post(`${place}/approve`, { release, reason: 'looked at' });
    await api.work();
  }
  await stage.commit(project, titles[2]!);
  await ask(api.server, `/api/v1/projects/${project}/releases/4/evidence`, {
    method: 'POST',
    body: '<testsuite tests="214">' + '<testcase name="adds"/>'.repeat(214) + '</testsuite>',
  });
  await api.post(`/api/v1/projects/${project}/promotions`, { release: '4', environment: 'production' });
  await api.work();
  await ben.post(`${place}/approve`, { release: '4', reason: 'the totals are right' });
  return { project, page, ben };
}

/** Staging is asked for more than the next release can give; since that changes what verifies, a second person agrees. */
async function trouble({ api, commit }: BrowserStage, project: string, ben: TestPerson): Promise<void> {
  const { body } = await api.get(`/api/v1/projects/${project}/pipeline`);
  const text = body.text.replace('run: "true"', `run: "echo 3 of 214 totals are wrong; exit 1"`);
  assert.notEqual(text, body.text);
  const applied = await api.post('/api/v1/projects', { text });
  assert.equal(applied.status, 200, JSON.stringify(applied.body));
  const agreed = await ben.post(`/api/v1/projects/${project}/approve-pipeline`, { reason: 'totals matter' });
  assert.equal(agreed.status, 200, JSON.stringify(agreed.body));
  await commit(project, titles[3]!);
}

async function settled(page: Page): Promise<void> {
  await arrived(page);
  await page.getByText(/^as of/).waitFor();
  await page.waitForLoadState('load');
  if (/\/p\/[^/]+$/.test(page.url())) await page.getByRole('heading', { name: 'Releases and environments' }).waitFor();
}

async function both(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = join(folder!, `${name}-${colorScheme}.png`);
    rmSync(path, { force: true });
    await page.screenshot({ path, animations: 'disabled' });
    assert.ok(statSync(path).size <= most, `${path}: ${statSync(path).size} bytes`);
  }
}
