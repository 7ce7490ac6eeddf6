/** What people write stays text, and what somebody may not see is nowhere. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeProject, pipelineFile } from '../world/api-server.ts';
import { openBrowserStage, visit, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
/** Reads as another word to whoever sees it: "evil" from right to left. */
const turned = '\u202elive\u202c';

describe('the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  before(async () => {
    stage = await openBrowserStage();
  });
  after(() => stage?.close());

  test('shows text of people as text, wherever it comes from', async () => {
    const project = await stage.project();
    await stage.commit(project, `${turned} ${hostile}`);
    await stage.api.post(`/api/v1/projects/${project}/environments/production/hold`, {
      reason: `${turned} ${hostile}`,
    });
    await stage.api.post('/api/v1/freezes', { project, environment: 'staging', reason: hostile });
    const page = await stage.enter(['admin', 'release-manager']);
    const blocked: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) blocked.push(message.text());
    });
    const seen = [];
    for (const path of [
      `/p/${project}`,
      `/p/${project}/environments/production`,
      `/p/${project}/releases/2`,
      `/p/${project}/plan/2/production`,
      `/p/${project}/controls`,
      `/p/${project}/emergency?release=2&environment=production`,
      `/audit?project=${project}`,
    ]) {
      await visit(page, path);
      const text = await page.locator('main').innerText();
      if (text.includes('<img src=x')) seen.push(path);
      assert.doesNotMatch(`${text} ${await page.title()}`, /[\u202a-\u202e\u2066-\u2069]/, path);
      assert.equal(await page.locator('main img, main script').count(), 0, path);
      assert.doesNotMatch(await page.title(), /owned/);
    }
    assert.ok(seen.length >= 5, `the text was shown on ${seen.join(', ')} only`);
    assert.deepEqual(blocked, [], 'the policy had nothing to stop');
  });

  test('makes no link of an address that is none', async () => {
    const { name } = await makeProject(stage.api);
    const text = pipelineFile(name).replace(
      'name: production, kind: production,',
      'name: production, kind: production, url: "javascript:alert(1)",',
    );
    const { status } = await stage.api.post('/api/v1/projects', { text });
    const page = await stage.enter(['release-manager']);
    for (const path of [`/p/${name}`, `/p/${name}/environments/production`]) {
      await page.goto(path);
      await page.locator('main h1').waitFor();
      assert.equal(await page.locator('a[href^="javascript:" i]').count(), 0);
    }
    // Whoever wrote it was told before it came that far.
    assert.equal(status, 422);
  });

  test('shows somebody of one project nothing of another', async () => {
    const [own, foreign] = [await stage.project(), await stage.project()];
    const title = 'a secret change';
    const page = await stage.enter(['release-manager', 'maintainer'], { project: own });
    const told: string[] = [];
    page.on('response', async (response) => {
      if (!response.url().includes('/api/')) return;
      told.push(`${response.url()} ${await response.text().catch(() => '')}`);
    });
    await page.goto(`/p/${own}`);
    await page.getByRole('article', { name: 'staging' }).waitFor();
    await stage.commit(foreign, title);
    await stage.commit(own, 'our own change');
    await page.getByText('our own change').first().waitFor();
    await page.goto('/audit');
    await page.getByRole('row').nth(3).waitFor();
    await see(page, [title, foreign]);
    const screens = ['', '/environments/staging', '/releases/2', '/plan/2/production', '/rollout/staging'];
    const forms = ['/controls', '/emergency?release=2&environment=production', '/file'];
    for (const path of [...screens, ...forms]) {
      await page.goto(`/p/${foreign}${path}`);
      await page
        .getByText(/could not be shown|no project/)
        .first()
        .waitFor();
      await see(page, [title]);
    }
    for (const path of [`/audit?project=${foreign}`, `/notifications?project=${foreign}`]) {
      await page.goto(path);
      await page
        .getByText(/could not be shown|no project/)
        .first()
        .waitFor();
    }
    for (const path of ['/notifications', '/setup', '/you', '/audit?kind=release', '/audit?release=2']) {
      await visit(page, path);
      await see(page, [title, foreign]);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('secret');
    await page.getByText('Nothing is called that.').waitFor();
    await see(page, [title]);
    assert.ok(told.length > 10);
    assert.deepEqual(
      told.filter((answer) => answer.includes(title)),
      [],
    );
  });

  /** That none of this can be seen; where the person asked for it himself his own words are not an answer. */
  async function see(page: Page, nothingOf: readonly string[]): Promise<void> {
    const text = await page.locator('body').innerText();
    for (const secret of nothingOf) assert.ok(!text.includes(secret), `${page.url()} shows ${secret}`);
  }
});
