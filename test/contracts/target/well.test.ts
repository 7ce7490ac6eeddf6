/** Instances that live and are not well: they are told apart, and single ones are started anew in the same deployment. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { Answer } from '../../../src/domain/observation/ailing.ts';
import type { Deployment } from '../../../src/ports/target.ts';
import { eventually } from '../../world/make.ts';
import {
  answering,
  deploymentAt,
  never,
  newPlace,
  notesOf,
  ready,
  runOf,
  seconds,
  serving,
  until,
  world,
  type Place,
} from './stage.ts';

const target = { kind: 'process' } as const;
const health = { ...answering, timeout: seconds(2) };

/** It lives, its port is open, and it gives no answer. */
async function freeze(place: Place, instance: number): Promise<string> {
  const { key, pid } = await runOf(place, instance);
  process.kill(pid, 'SIGSTOP');
  return key;
}

function answered(deployment: Deployment, words: readonly Answer['is'][]): Promise<readonly Answer[]> {
  return until(`the answers ${words.join(', ')}`, async () => {
    const answers = await world().local.ask!(deployment);
    return answers.map(({ is }) => is).join() === words.join() && answers;
  });
}

describe('instances that are not well', { timeout: 120_000 }, () => {
  test('one that hangs is told apart from one that is well, and started anew in the same deployment', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { target, instances: 2, health });
    ready(await world().local.deploy(deployment, never));
    await answered(deployment, ['well', 'well']);
    const frozen = await freeze(place, 2);
    const [, silent] = await answered(deployment, ['well', 'silent']);
    assert.match(silent!.because, /^http:.*\/health: no answer within 2s$/);
    assert.equal(await world().local.renew!(deployment, { instance: 2, answers: false }, never), undefined);
    assert.equal((await world().processes.inspect(frozen)).state, 'exited');
    await answered(deployment, ['well', 'well']);
    assert.equal((await notesOf(place)).length, 3);
    await eventually(async () => {
      const observed = await world().local.inspect(deployment);
      assert.ok(observed.observed === 'running' && observed.instances.up === 2 && !observed.crowded);
    });
  });

  test('one that listens at the port of its environment gets the same port again', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { health });
    ready(await world().local.deploy(deployment, never));
    await freeze(place, 1);
    await answered(deployment, ['silent']);
    assert.equal(await world().local.renew!(deployment, { instance: 1, answers: false }, never), undefined);
    assert.equal((await serving(place))['PORT'], String(place.port));
    assert.equal((await notesOf(place)).length, 2);
  });

  test(
    'one that is asked nothing is told to be silent once it lives on without its port, and well while the port is open',
    { skip: process.platform !== 'linux' && 'only Linux tells who listens' },
    async () => {
      const place = await newPlace();
      const deployment = deploymentAt(place, { health: { kind: 'process', settle: seconds(0.1) } });
      ready(await world().local.deploy(deployment, never));
      await answered(deployment, ['well']);
      await fetch(`http://127.0.0.1:${place.port}/deaf`);
      const [silent] = await answered(deployment, ['silent']);
      assert.equal(silent!.because, `nobody listens at port ${place.port} any more`);
      const { key } = await runOf(place, 1);
      assert.equal((await world().processes.inspect(key)).state, 'running');
      assert.equal(await world().local.renew!(deployment, { instance: 1, answers: false }, never), undefined);
      await answered(deployment, ['well']);
      assert.equal((await serving(place))['PORT'], String(place.port));
    },
  );

  test('one that says no ends first what it has under way, and gets nothing new', async () => {
    const place = await newPlace();
    const go = `${place.notes}.go`;
    await writeFile(go, '');
    const deployment = deploymentAt(place, { target, instances: 2, mode: 'waits', health });
    ready(await world().local.deploy(deployment, never));
    await rm(go);
    const [first] = await answered(deployment, ['unwell', 'unwell']);
    assert.match(first!.because, /\/health: it answered 503$/);
    await writeFile(go, '');
    await answered(deployment, ['well', 'well']);
    const over = new AbortController();
    const asking = Array.from({ length: 4 }, async () => {
      const texts: string[] = [];
      while (!over.signal.aborted) texts.push(await (await fetch(`http://127.0.0.1:${place.port}/slow`)).text());
      return texts;
    });
    assert.equal(await world().local.renew!(deployment, { instance: 2, answers: true }, never), undefined);
    over.abort();
    assert.deepEqual([...new Set((await Promise.all(asking)).flat())], ['begin end']);
    await answered(deployment, ['well', 'well']);
  });

  test('one that ended, and that its keeper has started again, has its time to come up', async () => {
    const place = await newPlace();
    const go = `${place.notes}.go`;
    await writeFile(go, '');
    const deployment = deploymentAt(place, { target, mode: 'waits', health });
    ready(await world().local.deploy(deployment, never));
    await rm(go);
    await answered(deployment, ['unwell']);
    const { key } = await runOf(place, 1);
    await fetch(`http://127.0.0.1:${place.port}/die`).catch(() => undefined);
    await until('it to be started again', async () => {
      const state = await world().processes.inspect(key);
      return state.state === 'running' && state.restarts > 0 && !state.down;
    });
    assert.deepEqual(await world().local.ask!(deployment), []);
    await answered({ ...deployment, service: { ...deployment.service, health: { ...health, deadline: seconds(0) } } }, [
      'unwell',
    ]);
  });
});
