/** An administrator lets people in, gives roles and adds keys in the console; whoever is none reads whose it is to do. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { ownEd25519 } from '../contracts/signatures/ssh-keys.ts';
import { act, openBrowserStage, through, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('people and setup', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let ann: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    ann = await stage.enter(['admin'], { handle: 'ann' });
    await ann.goto('/people');
  });
  after(() => stage?.close());

  const person = () => ann.getByRole('region', { name: 'Table: People' }).getByRole('row', { name: /^dora/ });

  test('somebody is made known, gets a role for a time, and a link that signs in once', async () => {
    await act(ann, 'Add a person', async (dialog) => {
      await dialog.getByLabel('Handle').fill('dora');
      await dialog.getByLabel('Name in full').fill('Dora Doe');
      await dialog.getByLabel(/^Addresses/).fill('dora@example.org');
      await dialog.getByText("liftlock person add dora --name 'Dora Doe' --email dora@example.org").waitFor();
    });
    await person().getByText('none: sees nothing').waitFor();
    await act(ann, 'Give a role', async (dialog) => {
      await dialog.getByLabel('To', { exact: false }).first().selectOption('dora');
      await dialog.getByLabel('Role').selectOption('developer');
      await dialog.getByLabel(/^Until/).fill('2031-01-01T00:00');
    });
    await person().getByText(`developer (${project})`).waitFor();
    const { grants } = (await stage.api.get('/api/v1/grants?person=dora')).body;
    assert.deepEqual([grants[0].role, grants[0].project, grants[0].by], ['developer', project, 'ann']);
    assert.ok(grants[0].until > Date.now());

    const linking = await through(person(), 'Make a link');
    const link = await linking.getByText(/\/sign-in#/).innerText();
    await linking.getByRole('button', { name: 'Close' }).click();
    const dora = await (await stage.browser.newContext()).newPage();
    await dora.goto(link);
    await dora.getByRole('button', { name: 'Sign in' }).click();
    await dora.getByRole('link', { name: 'dora' }).waitFor();
    await dora.goto(new URL('/people', link).href);
    await dora
      .getByText(/could not be shown/)
      .first()
      .waitFor();

    await dora.goto(new URL('/you', link).href);
    await dora.getByRole('region', { name: 'Table: Sessions' }).getByText('this browser').waitFor();
    await ann.reload();
    const session = ann.getByRole('region', { name: 'Table: Sessions' }).getByRole('row', { name: /^dora Chrome/ });
    await act(session, 'End session');
    await session.waitFor({ state: 'detached' });
    await dora.reload();
    await dora.waitForURL(/sign-in/);

    await act(person(), 'Disable');
    await person().getByText('disabled').waitFor();
  });

  test('a key is added from its file, counts, and is revoked with a reason', async () => {
    const { publicKey } = ownEd25519();
    await act(ann, 'Add a key', async (dialog) => {
      await dialog.getByLabel('Of', { exact: false }).first().selectOption('tess');
      await dialog.getByLabel(/^Public key/).setInputFiles({
        name: 'tess.pub',
        mimeType: 'text/plain',
        buffer: Buffer.from(`${publicKey} tess@laptop\n`),
      });
    });
    const row = ann.getByRole('region', { name: 'Table: Keys' }).getByRole('row', { name: /^tess/ });
    await row.getByText('counts').waitFor();
    const [signer] = (await stage.api.get('/api/v1/signers')).body.signers;
    assert.deepEqual([signer.owner, signer.comment, signer.addedBy], ['tess', 'tess@laptop', 'ann']);
    await act(row, 'Revoke', (dialog) => dialog.getByLabel(/^Why/).fill('the laptop is gone'));
    await row.getByText('ann: the laptop is gone').waitFor();
    assert.equal((await stage.api.get('/api/v1/signers')).body.signers[0].revoked.reason, 'the laptop is gone');
  });

  test('a CI job is let in by what its identity says, and shut out', async () => {
    await act(ann, 'Let a CI job in', async (dialog) => {
      await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('builds');
      await dialog
        .getByLabel(/^What they must say/)
        .fill('repository_id=7\nworkflow_ref=acme/shop/.github/workflows/ci.yml@refs/heads/main\nevent_name=push');
      await dialog.getByText(/--claim repository_id=7 --claim workflow_ref=/).waitFor();
    });
    const { machines } = (await stage.api.get('/api/v1/machines')).body;
    assert.deepEqual([machines[0].name, machines[0].claims.event_name], ['builds', 'push']);
    const row = ann.getByRole('region', { name: 'Table: Machines' }).getByRole('row', { name: /^builds/ });
    await act(row, 'Disable');
    await row.getByText('disabled').waitFor();
  });

  test('whoever is no administrator reads whose it is, and finds no button', async () => {
    const max = await stage.enter(['maintainer', 'auditor'], { handle: 'max' });
    await max.goto('/people');
    await max.getByText('To change this takes the role admin on every project (person:manage).').waitFor();
    assert.equal(await max.getByRole('button', { name: /Add a|Give a|Make a link|Revoke|Disable/ }).count(), 0);
  });

  test('setup says how far the first steps are, and what doctor finds with what mends it', async () => {
    await ann.goto('/setup');
    const steps = ann.getByRole('region', { name: 'First steps' }).getByRole('listitem');
    await steps.filter({ hasText: 'Let it reach the first environment' }).getByText('done').waitFor();
    const telling = steps.filter({ hasText: 'Have somebody told' });
    await telling.getByText('to do').waitFor();
    await telling.getByText('liftlock channel add').waitFor();
    const checks = ann.getByRole('region', { name: `Checks: ${project}` });
    const notifications = checks.getByRole('row', { name: /^notifications/ });
    await notifications.getByText('warning').waitFor();
    await notifications.getByText('liftlock channel add NAME --webhook URL').waitFor();
    const server = ann.getByRole('region', { name: 'Checks: The server' });
    await server.getByRole('row', { name: /^git ok git version/ }).waitFor();
    const { findings } = (await stage.api.get('/api/v1/doctor')).body;
    for (const { check, found } of findings) {
      const row = server.getByRole('row').filter({ has: ann.getByRole('rowheader', { name: check, exact: true }) });
      // What is free on the disk is another number every time one looks.
      await row.getByText(check === 'disk' ? found.replace(/^.*?(?= free)/, '') : found).waitFor();
    }
  });
});
