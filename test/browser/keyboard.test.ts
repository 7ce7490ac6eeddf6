/** The whole way from staging to production, without a mouse. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../world/make.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';
import { decide, find, press } from './keyboard.ts';

describe('with the keyboard alone', { skip: withoutChromium, timeout: 240_000 }, () => {
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
    await ann.waitForFunction('document.activeElement.id === "main"');
  });

  test('whoever does not want things to move, or needs them twice as large, has it so', async () => {
    await ann.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    await ann.setViewportSize({ width: 640, height: 480 });
    await ann.goto(`/p/${project}`);
    await ann.getByRole('article', { name: 'staging' }).waitFor();
    const edges = '[...document.querySelectorAll(".state")].map((one) => getComputedStyle(one).borderTopColor)';
    const drawn = (await ann.evaluate(edges)) as string[];
    assert.ok(drawn.length > 0 && !drawn.includes('rgba(0, 0, 0, 0)'), 'with forced colours a state has an edge');
    const moving =
      '[...document.querySelectorAll("*")].filter((one) => { const { transitionDuration, animationName } = getComputedStyle(one); return transitionDuration !== "0s" || animationName !== "none"; }).length';
    assert.equal(await ann.evaluate(moving), 0, 'nothing moves');
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    const fits = (when: string) =>
      eventually(async () => assert.equal(await ann.evaluate(overflow), 0, `${when} nothing sticks out to the side`));
    await fits('at 200 %');
    await ann.setViewportSize({ width: 360, height: 640 });
    await fits('on a phone');
  });
});
