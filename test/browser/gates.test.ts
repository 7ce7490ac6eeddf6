/** Everything that people say before a release goes on, said in the console and found in the API. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { ask } from '../world/api-server.ts';
import { act, decide, openBrowserStage, type BrowserStage } from './browser-stage.ts';
import { withoutChromium } from './chromium.ts';

const gates = [
  '{ gate: review }',
  '{ gate: security, claimed: allowed }',
  '{ gate: qa }',
  '{ gate: notes }',
  '{ gate: plan }',
];

/** Within a year: nobody answers for a finding longer than that. */
const inSixtyDays = `${new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)}T12:00`;

const scan = JSON.stringify({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'looker', rules: [{ id: 'CVE-2026-7', properties: { 'security-severity': '9.1' } }] } },
      invocations: [{ executionSuccessful: true }],
      results: [{ ruleId: 'CVE-2026-7', level: 'error', message: { text: 'it can be read from outside' } }],
    },
  ],
});

describe('at the gates of production', { skip: withoutChromium, timeout: 240_000 }, () => {
  let stage: BrowserStage;
  let project: string;
  let path: string;
  let ann: Page;
  let quinn: Page;

  before(async () => {
    stage = await openBrowserStage();
    project = await stage.project({ gates });
    path = `/api/v1/projects/${project}`;
    ann = await stage.enter(['release-manager'], { handle: 'ann' });
    quinn = await stage.enter(['qa'], { handle: 'quinn' });
    await stage.api.post(`${path}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
    for (const page of [ann, quinn]) await page.goto(`/p/${project}/plan/1/production`);
  });
  after(() => stage?.close());

  const gate = async (name: string) => {
    await stage.api.work();
    const { body } = await stage.api.get(`${path}/why?release=1&environment=production`);
    return body.answers.find((one: { gate: string }) => one.gate === name);
  };

  test('commits are read and reviewed', async () => {
    await ann
      .getByRole('row', { name: /first change/ })
      .first()
      .waitFor();
    await act(ann, 'Request changes', 'the total looks wrong');
    assert.match((await gate('review')).because, /ann/);
    await ann.getByText('wants changes').waitFor();
    await act(ann, 'Approve commits', 'it is right after all');
    assert.equal((await gate('review')).answer, 'open');
    await ann.getByText('it is right after all').waitFor();
  });

  test('a report is added as it is, and somebody answers for what it found, until a time', async () => {
    await act(ann, 'Add a report', async (dialog) => {
      await dialog.getByLabel('File').setInputFiles({
        name: 'scan.sarif',
        mimeType: 'application/json',
        buffer: Buffer.from(`\ufeff${scan}`),
      });
      await dialog.getByLabel(/^Name/).fill('looker');
    });
    const { evidence } = (await stage.api.get(`${path}/releases/1/evidence`)).body;
    const added = evidence.find((one: { name: string }) => one.name === 'looker');
    assert.deepEqual([added.by, added.standing, added.verdict], ['ann', 'claimed', 'FAIL']);

    await act(ann, 'Answer for a finding', async (dialog) => {
      await dialog.getByLabel(/^Finding/).fill('CVE-2026-7');
      await dialog.getByLabel('Until').fill(inSixtyDays);
      await dialog.getByLabel(/^Why/).fill('only reachable from inside');
      await dialog.getByText(/liftlock suppress CVE-2026-7 --until 20\d\d-\d\d-\d\dT\d\d:\d\dZ --reason/).waitFor();
    });
    const [kept] = (await stage.api.get(`${path}/suppressions`)).body.suppressions;
    assert.deepEqual([kept.finding, kept.owner, kept.reason], ['CVE-2026-7', 'ann', 'only reachable from inside']);
    await ann
      .getByRole('row', { name: /CVE-2026-7/ })
      .getByText('does not block')
      .waitFor();
    await act(ann, 'Lift', 'it is mended');
    assert.deepEqual((await stage.api.get(`${path}/suppressions`)).body.suppressions, []);
  });

  test('QA signs off where it was tried, on the evidence shown', async () => {
    await act(quinn, 'Sign off', async (dialog) => {
      await dialog.getByLabel('Tried in').selectOption('staging');
      await dialog.getByLabel(/^Why/).fill('ordered three things');
      await dialog.getByText("liftlock sign-off 1 staging --reason 'ordered three things'").waitFor();
    });
    assert.match((await gate('qa')).because, /signed off by quinn in staging: ordered three things/);
    await quinn.getByRole('row', { name: /sign-off PASS ordered three things/ }).waitFor();
  });

  test('whoever is not QA is told so, by the server', async () => {
    await ann.getByRole('button', { name: 'Sign off' }).click();
    const dialog = ann.getByRole('dialog', { name: 'Sign off' });
    await dialog.getByLabel(/^Why/).fill('looks fine');
    await dialog.getByRole('button', { name: 'Sign off' }).click();
    await dialog.getByText(/^Refused: /).waitFor();
    await dialog.getByRole('button', { name: 'Not now' }).click();
  });

  test('release notes are read, written, and accepted as they were read', async () => {
    await act(ann, 'Write the notes', (dialog) =>
      dialog.getByLabel(/^Release notes/).fill('- the first of all <b>changes</b>'),
    );
    await ann.getByText('- the first of all <b>changes</b>').waitFor();
    await act(ann, 'Accept the notes');
    assert.match((await gate('notes')).because, /written by ann, accepted by ann/);
  });

  test('the plan is accepted, then approved, and then it goes', async () => {
    // A later scan finds nothing.
    const clean = scan.replace(/"results":\[.*\]\}\]\}/, '"results":[]}]}');
    const added = await ask(stage.api.server, `${path}/releases/1/evidence?name=looker`, {
      method: 'POST',
      body: clean,
    });
    assert.equal(added.body.verdict, 'PASS', JSON.stringify(added.body));
    await act(ann, 'Accept the plan', 'read');
    assert.match((await gate('plan')).because, /accepted by ann/);
    const statement = JSON.parse(await decide(ann, 'Approve this plan', 'all is said'));
    const { body } = await stage.api.get(`${path}/plan?release=1&environment=production`);
    assert.equal(statement.plan, body.planHash);
    await stage.until(ann.getByText('running', { exact: true }));
  });

  test('what one approved can be taken back before it starts', async () => {
    await stage.commit(project, 'the second');
    await stage.api.post(`${path}/promotions`, { release: '2', environment: 'production' });
    await stage.api.work();
    await ann.goto(`/p/${project}/plan/2/production`);
    await decide(ann, 'Approve this plan', 'looked at');
    assert.match(
      (await stage.api.get(`${path}/why?release=2&environment=production`)).body.answers.at(-1).because,
      /ann/,
    );
    await stage.until(ann.getByRole('button', { name: 'Withdraw my approval' }));
    await act(ann, 'Withdraw my approval', 'not yet');
    const { body } = await stage.api.get(`${path}/why?release=2&environment=production`);
    assert.doesNotMatch(body.answers.at(-1).because, /ann/);
  });

  test('a question of the project’s own is asked again at once', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'liftlock-ticket-'));
    t.after(() => rm(folder, { recursive: true }));
    const asking = await stage.project({
      gates: [`{ gate: custom, name: ticket, run: "test -e '${folder}/go' || exit 75" }`],
    });
    await stage.api.post(`/api/v1/projects/${asking}/promotions`, { release: '1', environment: 'production' });
    await stage.api.work();
    await ann.goto(`/p/${asking}/plan/1/production`);
    await ann.getByRole('row', { name: /^custom waiting/ }).waitFor();
    await writeFile(join(folder, 'go'), '');
    await act(ann, 'Ask again now');
    await stage.until(ann.getByRole('row', { name: /^custom open/ }));
  });
});
