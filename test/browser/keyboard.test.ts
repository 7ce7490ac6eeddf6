/** The whole way from staging to production, without a mouse. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

/** More stops than any screen has before its main action. */
const mostStops = 60;

describe('with the keyboard alone', { skip: withoutChromium, timeout: 120_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let ann: Page;
  let ben: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ trust: 'separation: two-person' });
    ann = await stage.enter(['release-manager'], { handle: 'ann' });
    ben = await stage.enter(['maintainer'], { handle: 'ben' });
  });
  after(() => stage?.close());

  /** Goes on by Tab until it has the focus, which must be visible there. */
  async function tabTo(target: Locator): Promise<void> {
    const page = target.page();
    await target.waitFor();
    for (let stops = 0; stops < mostStops; stops += 1) {
      if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) {
        const outline = await target.evaluate(
          (element) => element.ownerDocument.defaultView!.getComputedStyle(element).outlineStyle,
        );
        assert.notEqual(outline, 'none', 'one sees where one is');
        return;
      }
      await page.keyboard.press('Tab');
    }
    assert.fail(`${String(target)} cannot be reached`);
  }

  async function press(target: Locator): Promise<void> {
    await tabTo(target);
    await target.page().keyboard.press('Enter');
  }

  async function decide(page: Page, label: string, reason?: string): Promise<void> {
    await press(page.getByRole('button', { name: label, exact: true }).first());
    const dialog = page.getByRole('dialog', { name: label });
    await dialog.waitFor();
    if (reason !== undefined) {
      await tabTo(dialog.getByRole('textbox'));
      await page.keyboard.type(reason);
    }
    const reading = dialog.getByRole('button', { name: 'Read what I sign' });
    if (await reading.isVisible()) {
      await press(reading);
      await press(dialog.getByRole('button', { name: 'Approve', exact: true }));
    } else await press(dialog.getByRole('button', { name: label, exact: true }));
    await dialog.getByText(/^Requested\./).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }

  /** By the palette, as people who know it do. */
  async function find(page: Page, typed: string): Promise<void> {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    await page.keyboard.type(typed);
    await page.getByRole('dialog').getByRole('option', { selected: true }).waitFor();
    await page.keyboard.press('Enter');
  }

  test('a release is found, asked for, approved, held, and aborted by nobody', async () => {
    await find(ann, '#1 release');
    await press(ann.getByRole('listitem').filter({ hasText: 'production' }).getByRole('link', { name: /why/ }));
    await decide(ann, 'Promote to production');
    await ben.goto(`/p/${project}/plan/1/production`);
    await stage.until(ben.getByRole('button', { name: 'Approve this plan' }));
    await decide(ben, 'Approve this plan', 'looked at');
    await find(ann, 'production environment');
    await stage.until(ann.getByRole('link', { name: /^#1 first change/ }));
    await decide(ann, 'Hold', 'that is enough for today');
    await stage.until(ann.getByRole('button', { name: 'Release hold' }));
  });

  test('the first stop leads past everything that is on all screens', async () => {
    await ann.goto(`/p/${project}`);
    await ann.getByRole('article', { name: 'staging' }).waitFor();
    await ann.keyboard.press('Tab');
    await ann.keyboard.press('Enter');
    assert.equal(await ann.evaluate('document.activeElement.id'), 'main');
  });

  test('whoever does not want things to move, or needs them twice as large, has it so', async () => {
    await ann.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    await ann.setViewportSize({ width: 640, height: 480 });
    await ann.goto(`/p/${project}`);
    await ann.getByRole('article', { name: 'staging' }).waitFor();
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    assert.equal(await ann.evaluate(overflow), 0, 'at 200 % nothing sticks out to the side');
    await ann.setViewportSize({ width: 360, height: 640 });
    assert.equal(await ann.evaluate(overflow), 0, 'on a phone nothing sticks out to the side');
  });
});
