/** A release goes from staging to production and back again, by people who touch nothing but the console. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { act, decide, openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('in the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let ann: Page;
  let ben: Page;
  let cyd: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ approval: 'count: 2', trust: 'separation: two-person' });
    [ann, ben, cyd] = [
      await stage.enter(['release-manager'], { handle: 'ann' }),
      await stage.enter(['maintainer'], { handle: 'ben' }),
      await stage.enter(['release-manager'], { handle: 'cyd' }),
    ];
  });
  after(() => stage?.close());

  const plan = (page: Page, release: number) => page.goto(`/p/${project}/plan/${release}/production`);

  test('the pipeline shows what the API says', async () => {
    const { body } = await stage.api.get(`/api/v1/projects/${project}/status`);
    for (const { name, running } of body.environments) {
      const card = ann.getByRole('article', { name });
      const text = await card.innerText();
      assert.match(
        text,
        running === null ? /nothing has been deployed here yet/i : new RegExp(`#${running.release.number} `),
      );
    }
  });

  test('one asks for production, two others approve exactly that plan, and it serves', async () => {
    await ann.getByRole('article', { name: 'staging' }).getByRole('link', { name: /^#1/ }).click();
    await ann.getByRole('listitem').filter({ hasText: 'production' }).getByRole('link', { name: /why/ }).click();
    await ann
      .getByText('If you ask for it, your approval does not count: nobody approves what he asked for.')
      .waitFor();
    await act(ann, 'Promote to production', (dialog) => dialog.getByText(/your approval does not count/).waitFor());
    for (const [page, who] of [
      [ben, 'ben'],
      [cyd, 'cyd'],
    ] as const) {
      await plan(page, 1);
      await stage.until(page.getByRole('button', { name: 'Approve this plan' }));
      const statement = JSON.parse(await decide(page, 'Approve this plan', `${who} has looked`));
      assert.deepEqual([statement.person, statement.decision, statement.reason], [who, 'approve', `${who} has looked`]);
    }
    // No job runs here before the test says so.
    await cyd.getByRole('link', { name: 'Watch it in production' }).waitFor();
    for (const name of ['Approve this plan', 'Reject', 'Withdraw my approval'])
      assert.equal(
        await cyd.getByRole('button', { name, exact: true }).count(),
        0,
        'it deploys: nothing is left to decide',
      );
    await ann.goto(`/p/${project}`);
    await stage.until(ann.getByRole('article', { name: 'production' }).getByRole('link', { name: /^#1/ }));
    const { body } = await stage.api.get(`/api/v1/projects/${project}/status`);
    assert.equal(body.environments[2].running.release.number, 1);
  });

  test('whoever asked for it may not approve it, and is told why', async () => {
    await stage.commit(project, 'the second');
    await plan(ann, 2);
    await act(ann, 'Promote to production');
    await stage.api.work();
    await ann.reload();
    await stage.until(ann.getByRole('button', { name: 'Approve this plan' }));
    await ann.getByText('You cannot approve it: ann is who asked for it.').waitFor();
    assert.equal(await ann.getByRole('link', { name: 'break-glass' }).count(), 0, 'it is off in this project');
    await ann.getByRole('button', { name: 'Approve this plan' }).click();
    const dialog = ann.getByRole('dialog', { name: 'Approve this plan' });
    await dialog.getByRole('textbox').fill('I made it, so it is good');
    await dialog.getByRole('button', { name: 'Read what I sign' }).click();
    await dialog.getByText(/^Refused: /).waitFor();
  });

  test('the second release is approved, watched and taken back', async () => {
    for (const page of [ben, cyd]) {
      await plan(page, 2);
      await decide(page, 'Approve this plan', 'looked at');
    }
    await ann.goto(`/p/${project}/environments/production`);
    await stage.until(ann.getByRole('link', { name: /^#2 the second/ }));
    await act(ann, 'Roll back to #1', 'orders are lost');
    await stage.until(ann.getByRole('link', { name: /^#1 first change/ }));
    await ann
      .getByRole('row', { name: /rollback/ })
      .first()
      .waitFor();
  });

  test('a release that is rejected stays out, and everybody sees it at once', async () => {
    await stage.commit(project, 'the third');
    await plan(ann, 3);
    await act(ann, 'Promote to production');
    await plan(ben, 3);
    await stage.until(ben.getByRole('button', { name: 'Reject', exact: true }));
    await decide(ben, 'Reject', 'the total is wrong');
    await ann.goto(`/p/${project}/plan/3/production`);
    await stage.until(ann.getByRole('row', { name: /approval closed/ }));
    await ann
      .getByText(/the total is wrong/)
      .first()
      .waitFor();
  });
});
