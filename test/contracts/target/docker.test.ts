/** The Docker target against a real engine. What its choreography does is the same as for processes and is tried there in full. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { labels } from '../../../src/adapters/targets/docker/container-config.ts';
import { inspectContainer, listContainers, removeContainer } from '../../../src/adapters/targets/docker/containers.ts';
import { listVolumes } from '../../../src/adapters/targets/docker/volumes.ts';
import { createEngine } from '../../../src/adapters/targets/docker/engine.ts';
import { inspectImage, tagsOf } from '../../../src/adapters/targets/docker/images.ts';
import type { Duration } from '../../../src/domain/base/time.ts';
import type { Deployment } from '../../../src/ports/target.ts';
import { engine, withoutDocker } from '../../world/docker.ts';
import { keepAliveLoad } from '../../world/traffic.ts';
import { makeDockerStage, secret, type DockerStage } from './docker-stage.ts';
import { answering, never, newPlace, notReady, seconds, serving, until } from './stage.ts';

const skip = await withoutDocker();

let stage: DockerStage;
before(async () => {
  if (skip === false) stage = await makeDockerStage();
});
after(async () => {
  if (stage === undefined) return;
  await stage.remove();
  assert.deepEqual(await listVolumes(engine, `${labels.home}=${stage.home}`), [], 'what was kept goes with its home');
});

const idsOf = async ({ environment }: Deployment): Promise<readonly string[]> =>
  (await listContainers(engine, { [labels.home]: stage.home, [labels.environment]: environment.id })).map(
    ({ id }) => id,
  );
const onlyOne = async (deployment: Deployment): Promise<string> => {
  const ids = await idsOf(deployment);
  assert.equal(ids.length, 1);
  return ids[0]!;
};

/** Each has an environment of its own. */
describe('services in containers', { skip, timeout: 300_000, concurrency: 4 }, () => {
  test('a service listens inside, is told where, and people reach it at the address of the environment', async () => {
    const place = await newPlace();
    const deployment = stage.deployment(place);
    const answer = await stage.world().docker.deploy(deployment, never);
    assert.ok(answer.deployed === 'ready' && answer.url === `http://127.0.0.1:${place.port}`, JSON.stringify(answer));
    const said = await serving(place);
    assert.deepEqual([said['PORT'], said['LIFTLOCK_INSTANCE'], said['API_TOKEN']], ['3000', '1', secret]);
    const observed = await stage.world().docker.inspect(deployment);
    assert.ok(
      observed.observed === 'running' && observed.usage !== undefined && observed.usage.residentBytes > 1_000_000,
    );
  });

  test('labels and output hold no secret, and the container comes back by itself', async () => {
    const deployment = stage.deployment(await newPlace(), {
      mode: 'sick',
      health: { ...answering, deadline: seconds(4) },
    });
    const output = notReady(await stage.world().docker.deploy(deployment, never), /not healthy within 4 s/);
    assert.match(output, /hello from #\d+ with \[hidden\]/);
    const container = (await inspectContainer(engine, await onlyOne(deployment)))!;
    assert.ok(!JSON.stringify(container.Config.Labels).includes(secret));
    assert.equal(container.Config.Labels?.[labels.hidden], 'API_TOKEN');
    assert.equal(container.HostConfig.RestartPolicy.Name, 'unless-stopped');
  });

  test('what an instance may take is told to the engine', async () => {
    const resources = { memory: 2 ** 28, cpu: 0.5, processes: 200, openFiles: 4_096 };
    const deployment = { ...stage.deployment(await newPlace()), resources };
    assert.equal((await stage.world().docker.deploy(deployment, never)).deployed, 'ready');
    const request = { method: 'GET', path: `/containers/${await onlyOne(deployment)}/json` } as const;
    const { HostConfig } = await engine.ask(request, z.object({ HostConfig: z.record(z.string(), z.unknown()) }));
    const { Memory, NanoCpus, PidsLimit, Ulimits } = HostConfig;
    assert.deepEqual([Memory, NanoCpus, PidsLimit], [2 ** 28, 5e8, 200]);
    assert.deepEqual(Ulimits, [{ Name: 'nofile', Soft: 4_096, Hard: 4_096 }]);
  });

  test('what a service writes to LIFTLOCK_DATA is there for the releases after it', async () => {
    const place = await newPlace();
    const docker = stage.world().docker;
    const ask = (path: string) => fetch(`http://127.0.0.1:${place.port}${path}`, { headers: { connection: 'close' } });
    const first = stage.deployment(place);
    assert.equal((await docker.deploy(first, never)).deployed, 'ready');
    assert.equal((await ask('/keep')).status, 200);
    const second = stage.deployment(place);
    assert.equal((await docker.deploy(second, never)).deployed, 'ready');
    assert.equal(await docker.retire(second), 'done');
    assert.equal(await (await ask('/kept')).text(), first.variables['NAME']);
    const volumes = () => listVolumes(engine, `${labels.environment}=${first.environment.id}`);
    assert.equal((await volumes()).length, 1);
    await docker.stop(first.environment.id, 1_000);
    assert.equal((await volumes()).length, 1, 'an end of the service is no end of what it kept');
  });

  test('one that needs more memory than it may have is ended, and that is said', async () => {
    const hungry = stage.deployment(await newPlace(), { mode: 'hungry' });
    const answer = await stage.world().docker.deploy({ ...hungry, resources: { memory: 2 ** 27 } }, never);
    notReady(
      answer,
      /died \d times before it was ready, the last time because it needed more memory than it may have$/,
    );
  });

  test('R40: the same deployment starts once, however often, by how many and after whose death it is asked for', async () => {
    const deployment = stage.deployment(await newPlace());
    await Promise.all([1, 2, 3].map(() => stage.world().docker.deploy(deployment, never)));
    assert.equal((await stage.world().docker.deploy(deployment, never)).deployed, 'ready');
    const container = (await inspectContainer(engine, await onlyOne(deployment)))!;
    assert.equal(container.RestartCount, 0);
  });

  test('a container that was made by somebody who died before he started it is started by the next', async () => {
    const place = await newPlace();
    const deployment = stage.deployment(place);
    const dying = createEngine({ dockerHost: process.env['DOCKER_HOST'] });
    const engineThatDies = {
      ...dying,
      socket: dying.socket,
      tell: (request: Parameters<typeof dying.tell>[0]) =>
        request.path.endsWith('/start') ? Promise.reject(new Error('killed')) : dying.tell(request),
    };
    await assert.rejects(
      stage
        .world({ engine: engineThatDies })
        .docker.deploy(deployment, never)
        .then((answer) => {
          throw new Error(answer.deployed);
        }),
      /not-started/,
    );
    assert.equal((await inspectContainer(engine, await onlyOne(deployment)))?.State.Status, 'created');
    assert.equal((await stage.world().docker.deploy(deployment, never)).deployed, 'ready');
    await onlyOne(deployment);
  });

  test('R32: returning to what still runs starts nothing', async () => {
    const place = await newPlace();
    const { docker } = stage.world();
    const [first, second] = [stage.deployment(place), stage.deployment(place)];
    await docker.deploy(first, never);
    await docker.deploy(second, never);
    const back = { ...stage.deployment(place), continues: [first.id] };
    assert.equal((await docker.deploy(back, never)).deployed, 'ready');
    assert.equal((await serving(place))['NAME'], `#${first.release.number}`);
    assert.equal((await idsOf(back)).length, 2);
  });

  test('several instances have addresses of their own, and requests are led to all of them', async () => {
    const deployment = { ...stage.deployment(await newPlace()), instances: 3 };
    const { docker, traffic } = stage.world();
    assert.equal((await docker.deploy(deployment, never)).deployed, 'ready');
    const { instances } = (await traffic.inspect(deployment.environment.id))!.route.sides[0]!;
    assert.equal(new Set(instances.map(({ port }) => port)).size, 3);
    const numbers = await Promise.all(
      instances.map(async ({ port }) => (await serving({ port }))['LIFTLOCK_INSTANCE']),
    );
    assert.deepEqual(numbers.toSorted(), ['1', '2', '3']);
  });

  test('a service that dies at its start is told with its last words, without its secret', async () => {
    const deployment = stage.deployment(await newPlace(), { mode: 'fails' });
    const output = notReady(await stage.world().docker.deploy(deployment, never), /died 3 times|died/);
    assert.match(output, /hello from #\d+ with \[hidden\]/);
  });

  test('where nobody says how health is asked, the HEALTHCHECK of the image does', async () => {
    const health = { kind: 'process', settle: 100 as Duration } as const;
    const well = stage.deployment(await newPlace(), { health });
    assert.equal((await stage.world().docker.deploy(well, never)).deployed, 'ready');
    assert.equal((await inspectContainer(engine, await onlyOne(well)))?.State.Health?.Status, 'healthy');
    const ill = stage.deployment(await newPlace(), { health, mode: 'ill' });
    notReady(await stage.world().docker.deploy(ill, never), /HEALTHCHECK calls the service unhealthy/);
    const asked = stage.deployment(await newPlace(), { mode: 'ill' });
    assert.equal((await stage.world().docker.deploy(asked, never)).deployed, 'ready');
  });

  test('a process that is killed comes back in its container, at the same address', async () => {
    const place = await newPlace();
    const deployment = stage.deployment(place);
    const { docker } = stage.world();
    await docker.deploy(deployment, never);
    const id = await onlyOne(deployment);
    process.kill((await inspectContainer(engine, id))!.State.Pid, 'SIGKILL');
    await until('its restart', async () => (await inspectContainer(engine, id))!.RestartCount === 1);
    await until('its answer', async () => (await serving(place).catch(() => undefined))?.['NAME'] !== undefined);
    const observed = await docker.inspect(deployment);
    assert.ok(observed.observed === 'running' && observed.restarts === 1, JSON.stringify(observed));
  });

  test('a process that hangs in its container is told, and started anew in the same deployment', async () => {
    const place = await newPlace();
    const deployment = stage.deployment(place, { health: { ...answering, timeout: seconds(2) } });
    const { docker } = stage.world();
    assert.equal((await docker.deploy(deployment, never)).deployed, 'ready');
    const frozen = await onlyOne(deployment);
    await engine.tell({ method: 'POST', path: `/containers/${frozen}/kill`, query: { signal: 'STOP' } });
    const answers = async () => (await docker.ask!(deployment)).map(({ is }) => is).join();
    await until('it to be silent', async () => (await answers()) === 'silent');
    assert.equal(await docker.renew!(deployment, { instance: 1, answers: false }, never), undefined);
    await until('it to be well', async () => (await answers()) === 'well');
    assert.equal((await serving(place))['PORT'], '3000');
    assert.equal((await inspectContainer(engine, frozen))?.State.Running ?? false, false);
  });

  test('a container that somebody stops or removes is told as down, and is replaced by the next deployment', async () => {
    const place = await newPlace();
    const { docker } = stage.world();
    const deployment = stage.deployment(place);
    await docker.deploy(deployment, never);
    await engine.tell({ method: 'POST', path: `/containers/${await onlyOne(deployment)}/kill` });
    assert.match(JSON.stringify(await docker.inspect(deployment)), /"down".*was stopped/);
    const healed = { ...stage.deployment(place), continues: [deployment.id] };
    assert.equal((await docker.deploy(healed, never)).deployed, 'ready');
    for (const id of await idsOf(deployment)) await removeContainer(engine, id);
    assert.match(JSON.stringify(await docker.inspect(healed)), /"down".*never started/);
    const again = { ...stage.deployment(place), continues: [healed.id, deployment.id] };
    assert.equal((await docker.deploy(again, never)).deployed, 'ready');
  });

  test('a name that somebody else has is told, and what he has is left alone', async () => {
    const deployment = stage.deployment(await newPlace());
    const name = `liftlock-${stage.home}-${deployment.id}-1`;
    await stage.world().docker.prepare(deployment);
    const { Id } = await engine.ask(
      {
        method: 'POST',
        path: '/containers/create',
        query: { name },
        json: { Image: `liftlock-${stage.home}:${stage.artifact.slice('sha256:'.length)}` },
      },
      z.object({ Id: z.string() }),
    );
    const answer = await stage.world().docker.deploy(deployment, never);
    const said = JSON.stringify(answer);
    await removeContainer(engine, Id);
    assert.match(said, /not-started.*did not start has the name liftlock-/);
  });

  test('a network that is not there starts nothing and says so', async () => {
    const deployment = stage.deployment(await newPlace(), { network: 'nowhere-at-all' });
    const answer = await stage
      .world()
      .docker.deploy(deployment, never)
      .catch((error: Error) => error.message);
    assert.match(JSON.stringify(answer), /nowhere-at-all/);
    assert.equal((await stage.world().docker.inspect(deployment)).observed, 'down');
  });

  test("on the machine's own network a service is told the port that it has there", async () => {
    const place = await newPlace();
    const deployment = stage.deployment(place, { network: 'host' });
    assert.equal((await stage.world().docker.deploy(deployment, never)).deployed, 'ready');
    const port = (await inspectContainer(engine, await onlyOne(deployment)))!.Config.Labels?.[labels.port];
    assert.equal((await serving(place))['PORT'], port);
  });

  test('a worker that listens nowhere runs without an address, one at a time', async () => {
    const place = await newPlace();
    const health = { kind: 'process', settle: 200 as Duration } as const;
    const wish = { health, mode: 'deaf', port: 'none' } as const;
    const { docker } = stage.world();
    const [first, second] = [stage.deployment(place, wish), stage.deployment(place, wish)];
    const answer = await docker.deploy(first, never);
    assert.ok(answer.deployed === 'ready' && answer.url === undefined, JSON.stringify(answer));
    assert.equal((await docker.deploy(second, never)).deployed, 'ready');
    assert.match(JSON.stringify(await docker.inspect(first)), /"down"/);
    await docker.stop(second.environment.id, 5_000);
    assert.match(JSON.stringify(await docker.inspect(second)), /"down"/);
  });

  test('an engine that is not there is a failure that may pass, and nothing is taken for down', async () => {
    const absent = stage.world({ engine: createEngine({ dockerHost: `unix://${stage.directory}/no.sock` }) }).docker;
    const deployment = stage.deployment(await newPlace());
    await assert.rejects(absent.prepare(deployment), { code: 'docker/unreachable' });
    await assert.rejects(absent.inspect(deployment), { code: 'docker/unreachable' });
    assert.equal(await absent.collectGarbage!(new Set()), 0);
  });
});

describe('services in containers, one after the other', { skip, timeout: 300_000 }, () => {
  test('replacing releases under keep-alive load fails no request, and each old one ends', async () => {
    const place = await newPlace();
    const { docker } = stage.world();
    let current = stage.deployment(place);
    await docker.deploy(current, never);
    const load = keepAliveLoad(place, 8);
    for (let round = 0; round < 3; round++) {
      const next = stage.deployment(place);
      assert.equal((await docker.deploy(next, never)).deployed, 'ready');
      assert.equal((await serving(place))['NAME'], `#${next.release.number}`);
      await until('the old one to end', async () => (await docker.retire(next)) === 'done');
      assert.match(JSON.stringify(await docker.inspect(current)), /"down"/);
      current = next;
    }
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, []);
    assert.ok(answered > 100, `${answered} requests are no load`);
    assert.ok((await idsOf(current)).length <= 3, 'the output of three deployments is kept');
  });

  test('an engine that has lost the image gets it from the artifact, and it is the same one', async () => {
    const deployment = stage.deployment(await newPlace());
    const { docker } = stage.world();
    await docker.deploy(deployment, never);
    const image = (await inspectContainer(engine, await onlyOne(deployment)))!.Image;
    const all = await listContainers(engine, { [labels.home]: stage.home });
    for (const { id } of all) await removeContainer(engine, id);
    await docker.collectGarbage!(new Set());
    assert.equal(await inspectImage(engine, image), undefined);
    const next = stage.deployment(await newPlace());
    await docker.prepare(next);
    assert.equal((await docker.deploy(next, never)).deployed, 'ready');
    assert.equal((await inspectContainer(engine, await onlyOne(next)))!.Image, image);
  });

  test('tidying up keeps what is to be kept and what runs, whoever forgot it', async () => {
    const deployment = stage.deployment(await newPlace());
    const { docker } = stage.world();
    await docker.deploy(deployment, never);
    const repository = `liftlock-${stage.home}`;
    await docker.collectGarbage!(new Set([stage.artifact]));
    assert.deepEqual(
      (await tagsOf(engine, repository)).map(({ tag }) => `sha256:${tag}`),
      [stage.artifact],
    );
    await docker.collectGarbage!(new Set());
    assert.equal((await inspectContainer(engine, await onlyOne(deployment)))?.State.Running, true);
    assert.equal((await stage.world().docker.inspect(deployment)).observed, 'running');
  });
});
