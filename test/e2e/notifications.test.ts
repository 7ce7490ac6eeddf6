/** Who is told what, by the real command line: channels to a real receiver and to a command. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ChannelView, NotificationView } from '../../src/api/contract/notifications.ts';
import { openStage, until, type Answer, type Running, type Stage } from './stage.ts';

const pipeline = `version: 1
project: told
source: { main: main, poll: 1s }
trust: { signatures: none, separation: none }
environments:
  - name: testing
    kind: qa
    after: []
    gates: []
    trigger: { on: manual }
    verify: { commands: [{ name: check, run: "exit 1" }] }
    rollback: manual
    target: { kind: command, deploy: "" }
  - { name: intake, kind: ci, trigger: { on: main }, verify: none, target: { kind: command, deploy: "" } }
`;

describe('notifications from the command line', { timeout: 240_000 }, () => {
  let stage: Stage;
  let control: Running;
  let status = 200;
  const received: { readonly type: string; readonly signature: string | undefined }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { type } = JSON.parse(body) as { type: string };
      received.push({ type, signature: request.headers['webhook-signature'] as string | undefined });
      response.writeHead(status).end();
    });
  });
  let url = '';

  before(async () => {
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    url = `http://${host}/told`;
    stage = await openStage();
    await stage.commit('the first', { 'liftlock.yaml': pipeline });
    control = stage.start(['up', '--port', '0'], { env: { LIFTLOCK_ALLOW_HOSTS: host } });
    await control.says(/Liftlock is up: told/);
  });
  after(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await stage?.close();
  });

  const liftlock = (line: string, more: readonly string[] = [], input = ''): Promise<Answer> =>
    stage.liftlock([...line.split(' '), ...more], { input });
  const ok = async (answer: Promise<Answer>): Promise<string> => {
    const { code, stdout, stderr } = await answer;
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };

  test('without a channel nobody is told, and what is no channel is refused with what is missing', async () => {
    assert.equal(await ok(liftlock('channel list')), 'no channel: nobody is told\n');
    const unsigned = await liftlock('channel add hook --webhook', [url]);
    assert.equal(unsigned.code, 2);
    assert.match(unsigned.stderr, /a webhook is signed[\s\S]*--secret/);
    assert.equal((await liftlock('channel add both --command true --webhook', [url, '--secret', 'HOOK'])).code, 2);
    assert.notEqual((await liftlock('channel test nobody')).code, 0);
  });

  test('a webhook is added, tried, listed, and tried in vain when its receiver refuses', async () => {
    await ok(
      liftlock('secret set HOOK', [], `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`),
    );
    const added = await ok(liftlock('channel add hook --severity warning --secret HOOK --webhook', [url]));
    assert.match(added, /^channel hook to .*liftlock channel test hook tries it\n$/);
    assert.match(await ok(liftlock('channel test hook')), /^hook took it: ntf_/);
    assert.match(received.at(-1)!.signature ?? '', /^v1,/);
    const { channels } = JSON.parse(await ok(liftlock('channel list --json'))) as { channels: ChannelView[] };
    assert.deepEqual(
      channels.map(({ name, kind }) => [name, kind]),
      [['hook', 'webhook']],
    );
    status = 503;
    const refused = await liftlock('channel test hook');
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^hook did not take it: .*503/);
    status = 200;
  });

  test('a release that fails is told through the webhook and the command, and again when it is asked for', async () => {
    const file = join(stage.scratch, 'told.txt');
    await ok(
      liftlock('channel add script --environment testing --command', [`printf '%s\\n' "$LIFTLOCK_TITLE" >> '${file}'`]),
    );
    await until(
      async () => (await liftlock('release show 1')).code === 0,
      () => `release #1 was not built:\n${control.stderr()}`,
    );
    assert.equal((await liftlock('promote 1 testing')).code, 5);
    const list = async () =>
      (
        JSON.parse(await ok(liftlock('notification list --state delivered --json'))) as {
          notifications: NotificationView[];
        }
      ).notifications;
    let failed: NotificationView | undefined;
    await until(
      async () => {
        failed = (await list()).find((one) => one.environment === 'testing' && one.severity !== 'info');
        return failed !== undefined && failed.deliveries.every(({ state }) => state === 'delivered');
      },
      () => `nothing was told of it, but ${JSON.stringify(failed)}:\n${control.stderr()}`,
    );
    assert.deepEqual(failed!.deliveries.map(({ channel }) => channel).toSorted(), ['hook', 'script']);
    assert.match(await readFile(file, 'utf8'), /testing/);
    assert.match(await ok(liftlock('notification list')), new RegExp(`${failed!.id} .*hook delivered`));
    const shown = await ok(liftlock(`notification show ${failed!.id}`));
    assert.match(shown, /hook delivered[\s\S]*1\.1/);
    const already = received.length;
    assert.equal(
      await ok(liftlock(`notification redeliver ${failed!.id} --channel hook`)),
      `${failed!.id} goes once more to hook\n`,
    );
    await until(
      () => received.length > already,
      () => 'it was not delivered again',
    );
    assert.equal((await liftlock('notification show ntf_none')).code, 2);
  });

  test('a channel that was removed is told nothing more', async () => {
    assert.match(await ok(liftlock('channel remove hook')), /^removed: hook/);
    assert.doesNotMatch(await ok(liftlock('channel list')), /hook/);
  });
});
