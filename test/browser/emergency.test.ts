/** Two people pass a gate in the console, and one looks back at it; what people set to stop things is set and lifted there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { act, openBrowserStage, requested, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

describe('in an emergency', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let path: string;
  let ann: Page;
  let ben: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ trust: 'separation: two-person, breakGlass: two-person' });
    path = `/api/v1/projects/${project}`;
    ann = await stage.enter(['release-manager'], { handle: 'ann' });
    ben = await stage.enter(['maintainer'], { handle: 'ben' });
    await stage.api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
  });
  after(() => stage?.close());

  test('R25: one asks for exactly the gates that are shut, on a screen that looks like no other', async () => {
    await ann.goto(`/p/${project}/plan/1/production`);
    await ann.getByText('In an emergency two people may pass approval: break-glass.').waitFor();
    await ann.getByRole('link', { name: 'break-glass' }).click();
    await ann.waitForURL(/emergency\?release=1&environment=production$/);
    await ann.getByRole('button', { name: 'Ask for break-glass' }).click();
    const dialog = ann.getByRole('dialog', { name: 'Ask for break-glass' });
    assert.equal(await dialog.getByRole('checkbox', { checked: true }).count(), 0, 'nothing is chosen beforehand');
    const border = await dialog.evaluate(
      (element) => element.ownerDocument.defaultView!.getComputedStyle(element).borderTopWidth,
    );
    assert.equal(border, '3px');
    await dialog.getByRole('checkbox', { name: 'approval' }).check();
    await dialog.getByLabel(/^Address/).fill('https://incidents.example.org/7');
    await dialog.getByLabel(/^Why/).fill('the shop is down');
    await dialog
      .getByText(
        "liftlock break-glass request 1 production --gates approval --incident https://incidents.example.org/7 --expires 1h --reason 'the shop is down'",
      )
      .waitFor();
    await dialog.getByRole('button', { name: 'Ask for break-glass' }).click();
    await requested(dialog);
    await dialog.getByRole('button', { name: 'Close' }).click();
    const [asked] = (await stage.api.get(`${path}/break-glass`)).body.breakGlasses;
    assert.deepEqual(
      [asked.gates, asked.requestedBy, asked.incident, asked.confirmed],
      [['approval'], 'ann', 'https://incidents.example.org/7', null],
    );
  });

  test('R25: whoever asked cannot be the second person, and reads why', async () => {
    await ann.getByRole('button', { name: 'Confirm as the second person' }).click();
    const dialog = ann.getByRole('dialog', { name: 'Confirm as the second person' });
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Confirm as the second person' }).click();
    await dialog.getByText(/^Refused: ann asked for/).waitFor();
    await dialog.getByRole('button', { name: 'Not now' }).click();
  });

  test('R25: another confirms, it goes, and what was learnt is written down', async () => {
    await ben.goto(`/p/${project}/emergency`);
    await ben.getByRole('region', { name: 'A second person is wanted' }).getByText('the shop is down').waitFor();
    await act(ben, 'Confirm as the second person', (dialog) => dialog.getByRole('checkbox').check());
    await stage.until(ben.getByRole('row', { name: /approval ann: the shop is down .* ben, .* used/ }));
    const { body } = await stage.api.get(`${path}/status`);
    assert.equal(body.environments[2].running.release.number, 1);
    await act(ben, 'Close the follow-up', (dialog) =>
      dialog.getByLabel(/^What was learnt/).fill('two people were awake'),
    );
    await ben.getByRole('row', { name: /closed .* ben: two people were awake/ }).waitFor();
    const { followUps } = (await stage.api.get(`${path}/follow-ups`)).body;
    assert.equal(followUps[0].closed.conclusion, 'two people were awake');
  });

  test('R26–R30: a freeze with an end, a hold, a pin and a veto are set, seen and lifted', async () => {
    await ann.goto(`/p/${project}/controls`);
    await act(ann, 'Freeze', async (dialog) => {
      await dialog.getByRole('combobox').selectOption('production');
      await dialog.getByLabel(/^Until/).fill('2099-01-02T08:00');
      await dialog.getByRole('checkbox', { name: 'break-glass' }).uncheck();
      await dialog.getByLabel(/^Why/).fill('the year ends');
    });
    const [frozen] = (await stage.api.get(`/api/v1/freezes?project=${project}`)).body.freezes;
    assert.deepEqual([frozen.environment, frozen.exempt, frozen.reason], ['production', ['rollback'], 'the year ends']);
    assert.ok(frozen.until > Date.now());
    await ann.getByRole('row', { name: /^production in force ann: the year ends/ }).waitFor();
    await ann.goto(`/p/${project}/environments/production`);
    await ann.getByRole('row', { name: /^production in force ann: the year ends/ }).waitFor();
    await act(ann, 'Lift', 'it is over');
    await ann.getByText('Nothing is frozen.').waitFor();
    assert.deepEqual((await stage.api.get(`/api/v1/freezes?project=${project}`)).body.freezes, []);

    await ann.goto(`/p/${project}/controls`);
    const production = ann
      .getByRole('region', { name: 'Table: Holds and pins' })
      .getByRole('row', { name: /^production/ });
    const status = async () => (await stage.api.get(`${path}/status`)).body.environments[2];
    for (const [label, other] of [
      ['Hold', 'Release hold'],
      ['Pin', 'Unpin'],
    ] as const) {
      await act(production, label, (dialog) => dialog.getByLabel(/^Why/).fill('let us look first'));
      await production.getByText('let us look first').waitFor();
      const set = (await status())[label.toLowerCase()];
      assert.deepEqual([set.by, set.reason], ['ann', 'let us look first']);
      await act(production, other, (dialog) => dialog.getByLabel(/^Why/).fill('looked'));
      await production.getByRole('button', { name: label, exact: true }).waitFor();
      assert.equal((await status())[label.toLowerCase()], null);
    }

    await act(ann, 'Veto', async (dialog) => {
      await dialog.getByLabel(/^Release/).fill('#1');
      await dialog.getByLabel(/^Why/).fill('it loses orders');
      await dialog.getByText("liftlock veto 1 --reason 'it loses orders'").waitFor();
    });
    await ann.getByRole('row', { name: /#1 first change every environment ann: it loses orders/ }).waitFor();
    assert.equal((await stage.api.get(`${path}/vetoes`)).body.vetoes[0].reason, 'it loses orders');
    await act(ann, 'Lift', 'it does not');
    await ann.getByText('No release is marked bad.').waitFor();
    assert.deepEqual((await stage.api.get(`${path}/vetoes`)).body.vetoes, []);
  });

  test('R27: a freeze of every project is seen at once wherever one looks, and that it was lifted, too', async () => {
    await ann.goto(`/p/${project}/controls`);
    await ann.getByText('Nothing is frozen.').waitFor();
    await ben.goto(`/p/${project}`);
    const production = ben.getByRole('article', { name: 'production' });
    await production.getByText('#1').first().waitFor();
    await act(ann, 'Freeze', async (dialog) => {
      await dialog.getByRole('combobox').selectOption('every project');
      await dialog.getByLabel(/^Why/).fill('the network is being mended');
    });
    await ann.getByRole('row', { name: /^every project in force ann: the network is being mended/ }).waitFor();
    await production.getByText('frozen', { exact: true }).waitFor();
    await act(ann, 'Lift', 'it works');
    await ann.getByText('Nothing is frozen.').waitFor();
    await production.getByText('frozen', { exact: true }).waitFor({ state: 'detached' });
  });

  test('R27: a freeze that begins later is announced, begins by itself, and can be called off before', async () => {
    await ben.goto(`/p/${project}`);
    const production = ben.getByRole('article', { name: 'production' });
    await ann.goto(`/p/${project}/controls`);
    await act(ann, 'Freeze', async (dialog) => {
      await dialog.getByRole('combobox').selectOption('production');
      await dialog.getByLabel(/^From/).fill('2098-12-24T08:00');
      await dialog.getByLabel(/^Until/).fill('2099-01-02T08:00');
      await dialog.getByLabel(/^Why/).fill('the year ends');
      await dialog.getByText(/^liftlock -p \S+ freeze production --from 2098-12-2\S+Z --until 2099-/).waitFor();
    });
    await ann.getByRole('row', { name: /^production to come ann: the year ends in \d+ days/ }).waitFor();
    await production.getByText(/^To be frozen in \d+ days by ann: the year ends$/).waitFor();
    assert.equal(await production.getByText('frozen', { exact: true }).count(), 0);
    await act(ann, 'Call off', 'it does not');
    await ann.getByText('Nothing is frozen.').waitFor();
    await production.getByText(/^To be frozen/).waitFor({ state: 'detached' });

    const soon = { project, environment: 'production', reason: 'a short one', from: Date.now() + 4_000 };
    const { body } = await stage.api.post('/api/v1/freezes', { ...soon, until: soon.from + 4_000 });
    assert.match(body.freeze, /^frz_/);
    await production.getByText(/^To be frozen/).waitFor();
    await production.getByText('frozen', { exact: true }).waitFor();
    assert.ok(Date.now() >= soon.from, 'not before its time');
    await production.getByText('frozen', { exact: true }).waitFor({ state: 'detached' });
    assert.ok(Date.now() >= soon.from + 4_000, 'and no shorter');
  });

  test('R19: a file that asks for less waits until a second person has read what gets weaker', async () => {
    const { body } = await stage.api.get(`${path}/pipeline`);
    const text = body.text
      .split('\n')
      .filter((line: string) => !line.includes('name: production'))
      .join('\n');
    assert.equal((await stage.api.post('/api/v1/projects', { text })).body.proposed.length, 1);
    await ben.goto(`/p/${project}/file`);
    await ben.getByText(/^production: it is gone, with its gates/).waitFor();
    const differs = await ben.getByRole('region', { name: 'Lines that differ' }).innerText();
    assert.match(differs, /^- {3}- \{ name: production/);
    await act(ben, 'Reject it', 'not before the move');
    assert.equal((await stage.api.get(`${path}/proposal`)).body.proposal, null);
    await ben.getByText(/^production: it is gone/).waitFor({ state: 'detached' });
    await stage.api.post('/api/v1/projects', { text });
    await act(ben, 'Put it in force', 'it moved away');
    assert.equal((await stage.api.get(`${path}/pipeline`)).body.text, text);
    const inForce = ben.getByRole('region', { name: 'The file in force' });
    await inForce.filter({ hasNotText: 'name: production' }).waitFor();
  });

  test('what runs in an environment that left the pipeline can be stopped there', async () => {
    await ann.goto(`/p/${project}/controls`);
    await act(ann, 'Stop production', 'it moved away');
    const { environments } = (await stage.api.get(`${path}/status`)).body;
    const production = environments.find(({ name }: { name: string }) => name === 'production');
    assert.ok(
      production === undefined || production.stopRequest.reason === 'it moved away',
      JSON.stringify(production),
    );
  });
});
