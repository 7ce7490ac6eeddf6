/** How the console stands a minute of news about sixty environments; run by hand: node --test --test-global-setup=test/global-setup.ts test/browser/pressure-long.ts */
import { after, before, describe, test } from 'node:test';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';
import { makeCrowd, strain, timeToBoard } from './crowd.ts';

const forMs = Number(process.env['LIFTLOCK_PRESSURE_MS'] ?? 60_000);

describe('sixty environments and two hundred releases', { skip: withoutChromium, timeout: 600_000 }, () => {
  let stage: BrowserStage;
  before(async () => {
    stage = await openBrowserStage();
  });
  after(() => stage?.close());

  test('are measured', async (context) => {
    const project = await makeCrowd(stage);
    const page = await stage.enter(['admin', 'release-manager'], { handle: 'ann' });
    const small = await stage.project();
    for (const path of [`/p/${small}`, `/p/${small}`, `/p/${project}`])
      context.diagnostic(`the board of ${path}: ${await timeToBoard(page, path)} ms`);
    context.diagnostic(JSON.stringify(await strain(stage, page, forMs)));
  });
});
