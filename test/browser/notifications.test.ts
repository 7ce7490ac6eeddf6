/** Channels are added, tried and removed in the console, and what did not arrive is seen and delivered again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { query } from '../world/make.ts';
import { insertDeadNotification } from '../make/records.ts';
import { act, openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('notifications in the console', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let ann: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project();
    ann = await stage.enter(['maintainer'], { handle: 'ann' });
    await ann.goto('/notifications');
  });
  after(() => stage?.close());

  const channels = async () => (await stage.api.get('/api/v1/channels')).body.channels;

  /** Fills in the dialog, by label; answers the command that it shows. */
  async function add(kind: string, values: Readonly<Record<string, string>>): Promise<string> {
    let command = '';
    await act(ann, 'Add a channel', async (dialog) => {
      await dialog.getByLabel('Tell by').selectOption(kind);
      for (const [label, value] of Object.entries(values)) await dialog.getByLabel(new RegExp(`^${label}`)).fill(value);
      command = await dialog.getByText(/^liftlock /).innerText();
    });
    return command;
  }

  test('by webhook, by e-mail and by a command', async () => {
    await ann.getByText('Nobody is told anything yet').waitFor();
    const webhook = {
      'Name(?! of)': 'pager',
      Address: 'https://pager.example.org/{HOOK}',
      'Name of the secret that signs': 'SIGN',
    };
    assert.equal(
      await add('webhook', webhook),
      `liftlock -p ${project} channel add pager --webhook 'https://pager.example.org/{HOOK}' --secret SIGN`,
    );
    const mail = {
      'Mail server': 'mail.example.org:465',
      'From(?! this)': 'liftlock@example.org',
      'To, sep': 'ann@example.org',
      'Name(?! of)': 'post',
    };
    assert.match(
      await add('e-mail', mail),
      /channel add post --email ann@example\.org --smtp mail\.example\.org:465 --security tls --from liftlock@example\.org$/,
    );
    assert.match(
      await add('command', { 'Name(?! of)': 'bell', 'Command line': 'ring "$1"' }),
      /--command 'ring "\$1"'$/,
    );
    const added = await channels();
    assert.deepEqual(added.map(({ name, kind, project: of }: Record<string, string>) => [name, kind, of]).toSorted(), [
      ['bell', 'command', project],
      ['pager', 'webhook', project],
      ['post', 'email', project],
    ]);
    await ann
      .getByRole('row', { name: new RegExp(`pager ${project} webhook`) })
      .getByText('in use')
      .waitFor();
  });

  test('a test goes through one channel alone, and removing one ends it', async () => {
    const row = (name: string) => ann.getByRole('row', { name: new RegExp(`^${name} `) });
    await act(row('bell'), 'Test');
    const tested = await query(stage.api.database.url, `select 1 from events where kind = 'channel.tested'`);
    assert.equal(tested.length, 1);
    await act(row('post'), 'Remove');
    await row('post').waitFor({ state: 'detached' });
    assert.deepEqual((await channels()).map(({ name }: { name: string }) => name).toSorted(), ['bell', 'pager']);
  });

  test('what did not arrive is found by the filter in the address, with its attempts, and delivered again', async () => {
    const { body } = await stage.api.get('/api/v1/projects');
    const of = body.projects.find(({ name }: { name: string }) => name === project);
    await stage.api.store.transaction((tx) => insertDeadNotification(tx, of.id));
    const { name } = (await channels()).find((one: { dead: number }) => one.dead === 1);
    await ann.getByLabel('Delivery').selectOption('dead');
    await ann.waitForURL(/\?state=dead$/);
    const row = ann.getByRole('region', { name: 'Table: Notifications' }).getByRole('row', { name: /dead/ });
    await row.getByRole('button', { name: /^Attempts/ }).click();
    await ann.getByText(/^liftlock notification show/).waitFor();
    await act(ann, 'Deliver again');
    await row.waitFor({ state: 'detached' });
    const { notifications } = (await stage.api.get('/api/v1/notifications?state=waiting')).body;
    assert.equal(notifications[0].deliveries[0].channel, name);
  });

  test('whoever is of another project sees neither channel nor notification', async () => {
    const other = await stage.project();
    const eve = await stage.enter(['maintainer'], { handle: 'eve', project: other });
    await eve.goto('/notifications');
    await eve.getByText('Nobody is told anything yet').waitFor();
    assert.equal(await eve.getByText('pager').count(), 0);
    await eve.goto(`/notifications?project=${project}`);
    await eve
      .getByText(/could not be shown|no project/)
      .first()
      .waitFor();
  });
});
