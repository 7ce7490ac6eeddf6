import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { keepAliveLoad } from '../../world/traffic.ts';
import {
  deploymentAt,
  letGo,
  answering,
  never,
  newPlace,
  notReady,
  notesOf,
  runsIn,
  seconds,
  serving,
  until,
  world,
} from './stage.ts';

const target = { kind: 'process' } as const;

describe('services beside each other behind the edge', { timeout: 300_000 }, () => {
  test('the service gets a port of its own, and people reach it at that of the environment', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target });
    const answer = await world().local.deploy(deployment, never);
    assert.ok(answer.deployed === 'ready' && answer.url === `http://127.0.0.1:${place.port}`, JSON.stringify(answer));
    assert.notEqual((await serving(place))['PORT'], String(place.port));
  });

  test('R40: the same deployment starts once, however often and by how many it is asked for', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target });
    await Promise.all([world().local.deploy(deployment, never), world().local.deploy(deployment, never)]);
    assert.equal((await world().local.deploy(deployment, never)).deployed, 'ready');
    assert.equal((await notesOf(place)).length, 1);
  });

  test('replacing a release under load fails no request, and the old one ends when nothing is under way there', async () => {
    const place = await newPlace();
    let current = deploymentAt(place, { target });
    await world().local.deploy(current, never);
    const load = keepAliveLoad(place, 8);
    for (let round = 0; round < 4; round++) {
      const next = deploymentAt(place, { target });
      assert.equal((await world().local.deploy(next, never)).deployed, 'ready');
      assert.equal((await serving(place))['NAME'], `#${next.release.number}`);
      const observed = await world().local.inspect(next);
      assert.ok(observed.observed === 'running' && observed.crowded, JSON.stringify(observed));
      await until('the old one to end', async () => (await world().local.retire(next)) === 'done');
      assert.match(JSON.stringify(await world().local.inspect(current)), /"down"/);
      current = next;
    }
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, []);
    assert.ok(answered > 100, `${answered} requests are no load`);
  });

  test('R34: a release that does not become ready never gets a request, and the one before serves on', async () => {
    const place = await newPlace();
    const good = deploymentAt(place, { target });
    await world().local.deploy(good, never);
    const load = keepAliveLoad(place, 8);
    const sick = deploymentAt(place, { target, mode: 'sick', health: { ...answering, deadline: seconds(3) } });
    const answer = await world().local.deploy(sick, never);
    notReady(answer, /not healthy within 3 s: it answered 503/);
    assert.ok(answer.deployed === 'not-ready' && !answer.replaced);
    assert.deepEqual((await load.end()).failed, []);
    assert.equal((await serving(place))['NAME'], `#${good.release.number}`);
    await until('what failed to end', async () => (await world().local.retire(good)) === 'done');
    assert.match(JSON.stringify(await world().local.inspect(sick)), /"down"/);
  });

  test('R32: returning to what still runs starts nothing and is there at once', async () => {
    const place = await newPlace();
    const [first, second] = [deploymentAt(place, { target }), deploymentAt(place, { target })];
    await world().local.deploy(first, never);
    await world().local.deploy(second, never);
    const back = { ...deploymentAt(place, { target }), release: first.release, continues: [first.id] };
    assert.equal((await world().local.deploy(back, never)).deployed, 'ready');
    assert.equal((await serving(place))['NAME'], `#${first.release.number}`);
    assert.equal((await notesOf(place)).length, 2);
    assert.equal((await world().local.inspect(back)).observed, 'running');
    await until('the other one to end', async () => (await world().local.retire(back)) === 'done');
    assert.equal((await serving(place))['NAME'], `#${first.release.number}`);
  });

  test('returning to what has ended starts it again', async () => {
    const place = await newPlace();
    const first = deploymentAt(place, { target });
    await world().local.deploy(first, never);
    const second = deploymentAt(place, { target });
    await world().local.deploy(second, never);
    await until('the first one to end', async () => (await world().local.retire(second)) === 'done');
    const back = { ...deploymentAt(place, { target }), continues: [first.id] };
    assert.equal((await world().local.deploy(back, never)).deployed, 'ready');
    assert.equal((await notesOf(place)).length, 3);
  });

  test('a long answer that is under way when its release is replaced is given to its end', async () => {
    const place = await newPlace();
    const first = deploymentAt(place, { target });
    await world().local.deploy(first, never);
    const held = fetch(`http://127.0.0.1:${place.port}/held`).then((response) => response.text());
    await until(
      'the long answer',
      async () => (await world().traffic.inspect(first.environment.id))!.sides[0]!.inFlight === 1,
    );
    const second = deploymentAt(place, { target });
    await world().local.deploy(second, never);
    assert.equal(await world().local.retire(second), 'draining');
    await letGo(place);
    assert.equal(await held, 'begin end');
    await until('the first one to end', async () => (await world().local.retire(second)) === 'done');
  });

  test('an address that somebody else has is told by name, and nothing is started', async () => {
    const place = await newPlace();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(place.port, '127.0.0.1', resolve));
    const answer = await world().local.deploy(deploymentAt(place, { target }), never);
    assert.ok(answer.deployed === 'not-started' && /is taken by/.test(answer.because), JSON.stringify(answer));
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await runsIn(place), 0);
  });

  test('a service whose address was lost is told as down, and leading to it again starts nothing', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target });
    await world().local.deploy(deployment, never);
    await world().traffic.remove(deployment.environment.id, 0);
    assert.match(JSON.stringify(await world().local.inspect(deployment)), /does not lead to it/);
    const healed = { ...deploymentAt(place, { target }), continues: [deployment.id] };
    assert.equal((await world().local.deploy(healed, never)).deployed, 'ready');
    assert.equal((await notesOf(place)).length, 1);
    assert.equal((await world().local.inspect(healed)).observed, 'running');
  });

  test('an environment changes to a port that its service listens at itself, and back', async () => {
    const place = await newPlace();
    await world().local.deploy(deploymentAt(place, { target }), never);
    const direct = deploymentAt(place, { target: { kind: 'process', direct: true } });
    assert.equal((await world().local.deploy(direct, never)).deployed, 'ready');
    assert.equal((await serving(place))['PORT'], String(place.port));
    const stopped = world().local.stop(direct.environment.id, 5_000);
    await stopped;
    const beside = deploymentAt(place, { target });
    assert.equal((await world().local.deploy(beside, never)).deployed, 'ready');
    assert.notEqual((await serving(place))['PORT'], String(place.port));
  });
});
