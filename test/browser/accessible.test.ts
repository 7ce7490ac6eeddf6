/** No fault that axe finds, on any screen, in either theme, with and without anything to show. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeProject } from '../world/api-server.ts';
import { beyondEdge, faultsOf, faultsWithout, lookAt } from './axe.ts';
import { openBrowserStage, visit, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('every screen of the console', { skip: withoutChromium, timeout: 280_000 }, () => {
  let stage: BrowserStage;
  let page: Page;
  let well: string;
  let troubled: string;
  let evidence: string;

  before(async () => {
    stage = await openBrowserStage();
    well = await stage.project();
    troubled = await stage.project({ verifyStaging: 'echo the total is wrong; false' });
    evidence = (await stage.api.get(`/api/v1/projects/${well}/releases/1`)).body.evidence[0].id;
    await stage.api.post(`/api/v1/projects/${well}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
    page = await stage.enter(['admin', 'release-manager'], { handle: 'ann' });
  });
  after(() => stage?.close());

  const of = (project: string) => [
    `/p/${project}`,
    `/p/${project}/environments/staging`,
    `/p/${project}/releases/1`,
    `/p/${project}/plan/1/production`,
  ];
  const wide = ['/', '/audit', '/people', '/access', '/setup'];

  test('with something to show, and with trouble', async () => {
    const found: string[] = [];
    for (const path of [...of(well), ...of(troubled), `/p/${well}/evidence/${evidence}`, ...wide, '/nowhere'])
      found.push(...(await lookAt(page, path)));
    assert.deepEqual(found, []);
  });

  test('while an action, the palette or a proof is open', async () => {
    await page.goto(`/p/${well}/environments/production`);
    await page.getByRole('button', { name: 'Hold' }).click();
    await page.getByRole('dialog', { name: 'Hold' }).waitFor();
    const found = [...(await faultsOf(page, 'an action'))];
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
    found.push(...(await faultsOf(page, 'the palette')));
    await page.goto('/audit');
    await page
      .getByRole('button', { name: /^Details of/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Table: Events' }).locator('pre').waitFor();
    found.push(...(await faultsOf(page, 'details of an event')));
    assert.deepEqual(found, []);
  });

  test('with nothing to show yet', async () => {
    const { name } = await makeProject(stage.api);
    const found: string[] = [];
    const ofSteps = [`/p/${name}/rollout/staging`, `/p/${name}/changes/1`];
    for (const path of [
      `/p/${name}`,
      `/p/${name}/environments/staging`,
      ...ofSteps,
      '/audit?kind=nothing-is-called-so',
    ])
      found.push(...(await lookAt(page, path)));
    assert.deepEqual(found, []);
  });

  test('while answers are on their way, and when they do not come', async () => {
    const ofSteps = [`/p/${well}/rollout/staging`, `/p/${well}/changes/1`];
    const paths = [...of(well), ...ofSteps, `/p/${well}/evidence/${evidence}`, ...wide];
    assert.deepEqual(await faultsWithout(page, /\/api\/v1\/(?!me$)|\/readyz/, paths), []);
  });

  test('every screen fits on a phone, and on a page that is twice as large', async () => {
    for (const width of [360, 640]) {
      await page.setViewportSize({ width, height: 640 });
      for (const path of [...of(troubled), `/p/${well}/evidence/${evidence}`, ...wide]) {
        await visit(page, path);
        assert.deepEqual(await beyondEdge(page), [], `${path} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  test('the page on which one signs in', async () => {
    await page.goto('/sign-in');
    assert.deepEqual(await faultsOf(page, '/sign-in'), []);
  });
});
