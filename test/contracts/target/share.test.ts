/** Two releases with the requests divided between them, and one that may not run beside another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createProcessTarget } from '../../../src/adapters/targets/process/process-target.ts';
import type { Pair } from '../../../src/ports/target.ts';
import { load } from '../../scenarios/load.ts';
import { clock, deploymentAt, never, newPlace, notesOf, probe, until, world, type Place } from './stage.ts';

const target = { kind: 'process' } as const;
const nothing = { weight: 0, groups: [], shadow: false, users: 'none' } as const;

describe('two releases beside each other', { timeout: 120_000 }, () => {
  test('a release that was started beside another gets no request before it is given some', async () => {
    const { place, pair, beside } = await two();
    await beside.share(pair, nothing);
    assert.deepEqual(await namesOf(place, 50), { [nameOf(pair.stable)]: 50 });
    const seen = await beside.look(pair);
    assert.ok(seen.stable === 'serves' && seen.fresh.is === 'serves');
    const own = await (await fetch(seen.fresh.url)).json();
    assert.equal((own as { NAME: string }).NAME, nameOf(pair.fresh), 'it answers at an address of its own');
  });

  test('weights hold, are counted for each side, and go back to nothing at once', async () => {
    const { place, pair, beside } = await two();
    await beside.share(pair, { ...nothing, weight: 2_000 });
    await beside.share(pair, { ...nothing, weight: 2_000 });
    const names = await namesOf(place, 200);
    assert.ok(Math.abs(names[nameOf(pair.fresh)]! - 40) <= 1, JSON.stringify(names));
    const { reading } = await beside.look(pair);
    assert.equal(reading?.ofNew['all']?.requests, names[nameOf(pair.fresh)]);
    assert.equal(reading?.ofStable['all']?.requests, names[nameOf(pair.stable)]);
    await beside.share(pair, nothing);
    assert.deepEqual(await namesOf(place, 50), { [nameOf(pair.stable)]: 50 });
  });

  test('a group of users is led to the new release whatever the weight, the others are not', async () => {
    const { place, pair, beside } = await two();
    const groups = [{ step: 'group', by: 'header', name: 'X-Beta', value: 'yes', for: 1 as never }] as const;
    await beside.share(pair, { ...nothing, groups });
    assert.deepEqual(await namesOf(place, 20, { 'x-beta': 'yes' }), { [nameOf(pair.fresh)]: 20 });
    assert.deepEqual(await namesOf(place, 20, { 'x-beta': 'no' }), { [nameOf(pair.stable)]: 20 });
  });

  test('R34: a new release that is down is told apart from one that was ended, and so is the stable one', async () => {
    const { place, pair, beside } = await two();
    await beside.share(pair, { ...nothing, weight: 5_000 });
    const { processes } = world();
    await processes.stop(`service/${place.environment}/${pair.fresh.id}`, 0);
    const { fresh } = await beside.look(pair);
    assert.ok(fresh.is === 'down' && !fresh.byItself, JSON.stringify(fresh));
    await processes.stop(`service/${place.environment}/${pair.stable.id}`, 0);
    assert.equal((await beside.look(pair)).stable, 'down');
  });

  test('R34: whoever ends between two looks is seen to be down by the look that counts what failed of it', async () => {
    const { place, pair, beside } = await two();
    await beside.share(pair, { ...nothing, weight: 5_000 });
    const { processes, artifacts, traffic } = world();
    const local = createProcessTarget({
      processes,
      artifacts,
      probe,
      clock,
      traffic: {
        ...traffic,
        async inspect(environment) {
          await processes.stop(`service/${place.environment}/${pair.fresh.id}`, 0);
          const ended = Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${place.port}/`));
          await Promise.all((await Promise.all(ended)).map((response) => response.text()));
          return traffic.inspect(environment);
        },
      },
    });
    const { fresh, reading } = await local.beside!(pair.fresh)!.look(pair);
    assert.ok(reading!.ofNew['all']!.failures > 0, 'requests failed');
    assert.ok(fresh.is === 'down' && !fresh.byItself, JSON.stringify(fresh));
  });

  test('R34: a new release whose process lives and answers nothing is down', async () => {
    const { place, pair, beside } = await two();
    const state = await world().processes.inspect(`service/${place.environment}/${pair.fresh.id}`);
    assert.ok(state.state === 'running');
    process.kill(state.pid, 'SIGSTOP');
    const { fresh, stable } = await beside.look(pair);
    process.kill(state.pid, 'SIGCONT');
    assert.ok(fresh.is === 'down' && fresh.byItself && /gave no answer/.test(fresh.because), JSON.stringify(fresh));
    assert.equal(stable, 'serves');
    assert.equal((await beside.look(pair)).fresh.is, 'serves');
  });

  test('R34: a stable release whose process lives and answers nothing is told apart, and ended before it is started anew', async () => {
    const { place, pair, beside } = await two();
    const pidOf = async ({ id }: Pair['stable']) => {
      const state = await world().processes.inspect(`service/${place.environment}/${id}`);
      assert.ok(state.state === 'running');
      return state.pid;
    };
    process.kill(await pidOf(pair.stable), 'SIGSTOP');
    const { fresh, stable } = await beside.look(pair);
    assert.equal(stable, 'silent');
    assert.equal(fresh.is, 'serves');
    const freshPid = await pidOf(pair.fresh);
    process.kill(freshPid, 'SIGSTOP');
    const both = await beside.look(pair);
    process.kill(freshPid, 'SIGCONT');
    assert.equal(both.stable, 'silent');
    assert.ok(both.fresh.is === 'down' && !both.fresh.byItself, 'what keeps both from answering is nobody’s fault');
    await beside.end(pair.stable);
    await beside.end(pair.stable);
    const seen = await beside.look(pair);
    assert.equal(seen.stable, 'down');
    assert.equal(seen.fresh.is, 'serves');
    const again = { ...deploymentAt(place, { target }), continues: [pair.stable.id] };
    assert.equal((await beside.start(again, never)).deployed, 'ready');
    assert.equal((await beside.look({ ...pair, stable: again })).stable, 'serves');
  });

  test('a service that may not run twice is replaced while requests wait: none fails, and there are never two', async () => {
    const place = await newPlace();
    const alone = () => ({ ...deploymentAt(place, { target }), aloneHoldMs: 20_000 });
    const first = alone();
    assert.equal(world().local.beside?.(first), undefined);
    await world().local.deploy(first, never);
    const requests = load(`http://127.0.0.1:${place.port}/`, { connections: 4, pauseMs: 5 });
    const second = alone();
    let most = 0;
    const watching = new AbortController();
    const watched = (async () => {
      while (!watching.signal.aborted) {
        const runs = await world().processes.list(`service/${place.environment}/`);
        most = Math.max(most, runs.filter(({ state }) => state.state === 'running').length);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    assert.equal((await world().local.deploy(second, never)).deployed, 'ready');
    await until('the new one to answer', async () =>
      Object.keys(requests.counts).some((said) => said.includes(`"NAME":"${nameOf(second)}"`)),
    );
    watching.abort();
    await watched;
    await requests.stop();
    assert.equal(most, 1);
    assert.equal(requests.failed, 0);
    assert.deepEqual(
      Object.keys(requests.counts).filter((said) => !said.startsWith('200')),
      [],
    );
    assert.equal((await notesOf(place)).length, 2);
  });
});

async function two() {
  const place = await newPlace();
  const [stable, fresh] = [deploymentAt(place, { target }), deploymentAt(place, { target })];
  await world().local.deploy(stable, never);
  const beside = world().local.beside!(fresh)!;
  const answer = await beside.start(fresh, never);
  assert.equal(answer.deployed, 'ready', JSON.stringify(answer));
  return { place, pair: { stable, fresh } satisfies Pair, beside };
}

function nameOf({ release }: Pair['fresh']): string {
  return `#${release.number}`;
}

async function namesOf(place: Place, count: number, headers: Record<string, string> = {}) {
  const names: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const response = await fetch(`http://127.0.0.1:${place.port}/`, { headers });
    const { NAME } = (await response.json()) as { NAME: string };
    names[NAME] = (names[NAME] ?? 0) + 1;
  }
  return names;
}
