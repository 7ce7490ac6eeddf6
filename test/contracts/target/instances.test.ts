/** Several instances of one release: all of them serve, and what is lost of them is started again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parentOf } from '../signatures/parent-of.ts';
import {
  answering,
  deploymentAt,
  letGo,
  never,
  newPlace,
  notesOf,
  notReady,
  portless,
  ready,
  runOf,
  runsIn,
  seconds,
  serving,
  until,
  world,
  type Place,
} from './stage.ts';

const target = { kind: 'process' } as const;
const node = `exec '${process.execPath}' server.mjs`;

/** Which instances answer; idle ones have their turn one after the other. */
async function answeringNow(place: Place): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let asked = 0; asked < 6; asked++) seen.add((await serving(place))['LIFTLOCK_INSTANCE'] ?? '');
  return [...seen].sort();
}

/** As a machine that runs out of memory does: the process and whoever would start it again. */
async function killInstance(place: Place, instance: number): Promise<void> {
  const { key, pid } = await runOf(place, instance);
  process.kill(parentOf(pid), 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await until('the instance to be gone', async () => (await world().processes.inspect(key)).state === 'lost');
}

describe('several instances of a release', { timeout: 300_000 }, () => {
  test('each has a port and a number of its own, and requests go to all of them', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target, instances: 3 });
    ready(await world().local.deploy(deployment, never));
    assert.deepEqual(await answeringNow(place), ['1', '2', '3']);
    const [side] = (await world().traffic.inspect(deployment.environment.id))!.route.sides;
    assert.equal(new Set(side!.instances.map(({ port }) => port)).size, 3);
    const observed = await world().local.inspect(deployment);
    assert.ok(observed.observed === 'running' && !observed.crowded, JSON.stringify(observed));
    assert.deepEqual(observed.instances, { up: 3, wanted: 3, lost: 0, because: undefined });
    assert.equal(observed.usage?.processes, 3);
    await world().local.deploy(deployment, never);
    assert.equal((await notesOf(place)).length, 3, 'R40: nothing is started twice');
  });

  test('a lost one is no outage: the others answer, it is told, and it comes back in the same deployment', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target, instances: 3 });
    await world().local.deploy(deployment, never);
    await killInstance(place, 2);
    assert.deepEqual(await answeringNow(place), ['1', '3']);
    const observed = await world().local.inspect(deployment);
    assert.ok(observed.observed === 'running', JSON.stringify(observed));
    const { because, ...counts } = observed.instances;
    assert.deepEqual(counts, { up: 2, wanted: 3, lost: 1 });
    assert.match(because ?? '', /^instance 2: the service was lost/);
    const [mended] = await Promise.all([
      world().local.mend!(deployment, never),
      world().local.mend!(deployment, never),
    ]);
    assert.equal(mended, undefined);
    assert.deepEqual(await answeringNow(place), ['1', '2', '3']);
    assert.equal((await notesOf(place)).length, 4, 'once, although two asked');
    const after = await world().local.inspect(deployment);
    assert.ok(after.observed === 'running' && after.restarts === 1 && !after.crowded, JSON.stringify(after));
  });

  test('one that does not become ready holds the release back, and is named', async () => {
    const place = await newPlace();
    const good = deploymentAt(place, { target, instances: 2 });
    await world().local.deploy(good, never);
    const start = `[ "$LIFTLOCK_INSTANCE" = 2 ] && export MODE=sick; ${node}`;
    const bad = deploymentAt(place, { target, instances: 2, start, health: { ...answering, deadline: seconds(5) } });
    notReady(await world().local.deploy(bad, never), /^instance 2 of 2: .*answered 503/);
    assert.equal((await serving(place))['NAME'], `#${good.release.number}`);
    await until('what failed to end', async () => (await world().local.retire(good)) === 'done');
    assert.deepEqual(await answeringNow(place), ['1', '2']);
  });

  test('an environment that wants more gets more, and one that wants fewer lets requests end first', async () => {
    const place = await newPlace();
    const one = deploymentAt(place, { target });
    await world().local.deploy(one, never);
    const three = { ...one, instances: 3 };
    const observed = await world().local.inspect(three);
    assert.ok(observed.observed === 'running' && observed.instances.lost === 2, JSON.stringify(observed));
    assert.equal(await world().local.mend!(three, never), undefined);
    assert.deepEqual(await answeringNow(place), ['1', '2', '3']);
    const held = Array.from({ length: 6 }, async () =>
      (await fetch(`http://127.0.0.1:${place.port}/held`, { headers: { connection: 'close' } })).text(),
    );
    await until(
      'the long answers',
      async () => (await world().traffic.inspect(one.environment.id))!.sides[0]!.inFlight === 6,
    );
    const crowded = await world().local.inspect(one);
    assert.ok(crowded.observed === 'running' && crowded.crowded, JSON.stringify(crowded));
    assert.equal(await world().local.retire(one), 'draining');
    await letGo(place);
    assert.deepEqual(
      await Promise.all(held),
      Array.from({ length: 6 }, () => 'begin end'),
    );
    await until('the others to end', async () => (await world().local.retire(one)) === 'done');
    assert.deepEqual(await answeringNow(place), ['1']);
  });

  test('a release replaces all instances of the one before it, and stopping ends all', async () => {
    const place = await newPlace();
    const first = deploymentAt(place, { target, instances: 2 });
    await world().local.deploy(first, never);
    const second = deploymentAt(place, { target, instances: 2 });
    ready(await world().local.deploy(second, never));
    await until('the first to end', async () => (await world().local.retire(second)) === 'done');
    assert.equal((await serving(place))['NAME'], `#${second.release.number}`);
    await world().local.stop(second.environment.id, 5_000);
    const states = await world().processes.list(`service/${place.environment}/`);
    assert.deepEqual([...new Set(states.map(({ state }) => state.state))], ['exited']);
    assert.equal(await runsIn(place), 4, 'the output of two deployments is kept');
  });

  test('one that dies again and again is told, and in a rollout counts as down by itself', async () => {
    const place = await newPlace();
    const stable = deploymentAt(place, { target, instances: 2 });
    await world().local.deploy(stable, never);
    const fresh = deploymentAt(place, { target, instances: 2 });
    const beside = world().local.beside!(fresh)!;
    ready(await beside.start(fresh, never));
    assert.equal((await beside.look({ fresh, stable })).fresh.is, 'serves');
    const key = `service/${place.environment}/${fresh.id}/2`;
    for (let death = 1; death <= 5; death++) {
      const port = await until('it to be up', async () => {
        const state = await world().processes.inspect(key);
        return state.state === 'running' && !state.down && state.restarts === death - 1 && state.note;
      });
      await until('its death', async () => {
        await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
        const state = await world().processes.inspect(key);
        return state.state === 'running' && state.recentDeaths === death;
      });
    }
    const { fresh: seen } = await beside.look({ fresh, stable });
    assert.deepEqual(seen, { is: 'down', because: 'instance 2 died 5 times within ten minutes', byItself: true });
    const observed = await world().local.inspect(stable);
    assert.ok(observed.observed === 'running' && observed.looping === undefined, JSON.stringify(observed));
  });

  test('workers that listen nowhere run side by side, too', async () => {
    const place = await newPlace();
    const worker = {
      start: 'exec sleep 600',
      health: { kind: 'process', settle: seconds(0) } as const,
      target: portless,
    };
    const deployment = deploymentAt(place, { ...worker, instances: 2 });
    ready(await world().local.deploy(deployment, never));
    await killInstance(place, 1);
    assert.equal(await world().local.mend!(deployment, never), undefined);
    const observed = await world().local.inspect(deployment);
    assert.ok(observed.observed === 'running' && observed.instances.up === 2, JSON.stringify(observed));
    const next = deploymentAt(place, { ...worker, instances: 2 });
    ready(await world().local.deploy(next, never));
    assert.equal((await world().local.inspect(deployment)).observed, 'down');
  });
});
