/** A worker that is killed while a receiver has its notification and before anything of it is recorded: it arrives, under the same id. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { query, until } from '../world/make.ts';
import { createClient } from './harness/client.ts';
import { makeStage } from './harness/stage.ts';

test('a worker killed between an attempt and its record loses nothing: another makes the attempt again, under the same id', async () => {
  const stage = await makeStage();
  const ids: string[] = [];
  const open: ServerResponse[] = [];
  let answers = false;
  const receiver = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    if (answers) response.writeHead(204).end();
    else open.push(response);
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  try {
    const server = await stage.server();
    await query(server.url('postgres'), 'create database scenario');
    const databaseUrl = server.url('scenario');
    await mkdir(join(stage.home, 'secrets', '_installation'), { recursive: true });
    await writeFile(join(stage.home, 'secrets', '_installation', 'SIGNING'), 'a secret of theirs', { mode: 0o600 });
    const api = await stage.start('api', { roles: { serve: true, work: false }, databaseUrl }).ready;
    const work = { roles: { serve: false, work: true }, databaseUrl, allowHosts: [host] };
    const victim = stage.start('worker-1', work);
    await victim.ready;
    const client = createClient(() => api);
    const settings = { kind: 'webhook', url: `http://${host}/`, secret: 'SIGNING' };
    await client.post('/api/v1/channels', { name: 'ops', settings, routes: [{ atLeast: 'info' }] });
    await client.post('/api/v1/channels/ops/test', {});
    await until(() => ids.length > 0, 'the receiver has it');
    await victim.kill();
    answers = true;
    await stage.start('worker-2', work).ready;
    const list = () =>
      client.get<{ notifications: readonly { id: string; deliveries: readonly { state: string }[] }[] }>(
        '/api/v1/notifications',
      );
    await until(async () => (await list()).notifications[0]?.deliveries[0]?.state === 'delivered', 'it is delivered');
    const [told] = (await list()).notifications;
    assert.deepEqual(ids, [told!.id, told!.id]);
    const { attempts } = await client.get<{ attempts: readonly { outcome: string }[] }>(
      `/api/v1/notifications/${told!.id}`,
    );
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['lost', 'delivered'],
    );
  } finally {
    for (const response of open) response.destroy();
    receiver.closeAllConnections();
    receiver.close();
    await stage.remove();
  }
});
