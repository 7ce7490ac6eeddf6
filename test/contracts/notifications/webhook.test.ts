/** Notifications by webhook, delivered to real servers that answer well, badly, late or not at all. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { noticeEvents } from '../../../src/engine/notification/notice-events.ts';
import { beginDue } from '../../../src/engine/notification/deliver-notifications.ts';
import type { World } from '../../../src/engine/world.ts';
import { makePerson, makeProject } from '../../world/api-server.ts';
import { newId, openTestStore, query } from '../../world/make.ts';
import { receiver, tellingWorld, type Received, type Receiver, type TellingWorld } from './stage.ts';

const key = Buffer.from('a key of thirty-two bytes, or so.');
const secret = `whsec_${key.toString('base64')}`;
const day = 86_400_000;

/** As the specification says it, written down apart from what is tested. */
function isSigned({ headers, body }: Received): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

describe('notifications by webhook', () => {
  let stage: TellingWorld;
  const receivers: Receiver[] = [];
  let names = 0;

  before(async () => {
    stage = await tellingWorld();
    await stage.secret('SIGNING', secret);
  });
  after(async () => {
    for (const each of receivers) each.close();
    await stage?.close();
  });

  /** A receiver of its own with a channel to it, which ends with the test so that others do not hear its events. */
  async function listen(path = '/', more: object = {}) {
    const to = await receiver();
    receivers.push(to);
    stage.allow(to.host);
    const name = `hook-${++names}`;
    const channel = await stage.addChannel(
      name,
      { kind: 'webhook', url: `http://${to.host}${path}`, secret: 'SIGNING' },
      more,
    );
    return { to, name, channel, end: () => stage.api.post(`/api/v1/channels/${name}/remove`) };
  }

  test('an event is told once, as a signed CloudEvent that names the event of the audit log', async () => {
    const { to, name, end } = await listen();
    const { name: project } = await makeProject(stage.api);
    const id = (await stage.world.store.transaction((tx) => tx.projects.byName(project)))!.id;
    await stage.record({ kind: 'source.main-rewound', project: id, data: { because: 'somebody pushed' } });
    await stage.tell();
    await stage.tell();
    const [got, ...others] = to.received;
    assert.equal(others.length, 0);
    assert.ok(isSigned(got!));
    assert.ok(Math.abs(Number(got!.headers['webhook-timestamp']) - Date.now() / 1_000) < 60);
    assert.equal(got!.headers['content-type'], 'application/cloudevents+json; charset=utf-8');
    const event = JSON.parse(got!.body);
    const [logged] = await query(stage.api.database.url, "select id from events where kind = 'source.main-rewound'");
    assert.deepEqual(
      [event.specversion, event.id, event.type],
      ['1.0', logged!['id'], 'dev.liftlock.source.main-rewound'],
    );
    assert.equal(event.data.notification.id, got!.headers['webhook-id']);
    assert.equal(event.data.notification.project, project);
    assert.equal(event.data.notification.because, 'somebody pushed');
    const shown = await stage.newest(name);
    assert.deepEqual(
      shown.attempts.map(({ outcome, status }: { outcome: string; status: number }) => [outcome, status]),
      [['delivered', 204]],
    );
    await end();
  });

  test('wrong answers are tried again later under the same id, and every attempt is on record', async () => {
    const { to, name, end } = await listen();
    const answers = [500, 404, 302, 200];
    to.answer(
      (response) => void response.writeHead(answers.shift()!, { location: `http://${to.host}/elsewhere` }).end(),
    );
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.equal(to.received.length, 1, 'not again before its time');
    for (let round = 0; round < 4; round++) {
      stage.advance(3_600_000);
      await stage.tell();
    }
    assert.equal(to.received.length, 4);
    assert.ok(
      to.received.every(({ url }) => url === '/'),
      'a redirect was followed',
    );
    assert.equal(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.ok(to.received.every(isSigned));
    const { attempts, deliveries } = await stage.newest(name);
    assert.deepEqual(
      attempts.map((attempt: { outcome: string; status: number }) => `${attempt.outcome} ${attempt.status}`),
      ['failed 500', 'failed 404', 'failed 302', 'delivered 200'],
    );
    assert.equal(deliveries[0].state, 'delivered');
    await end();
  });

  test('a connection that breaks is tried again; one that never works is given up, told elsewhere, and made again by hand', async () => {
    const { to, name, channel, end } = await listen('/', { routes: [{ atLeast: 'page', environments: [] }] });
    const other = await listen();
    to.answer((response) => void response.destroy());
    await stage.record({ kind: 'environment.paged' });
    for (let round = 0; round < 12; round++) {
      await stage.tell();
      stage.advance(day);
    }
    assert.equal(to.received.length, 10);
    const dead = await stage.newest(name);
    assert.equal(dead.deliveries.find((one: { channel: string }) => one.channel === name).state, 'dead');
    const { channels } = (await stage.api.get('/api/v1/channels')).body;
    assert.equal(channels.find((one: { id: string }) => one.id === channel.id).dead, 1);
    const [{ name: project }] = (await stage.api.get('/api/v1/projects')).body.projects;
    assert.equal((await stage.api.get(`/api/v1/projects/${project}/status`)).body.undelivered, 1);
    const mourned = other.to.received
      .map(({ body }) => JSON.parse(body))
      .filter(({ type }) => type.endsWith('notification.dead'));
    assert.deepEqual(
      mourned.map(({ severity, data }) => [severity, data.details.name]),
      [['page', name]],
    );
    to.answer((response) => void response.end());
    const again = await stage.api.post(`/api/v1/notifications/${dead.id}/redeliver`);
    assert.deepEqual([again.status, again.body.channels], [202, [name]]);
    await stage.tell();
    assert.equal(to.received.length, 11);
    assert.equal(to.received[10]!.headers['webhook-id'], to.received[0]!.headers['webhook-id']);
    assert.equal(
      (await stage.api.post(`/api/v1/notifications/${dead.id}/redeliver`)).status,
      409,
      'nothing is dead any more',
    );
    await Promise.all([end(), other.end()]);
  });

  test('a receiver that says it is gone gets nothing any more, and that is told', async () => {
    const { to, name, end } = await listen();
    to.answer((response) => void response.writeHead(410).end());
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.equal(to.received.length, 1);
    const { channels } = (await stage.api.get('/api/v1/channels')).body;
    assert.match(channels.find((one: { name: string }) => one.name === name).disabled.because, /410/);
    assert.equal((await stage.api.post(`/api/v1/channels/${name}/test`)).status, 409);
    await end();
  });

  test('an address of this network is refused at once, and nothing is asked', async () => {
    const to = await receiver();
    receivers.push(to);
    await stage.addChannel('inside', { kind: 'webhook', url: `https://${to.host}/`, secret: 'SIGNING' });
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.equal(to.received.length, 0);
    const { deliveries } = await stage.newest('inside');
    assert.equal(deliveries[0].state, 'dead');
    assert.match(deliveries[0].because, /its address is not public/);
    await stage.api.post('/api/v1/channels/inside/remove');
  });

  test('a worker that stops while a receiver is slow leaves the delivery to the next, and says so', async () => {
    const { to, name, end } = await listen();
    const stopping = new AbortController();
    to.answer(() => stopping.abort());
    await stage.record({ kind: 'environment.paged' });
    await stage.tell(stopping.signal);
    assert.equal((await stage.newest(name)).attempts[0].outcome, 'lost');
    to.answer((response) => void response.end());
    await stage.tell();
    assert.equal(to.received.length, 2);
    assert.equal(to.received[0]!.headers['webhook-id'], to.received[1]!.headers['webhook-id']);
    await end();
  });

  test('one that is being delivered is left alone by others until its worker is gone; then it is made again', async () => {
    const { to, name, end } = await listen();
    await stage.record({ kind: 'environment.paged' });
    await noticeEvents(stage.world, stage.api.store.events);
    const replica = newId('rpl');
    const { now } = stage.world.clock;
    const beat = { id: replica, roles: 'worker', version: '0', startedAt: now(), beatAt: now() };
    await query(
      stage.api.database.url,
      `insert into replicas (id, lock_key, roles, version, started_at, beat_at) values ($1, 1, 'worker', '0', 0, 0)`,
      [beat.id],
    );
    // Claimed by somebody who never gets to make the attempt.
    await query(
      stage.api.database.url,
      `update notification_deliveries set claimed_by = $1, claimed_until = 9e15, attempts = 1 where state = 'waiting'`,
      [replica],
    );
    await stage.tell();
    assert.equal(to.received.length, 0);
    await query(stage.api.database.url, 'update replicas set gone_at = 1 where id = $1', [replica]);
    await stage.tell();
    assert.equal(to.received.length, 1);
    assert.equal((await stage.newest(name)).deliveries[0].state, 'delivered');
    await end();
  });

  test('two replicas that read and deliver at once deliver everything once', async () => {
    const { to, end } = await listen();
    const store = await openTestStore(stage.api.database.url);
    const other = { ...stage.world, store, replica: newId('rpl') };
    for (let number = 0; number < 20; number++) await stage.record({ kind: 'environment.paged', data: { number } });
    const { signal } = new AbortController();
    const work = async (world: World) => {
      await noticeEvents(world, store.events);
      for (let idle = 0; idle < 3;) {
        const begun = await beginDue(world, 8, signal);
        idle = begun.length === 0 ? idle + 1 : 0;
        await Promise.all(begun);
      }
    };
    await Promise.all([work(stage.world), work(other), work(stage.world), work(other)]);
    await stage.tell();
    const numbers = to.received.map(({ body }) => JSON.parse(body).data.details.number as number);
    assert.deepEqual(
      numbers.toSorted((left, right) => left - right),
      Array.from({ length: 20 }, (_, number) => number),
    );
    await store.close();
    await end();
  });

  test('what repeats is told once in ten minutes, with how often it was', async () => {
    const { to, end } = await listen();
    for (let times = 0; times < 5; times++) await stage.record({ kind: 'source.unreachable' });
    await stage.tell();
    assert.equal(to.received.length, 1);
    stage.advance(601_000);
    await stage.record({ kind: 'source.unreachable' });
    await stage.tell();
    assert.deepEqual(
      to.received.map(({ body }) => JSON.parse(body).data.notification.more),
      [0, 4],
    );
    await end();
  });

  test('of one trouble in production people are called once; whoever hears more hears what else is found, each once', async () => {
    const { name: project } = await makeProject(stage.api);
    const [pager, chat] = [await listen('/', { routes: [{ atLeast: 'page' }] }), await listen()];
    const environment = await stage.world.store.transaction(async (tx) => {
      const { id } = (await tx.projects.byName(project))!;
      return (await tx.environments.ofProject(id)).find(({ spec }) => spec.name === 'production')!;
    });
    const happens = async (...kinds: readonly string[]) => {
      for (const kind of kinds)
        await stage.record({ kind: `environment.${kind}`, project: environment.project, environment: environment.id });
      await stage.tell();
    };
    const heardBy = ({ to }: { to: Receiver }) =>
      to.received.map(({ body }) => {
        const { type, data } = JSON.parse(body);
        return `${type.split('.').at(-1)} ${data.notification.more}`;
      });
    await happens('down', 'still-down', 'crash-looping', 'down', 'still-down');
    assert.deepEqual(heardBy(pager), ['down 0']);
    assert.deepEqual(heardBy(chat).toSorted(), ['crash-looping 0', 'down 0', 'still-down 0']);
    stage.advance(601_000);
    await happens('down', 'still-down');
    assert.deepEqual(heardBy(pager), ['down 0', 'down 1']);
    assert.deepEqual(heardBy(chat).slice(3).toSorted(), ['down 1', 'still-down 1']);
    for (const { end } of [pager, chat]) await end();
  });

  test('a secret may stand in the path; neither it nor the path is shown or stored, in rows, answers or events', async () => {
    await stage.secret('HOOK_PATH', 'T00/verysecretpath');
    const { to, name, end } = await listen('/services/{HOOK_PATH}?a=b');
    assert.equal((await stage.api.post(`/api/v1/channels/${name}/test`)).status, 202);
    await stage.tell();
    assert.equal(to.received[0]!.url, '/services/T00/verysecretpath?a=b');
    const tables = await Promise.all(
      ['channels', 'events', 'notifications', 'notification_deliveries', 'notification_attempts'].map((table) =>
        query(stage.api.database.url, `select coalesce(jsonb_agg(to_jsonb(t)), '[]') as rows from ${table} t`),
      ),
    );
    const shown = JSON.stringify([tables, (await stage.api.get('/api/v1/channels')).body, await stage.newest(name)]);
    assert.ok(!shown.includes('verysecretpath') && !shown.includes(key.toString('base64')));
    assert.ok(!JSON.stringify((await stage.api.get('/api/v1/channels')).body).includes('services'));
    await end();
  });

  test('a secret that is not there yet only delays', async () => {
    const to = await receiver();
    receivers.push(to);
    stage.allow(to.host);
    await stage.addChannel('later', { kind: 'webhook', url: `http://${to.host}/`, secret: 'NOT_YET' });
    await stage.record({ kind: 'environment.paged' });
    await stage.tell();
    assert.match((await stage.newest('later')).deliveries[0].because, /the secret NOT_YET/);
    await stage.secret('NOT_YET', secret);
    stage.advance(60_000);
    await stage.tell();
    assert.equal(to.received.filter(isSigned).length, 1);
    await stage.api.post('/api/v1/channels/later/remove');
  });

  test('who sees one project sees its channels and what was told of it, and no others', async () => {
    const { name: project } = await makeProject(stage.api);
    const maintainer = await makePerson(stage.api, ['maintainer'], { project });
    const settings = { kind: 'webhook', url: 'https://receiver.example/', secret: 'SIGNING' };
    const routes = [{ atLeast: 'page' }];
    const own = await maintainer.post('/api/v1/channels', { name: 'own', project, settings, routes });
    assert.equal(own.status, 200, JSON.stringify(own.body));
    assert.equal((await maintainer.post('/api/v1/channels', { name: 'all', settings, routes })).status, 403);
    await stage.addChannel('everybody', settings);
    const seen = (await maintainer.get('/api/v1/channels')).body.channels.map((one: { name: string }) => one.name);
    assert.deepEqual(seen, ['own']);
    assert.equal((await maintainer.post('/api/v1/channels/everybody/remove')).status, 403);
    assert.equal((await maintainer.get('/api/v1/notifications?channel=everybody')).status, 404);
    const misspelt = { name: 'x', project, settings, routes: [{ environments: ['prodction'] }] };
    assert.equal((await maintainer.post('/api/v1/channels', misspelt)).status, 404);
  });
});
