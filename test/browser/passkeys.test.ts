/** A passkey is enrolled, signs an approval, and is removed, in the console; Chromium has a virtual authenticator. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { query } from '../world/make.ts';
import { act, openBrowserStage, requested, through, type BrowserStage } from './browser-stage.ts';
import { giveAuthenticator, withoutChromium } from './chromium.ts';

describe('passkeys in the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let rob: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ trust: 'separation: two-person', approval: 'count: 1, passkey: required' });
    await stage.api.post(`/api/v1/projects/${project}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
    // Passkeys belong to a name.
    const baseURL = stage.server.url.replace('127.0.0.1', 'localhost');
    rob = await stage.enter(['release-manager'], { handle: 'rob', context: { baseURL } });
    await giveAuthenticator(rob);
  });
  after(() => stage?.close());

  async function openDecision(release: number): Promise<Locator> {
    await rob.goto(`/p/${project}/plan/${release}/production`);
    await rob.getByRole('button', { name: 'Approve this plan' }).click();
    const dialog = rob.getByRole('dialog', { name: 'Approve this plan' });
    await dialog.getByRole('textbox').fill('looks right');
    await dialog.getByRole('button', { name: 'Read what I sign' }).click();
    return dialog;
  }

  test('without one, where it is required, one is told what to do', async () => {
    const dialog = await openDecision(1);
    await dialog.getByText(/^Refused: .*has no passkey — enrol one/).waitFor();
    await dialog.getByRole('button', { name: 'Not now' }).click();
  });

  test('one is enrolled', async () => {
    await rob.getByRole('link', { name: 'rob' }).click();
    await rob.getByText('You have none yet').waitFor();
    await act(rob, 'Enrol a passkey', (dialog) => dialog.getByLabel(/^Name/).fill('laptop'));
    await rob
      .getByRole('row', { name: /laptop/ })
      .getByText('never')
      .waitFor();
  });

  test('R21: it signs what was read, word for word', async () => {
    const dialog = await openDecision(1);
    const statement = await dialog.getByRole('region', { name: 'This is what you sign, word for word' }).innerText();
    assert.equal(await dialog.getByRole('button', { name: /without a passkey/ }).count(), 0);
    await dialog.getByRole('button', { name: 'Approve and sign with a passkey' }).click();
    await requested(dialog);
    const [kept] = await query(
      stage.api.database.url,
      `select means, statement, signature -> 'response' ? 'signature' as signed from approvals where actor = 'rob'`,
    );
    assert.deepEqual(kept, { means: 'passkey', statement, signed: true });
  });

  test('it is removed, and signs nothing any more', async () => {
    await rob.goto('/you');
    await act(rob, 'Remove laptop');
    await rob.getByText('You have none yet').waitFor();
    await stage.commit(project, 'the second');
    await stage.api.post(`/api/v1/projects/${project}/promotions`, { release: '2', environment: 'production' });
    await stage.api.work();
    const deciding = await openDecision(2);
    await deciding.getByText(/^Refused: .*has no passkey/).waitFor();
  });

  test('a token is made, told once, good for what it says, and ended', async () => {
    await rob.goto('/you');
    const made = await through(rob, 'Make a token', async (dialog) => {
      await dialog.getByLabel('What it is for').fill('night backup');
      await dialog.getByRole('checkbox', { name: project }).check();
      await dialog.getByLabel(/^Only for these actions/).fill('project:read');
      await dialog
        .getByText(`liftlock token create 'night backup' --days 90 --project ${project} --permission project:read`)
        .waitFor();
    });
    const token = await made.getByText(/^liftlock_/).innerText();
    const ask = (path: string) =>
      fetch(`${stage.api.server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await ask(`/api/v1/projects/${project}/status`)).status, 200);
    assert.equal((await ask(`/api/v1/projects/${project}/releases`)).status, 403);
    await made.getByRole('button', { name: 'Close' }).click();
    await act(rob, 'End night backup');
    await rob
      .getByRole('row', { name: /night backup/ })
      .getByText('ended')
      .waitFor();
    assert.equal((await ask(`/api/v1/projects/${project}/status`)).status, 401);
  });
});
