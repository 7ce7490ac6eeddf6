/** As accessible.test.ts, for the screens on which people say and set things. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeProject } from '../world/api-server.ts';
import { beyondEdge, faultsOf, faultsWithout, lookAt } from './axe.ts';
import { openBrowserStage, visit, type BrowserStage } from './browser-stage.ts';
import { busyProject } from './busy-project.ts';
import { withoutChromium } from './chromium.ts';

describe('every screen on which people say and set things', { skip: withoutChromium, timeout: 280_000 }, () => {
  let stage: BrowserStage;
  let page: Page;
  let busy: string;
  let empty: string;

  before(async () => {
    stage = await openBrowserStage();
    busy = await busyProject(stage);
    empty = (await makeProject(stage.api)).name;
    page = await stage.enter(['admin', 'maintainer', 'release-manager', 'qa'], { handle: 'ann' });
  });
  after(() => stage?.close());

  const of = (project: string) => [
    `/p/${project}/controls`,
    `/p/${project}/emergency?release=1&environment=production`,
    `/p/${project}/file`,
    `/notifications?project=${project}`,
  ];

  test('with something to show, and with trouble', async () => {
    const found: string[] = [];
    for (const path of [...of(busy), `/p/${busy}/plan/1/production`, `/p/${busy}/environments/production`, '/you'])
      found.push(...(await lookAt(page, path)));
    assert.deepEqual(found, []);
  });

  test('with nothing to show yet', async () => {
    const found: string[] = [];
    for (const path of of(empty).map((one) => one.replace(/\?release.*/, '')))
      found.push(...(await lookAt(page, path)));
    assert.deepEqual(found, []);
  });

  test('while answers are on their way, and when they do not come', async () => {
    const paths = [...of(busy), '/you'];
    assert.deepEqual(await faultsWithout(page, /\/api\/v1\/(?!me$|projects$)/, paths), []);
  });

  test('while something is filled in, read before it is signed, or refused', async () => {
    const found: string[] = [];
    const open = async (path: string, label: string) => {
      await page.goto(path);
      await page.getByRole('button', { name: label, exact: true }).first().click();
      const dialog = page.getByRole('dialog', { name: label });
      await dialog.getByText(/^liftlock /).waitFor();
      found.push(...(await faultsOf(page, label)));
      return dialog;
    };
    const deciding = await open(`/p/${busy}/plan/1/production`, 'Approve this plan');
    await deciding.getByRole('textbox').fill('looked at');
    await deciding.getByRole('button', { name: 'Read what I sign' }).click();
    await deciding.getByRole('region', { name: /word for word/ }).waitFor();
    found.push(...(await faultsOf(page, 'a statement')));
    await open(`/p/${busy}/emergency?release=1&environment=production`, 'Ask for break-glass');
    const confirming = await open(`/p/${busy}/emergency`, 'Confirm as the second person');
    await confirming.getByRole('checkbox').check();
    await confirming.getByRole('button', { name: 'Confirm as the second person' }).click();
    await confirming.getByText(/^(Refused|Requested)/).waitFor();
    found.push(...(await faultsOf(page, 'what became of it')));
    await open(`/p/${busy}/controls`, 'Freeze');
    await open('/notifications', 'Add a channel');
    await open('/you', 'Make a token');
    assert.deepEqual(found, []);
  });

  test('nothing sticks out on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    for (const path of [...of(busy), `/p/${busy}/plan/1/production`, '/you']) {
      await visit(page, path);
      assert.deepEqual(await beyondEdge(page), [], path);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });
});
