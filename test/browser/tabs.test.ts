/** Many tabs, one stream; and whatever happens to it, nothing old is shown as if it were fresh. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { crowding } from '../world/busy-machine.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

const tabs = 10;
/** Between something happening and every tab showing it, where each processor has one thing to do; others wait their turn. */
const promisedMs = () => 5_000 * crowding();

describe('ten tabs of the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let pages: Page[];
  const streams: Page[] = [];

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    const first = await stage.enter(['release-manager'], { handle: 'ann' });
    const context = first.context();
    context.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/v1/events') streams.push(request.frame().page());
    });
    await first.reload();
    const others = await Promise.all(Array.from({ length: tabs - 1 }, () => context.newPage()));
    pages = [first, ...others];
    for (const page of others) await page.goto(`/p/${project}`);
    await Promise.all(pages.map((page) => page.getByText(/^as of/).waitFor()));
  });
  after(() => stage?.close());

  /** Somebody holds staging; answers how long the last tab took to show it. */
  async function shownEverywhere(reason: string): Promise<number> {
    const environment = `/api/v1/projects/${project}/environments/staging`;
    await stage.api.post(`${environment}/release-hold`, { reason: 'again' });
    const began = Date.now();
    assert.equal((await stage.api.post(`${environment}/hold`, { reason })).status, 200);
    await Promise.all(pages.map((page) => page.getByText(reason).first().waitFor()));
    return Date.now() - began;
  }

  test('hold one stream, and all of them show what happened', async () => {
    const took = await shownEverywhere('stocktaking');
    assert.ok(took <= promisedMs(), `${took} ms`);
    assert.equal(new Set(streams).size, 1);
  });

  test('go on when the one that held it is closed', async () => {
    const leader = streams.at(-1)!;
    await leader.close();
    pages = pages.filter((page) => page !== leader);
    const took = await shownEverywhere('the leader is gone');
    assert.ok(took <= promisedMs(), `${took} ms`);
    assert.equal(new Set(streams.filter((page) => !page.isClosed())).size, 1);
  });

  test('say that what they show is old while the server is away, and are live again when it is back', async () => {
    await stage.restart(async () => {
      await Promise.all(
        pages.map((page) =>
          page
            .getByRole('alert')
            .getByText(/may be old/)
            .waitFor(),
        ),
      );
    });
    const began = Date.now();
    await Promise.all(pages.map((page) => page.getByRole('alert').waitFor({ state: 'detached' })));
    const took = Date.now() - began;
    assert.ok(took <= promisedMs(), `${took} ms`);
    assert.ok((await shownEverywhere('the server was away')) <= promisedMs());
  });
});
