/** What happened is searched by the server, beyond what one page shows; what one looks for is in the address. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { query } from '../world/make.ts';
import { openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('the audit screen', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let ann: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    await stage.api.post(`/api/v1/projects/${project}/environments/staging/hold`, { reason: 'let us look' });
    // More than any page shows, all of them newer.
    await query(
      stage.api.database.url,
      `insert into events (at, kind, actor, data) select 1, 'test.filled', 'test', '{}' from generate_series(1, 450)`,
    );
    ann = await stage.enter(['admin', 'maintainer'], { handle: 'ann' });
    await ann.goto('/audit');
    await ann
      .getByRole('row', { name: /test\.filled/ })
      .first()
      .waitFor();
  });
  after(() => stage?.close());

  const rows = () => ann.getByRole('region', { name: 'Table: Events' }).getByRole('row');
  const search = async (values: Readonly<Record<string, string>>) => {
    const form = ann.getByRole('search');
    for (const [label, value] of Object.entries(values)) await form.getByLabel(label, { exact: true }).fill(value);
    await form.getByRole('button', { name: 'Search' }).click();
  };

  test('what is not among the newest is found, by noun, person and place', async () => {
    assert.equal(await ann.getByRole('row', { name: /environment\.held/ }).count(), 0);
    await search({ Kind: 'environment', Who: 'tess', Environment: 'staging' });
    await ann.getByRole('row', { name: /environment\.held tess shop-1 staging/ }).waitFor();
    assert.equal(await rows().count(), 2, 'the heading, and what matches');
    await ann.waitForURL(/\?kind=environment&actor=tess&environment=staging$/);
    await ann.getByText('liftlock events --kind environment --by tess --environment staging').waitFor();
    await ann.reload();
    await ann.getByRole('row', { name: /environment\.held/ }).waitFor();
  });

  test('by release and by time; and that nothing matches is said of the whole log', async () => {
    await ann.goto('/audit?release=1');
    await ann.getByRole('row', { name: /release\.created .* #1/ }).waitFor();
    assert.equal(await ann.getByRole('row', { name: /test\.filled/ }).count(), 0);
    await search({ From: '2031-01-01T00:00' });
    await ann.getByText('Nothing in the whole log matches.').waitFor();
  });

  test('one goes back page by page, and takes along what is shown', async () => {
    await ann.goto('/audit');
    const first = await rows().nth(1).innerText();
    await ann.getByRole('button', { name: '200 before these' }).click();
    await ann.waitForURL(/before=/);
    await ann.getByRole('button', { name: 'The newest' }).waitFor();
    await ann.getByRole('button', { name: '200 before these' }).click();
    await ann.getByRole('row', { name: /environment\.held/ }).waitFor();
    const [saved] = await Promise.all([
      ann.waitForEvent('download'),
      ann.getByRole('link', { name: 'Save these events' }).click(),
    ]);
    const lines = readFileSync(await saved.path(), 'utf8')
      .trim()
      .split('\n');
    assert.ok(lines.some((line) => JSON.parse(line).kind === 'environment.held'));
    await ann.getByRole('button', { name: 'The newest' }).click();
    await rows()
      .nth(1)
      .filter({ hasText: first.slice(-8) })
      .waitFor();
  });
});
