/** What the console promises of its speed, with as much to show as it is made for; pressure-long.ts is the long form. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { crowding } from '../world/busy-machine.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';
import { crowd, makeCrowd, strain, timeToBoard } from './crowd.ts';

const longestTaskMs = 100;
const boardMs = 2_000;
/** Between two pictures while somebody scrolls: what the eye sees as a stutter, and no longer. */
const longestFrameMs = 250;
const newsMs = 5_000;

describe('under pressure the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let page: Page;
  let project: string;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    await makeCrowd(stage);
    page = await stage.enter(['admin', 'release-manager'], { handle: 'ann' });
  });
  after(() => stage?.close());

  test(`shows the board within ${boardMs / 1_000} s on a slow line and a quarter of the processor`, async () => {
    const times = [];
    for (let look = 0; look < 3; look += 1) times.push(await timeToBoard(page, `/p/${project}`));
    const best = Math.min(...times);
    assert.ok(
      best <= boardMs * crowding(),
      `${times.join(', ')} ms, ${crowding().toFixed(1)} waiting for each processor`,
    );
  });

  test(`stays responsive with ${crowd.environments} environments, ${crowd.releases} releases and news all the time`, async () => {
    let { tasks, frames, news } = await strain(stage, page, newsMs);
    const isFluent = () => tasks[0]! <= longestTaskMs && frames[0]! <= longestFrameMs * crowding();
    // Somebody else may want the whole machine at the worst moment, and not twice.
    if (!isFluent()) ({ tasks, frames, news } = await strain(stage, page, newsMs));
    assert.ok(news >= 5, `${news} things happened`);
    assert.ok(
      isFluent(),
      `tasks took ${tasks.slice(0, 5).join(', ')} ms, pictures came after ${frames.slice(0, 5).join(', ')} ms`,
    );
    assert.equal(await page.getByRole('alert').count(), 0, 'what is shown is not old');
  });
});
