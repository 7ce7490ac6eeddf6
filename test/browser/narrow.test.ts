/** What the console shows where there is little room, much to say, or nothing yet. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { makeProject } from '../world/api-server.ts';
import { beyondEdge } from './axe.ts';
import { openBrowserStage, visit, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

const long = `merge everything about totals, delivery dates and baskets, as ${'ticket-'.repeat(30)}4711 asks, since nobody objected`;

describe('where there is little room', { skip: withoutChromium, timeout: 120_000 }, () => {
  let stage: BrowserStage;
  let page: Page;
  let project: string;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    await stage.commit(project, long);
    await stage.api.post(`/api/v1/projects/${project}/promotions`, { release: '2', environment: 'production' });
    await stage.api.work();
    page = await stage.enter(['admin', 'release-manager'], { handle: 'ann' });
  });
  after(() => stage?.close());

  const height = async (what: Locator) => (await what.boundingBox())!.height;

  test('a very long title fills neither a card nor a heading, and is there when pointed at', async () => {
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      await visit(page, `/p/${project}`);
      const title = page.getByRole('article', { name: 'staging' }).getByRole('link', { name: /^#2/ });
      assert.equal(await title.getAttribute('title'), long);
      assert.ok((await height(title)) < 60, `a card's title is ${await height(title)} px high at ${width}`);
      await visit(page, `/p/${project}/plan/2/production`);
      const heading = page.getByRole('heading', { level: 1 });
      assert.ok((await height(heading)) < 150, `the plan's heading is ${await height(heading)} px high at ${width}`);
      assert.deepEqual(await beyondEdge(page), [], `at ${width}`);
    }
  });

  test('where one is stands in sight, and what finds things beside the mark', async () => {
    for (const width of [390, 768]) {
      await page.setViewportSize({ width, height: 844 });
      await page.goto('/setup');
      await page.getByRole('link', { name: 'People' }).waitFor();
      const here = page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Setup' });
      await page.waitForFunction(
        '(() => { const { left, right } = document.querySelector("nav [aria-current]").getBoundingClientRect(); return left >= 0 && right <= innerWidth; })()',
      );
      assert.equal(await here.getAttribute('aria-current'), 'page');
      const [mark, find] = [page.getByRole('link', { name: 'Liftlock' }), page.getByRole('button', { name: /^Find/ })];
      const middle = async (what: Locator) => (await what.boundingBox())!.y + (await height(what)) / 2;
      assert.ok(Math.abs((await middle(mark)) - (await middle(find))) < 10, `they share a line at ${width}`);
    }
  });

  test('on a phone each value of a row says which column it is of', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await visit(page, '/you');
    const sessions = page.getByRole('region', { name: 'Table: Sessions' });
    const names = await sessions
      .locator('tbody tr')
      .first()
      .locator('td')
      .evaluateAll((cells) =>
        cells.map((cell) => cell.ownerDocument.defaultView!.getComputedStyle(cell, '::before').content),
      );
    assert.deepEqual(names, ['"Signed in"', '"Used"', '"Ends"', '"End it"']);
    await page.setViewportSize({ width: 1280, height: 720 });
    const wide = await sessions
      .locator('td')
      .first()
      .evaluate((cell) => cell.ownerDocument.defaultView!.getComputedStyle(cell, '::before').content);
    assert.equal(wide, 'none', 'where there is a heading above, it is not said twice');
  });

  test('home says at the top for what and whom it waits', async () => {
    await visit(page, `/p/${project}`);
    await page.getByRole('link', { name: '#2 waits for production' }).click();
    await page.waitForURL(/\/plan\/2\/production$/);
  });

  test('where nothing was built home does not say that all is well, but what makes the first release', async () => {
    const { name } = await makeProject(stage.api);
    await visit(page, `/p/${name}`);
    await page.getByText('nothing yet', { exact: true }).waitFor();
    await page.getByText(/becomes the first release; liftlock notify/).waitFor();
    assert.equal(await page.getByText('all well').count(), 0);
  });

  test('what is not there is said as a sentence, with nothing to try again', async () => {
    await visit(page, `/p/${project}/releases/99`);
    await page.getByText('There is no release 99.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0);
  });
});
