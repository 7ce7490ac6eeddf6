/** A release goes from staging to production as a canary under real requests and back again, by people in front of the console only. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { load, type Load } from '../scenarios/load.ts';
import { act, decide as agree } from './browser-stage.ts';
import { beyondEdge, faultsOf } from './axe.ts';
import { withoutChromium } from './chromium.ts';
import { decide, find, press } from './keyboard.ts';
import { openPlaneStage, type PlaneStage } from './plane-stage.ts';

const steps = '{ step: weight, percent: 20, for: 1s }, { step: pause }, { step: weight, percent: 50, for: 1s }';

describe('a canary in the console', { skip: withoutChromium, timeout: 400_000 }, () => {
  let stage: PlaneStage;
  let requests: Load;
  let [ann, ben, cyd]: Page[] = [];

  before(async () => {
    stage = await openPlaneStage(steps);
    await stage.bringToProduction(await stage.release('Sell things'));
    requests = load(await stage.address('production'), { connections: 4, pauseMs: 10 });
    ann = await stage.enter('ann', ['release-manager']);
    ben = await stage.enter('ben', ['maintainer']);
    cyd = await stage.enter('cyd', ['release-manager']);
  });
  after(async () => {
    await requests?.stop();
    await stage?.close();
  });

  test('is asked for, approved by two others, watched, continued, and taken back', async () => {
    const page = ann!;
    const number = await stage.release('Round totals to whole cents');
    await page
      .getByRole('article', { name: 'staging' })
      .getByRole('link', { name: `#${number} Round` })
      .click();
    await page.getByRole('listitem').filter({ hasText: 'production' }).getByRole('link', { name: /why/ }).click();
    await act(page, 'Promote to production');
    for (const other of [ben!, cyd!]) {
      await other.getByRole('link', { name: `#${number}`, exact: true }).click();
      await agree(other, 'Approve this plan', 'looked at');
    }
    await page.getByRole('link', { name: 'Pipeline' }).click();
    await page.getByRole('link', { name: '20 % of requests' }).click();

    const chart = page.getByRole('region', { name: 'New against old over time' });
    await chart.locator('canvas').nth(3).waitFor();
    await chart.getByRole('img', { name: /#\d: \d+ of \d+ requests failed.*The share is/s }).waitFor();
    await page
      .getByRole('region', { name: /What changed/ })
      .getByText('Round totals to whole cents')
      .waitFor();
    // Where requests are few it waits for a person for want of them, too, and goes on by itself.
    await page.getByText(/^It waits for a person: a pause until/).waitFor();
    assert.equal(await chart.locator('table').count(), 0, 'the numbers are made when they are wanted');
    await chart.getByText('The same in numbers').click();
    const rows = chart.getByRole('region', { name: 'Table: The course of the rollout' }).getByRole('row');
    await rows.filter({ hasText: '20 %' }).first().waitFor();
    await rows
      .filter({ hasText: /of \d+.*of \d+/ })
      .first()
      .waitFor();

    await act(page, 'Continue', 'it looks well');
    await page.getByText(/^It is over: succeeded/).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: '20 % of the requests' })
      .getByText(/failed: 0 of \d+/)
      .waitFor();
    await act(page, 'Roll back to #1', 'totals are wrong');
    await page.getByRole('link', { name: 'Pipeline' }).click();
    await page.getByRole('article', { name: 'production' }).getByRole('link', { name: '#1 Sell things' }).waitFor();
    assert.equal(requests.failed, 0, 'no request was lost on the way there and back');
  });

  test('is done without a mouse: asked for, approved, continued, and rolled back', async () => {
    const page = ann!;
    const number = await stage.release('Answer searches from the index');
    await find(page, `#${number} release`);
    await press(page.getByRole('listitem').filter({ hasText: 'production' }).getByRole('link', { name: /why/ }));
    await decide(page, 'Promote to production');
    for (const other of [ben!, cyd!]) {
      await find(other, 'pipeline');
      await press(other.getByRole('link', { name: `#${number}`, exact: true }));
      await decide(other, 'Approve this plan', 'looked at');
    }
    await find(page, 'pipeline');
    await press(page.getByRole('link', { name: '20 % of requests' }));
    await page.getByText(/^It waits for a person: a pause until/).waitFor();
    await decide(page, 'Continue', 'go on');
    await page.getByText(/^It is over: succeeded/).waitFor();
    await press(page.getByText('The same in numbers'));
    await page.getByRole('region', { name: 'Table: The course of the rollout' }).waitFor();
    await decide(page, 'Roll back to #1', 'searches are slow');
    await find(page, 'production environment');
    await page.getByRole('link', { name: '#1 Sell things' }).first().waitFor();
    assert.equal(requests.failed, 0);
  });

  test('that is worse goes back by itself, and the step says why', async () => {
    const page = ann!;
    const number = await stage.release('Lose every second order', { errors: 2 });
    await page.goto(`/p/shop/plan/${number}/production`);
    await act(page, 'Promote to production');
    for (const other of [ben!, cyd!]) {
      await other.goto(`/p/shop/plan/${number}/production`);
      await agree(other, 'Approve this plan', 'looked at');
    }
    await page.goto('/p/shop/rollout/production');
    await page.getByText(/^It is over: failed/).waitFor();
    const step = page.getByRole('region', { name: 'Steps' }).getByRole('listitem').first();
    await step.getByText('went back').waitFor();
    await step.getByText(/of its requests failed/).waitFor();
    await step.getByText(/failed: [1-9]\d* of \d+/).waitFor();
    assert.deepEqual(await faultsOf(page, 'a rollout that went back'), []);
    await fits(page);
    await page.goto('/p/shop');
    await page.getByRole('article', { name: 'production: failed' }).waitFor();
    await page.getByRole('link', { name: 'production', exact: true }).first().click();
    await page.getByRole('link', { name: 'record' }).first().click();
    await page.getByRole('heading', { name: /^Change \d/ }).waitFor();
    assert.deepEqual(await faultsOf(page, 'the record of a change'), []);
    await fits(page);
  });

  /** On a phone, and where everything is twice as large. */
  async function fits(page: Page): Promise<void> {
    const usual = page.viewportSize()!;
    for (const width of [360, 640]) {
      await page.setViewportSize({ width, height: 640 });
      assert.deepEqual(await beyondEdge(page), [], `${page.url()} at ${width}`);
    }
    await page.setViewportSize(usual);
  }
});
