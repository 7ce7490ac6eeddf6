import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { createServer as createHttpServer, type Server } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Digest } from '../../../src/domain/base/digest.ts';
import { createProcessTarget } from '../../../src/adapters/targets/process/process-target.ts';
import { plus, type Duration } from '../../../src/domain/base/time.ts';
import type { HealthCheck } from '../../../src/domain/pipeline/pipeline.ts';
import type { Target } from '../../../src/ports/target.ts';

import {
  type Place,
  answering,
  deploymentAt,
  directory,
  never,
  newPlace,
  notKnown,
  notReady,
  notesOf,
  probe,
  ready,
  runsIn,
  seconds,
  serving,
  until,
  world,
  artifact,
  program,
  clock,
  portless,
} from './stage.ts';

describe('a process of this machine', { timeout: 300_000 }, () => {
  test('a service is ready when it answers, with its variables and its port', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place);
    await world().local.prepare(deployment);
    const answer = await world().local.deploy(deployment, never);
    assert.deepEqual(
      { ...answer, milliseconds: 0 },
      { deployed: 'ready', url: `http://127.0.0.1:${place.port}`, milliseconds: 0 },
    );
    const seen = await serving(place);
    assert.deepEqual([seen['PORT'], seen['NOTES'], seen['HOME']], [String(place.port), place.notes, undefined]);
  });

  test('R40: the same deployment starts once, however often and by how many it is asked for', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place);
    const answers = await Promise.all([
      world().local.deploy(deployment, never),
      world().local.deploy(deployment, never),
    ]);
    answers.push(await world().local.deploy(deployment, never));
    assert.deepEqual(
      answers.map(({ deployed }) => deployed),
      ['ready', 'ready', 'ready'],
    );
    assert.equal((await notesOf(place)).length, 1);
  });

  test('a caller that stops waiting leaves the service, and the next caller waits for the same one', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { mode: 'waits' });
    const control = new AbortController();
    const first = world().local.deploy(deployment, control.signal);
    await until('the service', async () => (await notesOf(place)).length === 1);
    control.abort();
    assert.deepEqual(await first, { deployed: 'stopped' });
    const second = world().local.deploy(deployment, never);
    await writeFile(`${place.notes}.go`, '');
    assert.equal((await second).deployed, 'ready');
    assert.equal((await notesOf(place)).length, 1);
  });

  test('the next deployment replaces the one before, on the same port', async () => {
    const place = await newPlace();
    const first = deploymentAt(place);
    const second = deploymentAt(place);
    await world().local.deploy(first, never);
    assert.equal((await world().local.deploy(second, never)).deployed, 'ready');
    assert.equal((await serving(place))['NAME'], `#${second.release.number}`);
    assert.equal((await world().local.inspect(first)).observed, 'down');
    assert.equal((await world().local.inspect(second)).observed, 'running');
  });

  test('what was aborted while it started is replaced by the next deployment', async () => {
    const place = await newPlace();
    const stuck = deploymentAt(place, { mode: 'sick' });
    const control = new AbortController();
    const waiting = world().local.deploy(stuck, control.signal);
    await until('the service', async () => (await notesOf(place)).length === 1);
    control.abort();
    await waiting;
    assert.equal((await world().local.deploy(deploymentAt(place), never)).deployed, 'ready');
  });

  test('nothing starts when the abort comes first', async () => {
    const place = await newPlace();
    const answer = await world().local.deploy(deploymentAt(place), AbortSignal.abort());
    assert.deepEqual(answer, { deployed: 'stopped', untouched: true });
    assert.equal(await runsIn(place), 0);
  });

  for (const [how, wish] of Object.entries({
    'listens at the port itself': {},
    'has the port of the edge and may not run twice': { target: { kind: 'process' } as const, aloneHoldMs: 20_000 },
  }))
    test(`R27: what ${how} and may not begin any more ends nothing, and what has begun is not asked for again`, async () => {
      const place = await newPlace();
      const { target, ...more } = { target: undefined, ...wish };
      const deployment = () => ({ ...deploymentAt(place, target === undefined ? {} : { target }), ...more });
      const first = deployment();
      ready(await world().local.deploy(first, never));
      const second = deployment();
      const asked: string[] = [];
      const may = (answer: boolean) => async () => {
        asked.push((await serving(place))['NAME']!);
        return answer;
      };
      assert.deepEqual(await world().local.deploy(second, never, may(false)), {
        deployed: 'stopped',
        untouched: true,
      });
      assert.equal((await serving(place))['NAME'], `#${first.release.number}`);
      assert.deepEqual(await notesOf(place), [`#${first.release.number} started`]);
      ready(await world().local.deploy(second, never, may(true)));
      ready(await world().local.deploy(second, never, may(false)));
      assert.equal((await serving(place))['NAME'], `#${second.release.number}`);
      assert.deepEqual(asked, Array(2).fill(`#${first.release.number}`));
    });

  test('R27: once what ran before was ended to make room, nobody is asked: something has to serve', async () => {
    const place = await newPlace();
    ready(await world().local.deploy(deploymentAt(place), never));
    const { processes, local } = world();
    for (const { key } of await processes.list(`service/${place.environment}/`)) await processes.stop(key, 2_000);
    ready(await local.deploy(deploymentAt(place), never, () => Promise.resolve(false)));
  });

  test('a service that keeps dying is not ready long before its deadline, and says what it wrote', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { mode: 'fails', health: { ...answering, deadline: seconds(3_000) } });
    const output = notReady(await world().local.deploy(deployment, never), /died 3 times before it was ready/);
    assert.match(output, /hello from/);
    assert.match(JSON.stringify(await world().local.deploy(deployment, never)), /not-ready/);
  });

  test('a service that comes up at its second start is ready', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place, { mode: 'fails-once' });
    assert.equal((await world().local.deploy(deployment, never)).deployed, 'ready');
    const observed = await world().local.inspect(deployment);
    assert.ok(observed.observed === 'running' && observed.restarts === 1, JSON.stringify(observed));
  });

  test('a service that does not get healthy is not ready at its deadline, with its last answer', async () => {
    const place = await newPlace();
    const sick = deploymentAt(place, { mode: 'sick', health: { ...answering, deadline: seconds(4) } });
    notReady(await world().local.deploy(sick, never), /not healthy within 4 s: it answered 503/);
    const silent = deploymentAt(await newPlace(), {
      start: 'sleep 600',
      health: { ...answering, deadline: seconds(1) },
    });
    notReady(await world().local.deploy(silent, never), /connection refused/);
  });

  test('a service without an address is ready when it still runs after its time to settle', async () => {
    const place = await newPlace();
    const settle: HealthCheck = { kind: 'process', settle: seconds(1) };
    assert.equal(
      (await world().local.deploy(deploymentAt(place, { start: 'sleep 600', health: settle, target: portless }), never))
        .deployed,
      'ready',
    );
    const dying = deploymentAt(place, { start: 'echo bye; exit 0', health: { kind: 'process', settle: seconds(600) } });
    assert.match(notReady(await world().local.deploy(dying, never), /died within its first/), /bye/);
  });

  test('a service that was given a port and never opens it is not ready, however well its process is', async () => {
    const place = await newPlace();
    const health: HealthCheck = { kind: 'process', settle: seconds(0) };
    let ahead = 0;
    const fast = {
      now: () => plus(clock.now(), ahead as Duration),
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        ahead += milliseconds * 40;
        await clock.sleep(milliseconds, signal);
      },
    };
    const local = createProcessTarget({ ...world(), clock: fast });
    const closed = deploymentAt(place, { start: 'exec sleep 600', health });
    notReady(
      await local.deploy(closed, never),
      new RegExp(`runs, but does not listen at port ${place.port} .*port: none`),
    );
    assert.equal((await local.deploy(deploymentAt(place, { health }), never)).deployed, 'ready');
  });

  test('R12, R15: a deployment that was stopped from outside says nothing about the release, and is not started again', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place);
    await world().local.deploy(deployment, never);
    await world().local.stop(deployment.environment.id, 10_000);
    await world().local.stop(deployment.environment.id, 10_000);
    const again = await world().local.deploy(deployment, never);
    assert.equal(again.deployed, 'unknown');
    assert.match(again.deployed === 'unknown' ? again.because : '', /was stopped after/);
    assert.equal((await notesOf(place)).length, 1);
  });

  test('a port that somebody else has is a failure that names it, and nothing is started', async () => {
    const place = await newPlace();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(place.port, '127.0.0.1', resolve));
    const who = process.platform === 'linux' ? `process ${process.pid} ` : 'another process';
    const answer = await world().local.deploy(deploymentAt(place), never);
    assert.ok(answer.deployed === 'not-started', JSON.stringify(answer));
    assert.ok(answer.because.includes(`port ${place.port} of staging is taken by ${who}`), answer.because);
    assert.match(answer.because, /give the environment another port/);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await runsIn(place), 0);
  });

  test('a release that does not say how it starts cannot be deployed', async () => {
    const deployment = deploymentAt(await newPlace());
    const { start: _, ...service } = deployment.service;
    await assert.rejects(world().local.deploy({ ...deployment, service }, never), { code: 'target/unsupported' });
  });

  test('an artifact that is not there is a failure before anything is stopped', async () => {
    const place = await newPlace();
    const first = deploymentAt(place);
    await world().local.deploy(first, never);
    const next = deploymentAt(place);
    const missing = { ...next, release: { ...next.release, artifact: `sha256:${'0'.repeat(64)}` as Digest } };
    await assert.rejects(world().local.deploy(missing, never), { code: 'artifact/missing' });
    assert.equal((await world().local.inspect(first)).observed, 'running');
  });

  test('what runs is told with what it uses, and what fell is told as down with the reason', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place);
    assert.match(JSON.stringify(await world().local.inspect(deployment)), /never started on this machine/);
    await world().local.deploy(deployment, never);
    const observed = await world().local.inspect(deployment);
    assert.ok(
      observed.observed === 'running' && observed.restarts === 0 && (observed.usage?.residentBytes ?? 0) > 0,
      JSON.stringify(observed),
    );
    await world().local.stop(deployment.environment.id, 10_000);
    assert.match(JSON.stringify(await world().local.inspect(deployment)), /"down".*the service was stopped after/);
  });

  test('a service that its keeper restarts at once is not told as down', async () => {
    const place = await newPlace();
    const deployment = deploymentAt(place);
    await world().local.deploy(deployment, never);
    await probe.http(`http://127.0.0.1:${place.port}/die`, { timeoutMs: 10_000 });
    await until('the restart', async () => {
      const observed = await world().local.inspect(deployment);
      return observed.observed === 'running' && observed.restarts === 1;
    });
  });

  test('the logs of the last three deployments are kept', async () => {
    const place = await newPlace();
    const settle: HealthCheck = { kind: 'process', settle: seconds(0) };
    const all = Array.from({ length: 5 }, () =>
      deploymentAt(place, { start: 'echo $NAME; exec sleep 600', health: settle, target: portless }),
    );
    for (const deployment of all) await world().local.deploy(deployment, never);
    const kept = (await world().processes.list(`service/${place.environment}/`)).map(({ key }) =>
      key.split('/').at(-1),
    );
    assert.deepEqual(
      kept,
      all.slice(2).map(({ id }) => id),
    );
  });
});

describe('a deploy command', { timeout: 300_000 }, () => {
  const commandAt = (
    place: Place,
    deploy: string,
    more: { url?: string; timeout?: Duration; health?: HealthCheck } = {},
  ) =>
    deploymentAt(place, {
      health: more.health ?? answering,
      target: {
        kind: 'command',
        deploy,
        timeout: more.timeout ?? seconds(120),
        ...(more.url !== undefined && { url: more.url }),
      },
    });

  async function listening(status: number): Promise<{ url: string; server: Server; asked: string[] }> {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked };
  }

  const workspacesLeft = () => readdir(join(directory, 'workspaces')).catch(() => []);

  test('an empty command records and touches nothing, not even the artifact', async () => {
    const deployment = commandAt(await newPlace(), '  ');
    const absent = {
      ...deployment,
      release: { ...deployment.release, artifact: `sha256:${'0'.repeat(64)}` as Digest },
    };
    await world().command.prepare(absent);
    assert.deepEqual(
      { ...(await world().command.deploy(absent, never)), milliseconds: 0 },
      { deployed: 'ready', url: undefined, milliseconds: 0 },
    );
    assert.deepEqual(await world().processes.list('deploy/'), []);
  });

  test('R27: one that may not begin any more does not run; one that has is not asked for again', async () => {
    const place = await newPlace();
    const deployment = commandAt(place, 'echo "$NAME" >> "$NOTES"');
    await world().command.prepare(deployment);
    const may = (answer: boolean) => () => Promise.resolve(answer);
    assert.deepEqual(await world().command.deploy(deployment, never, may(false)), {
      deployed: 'stopped',
      untouched: true,
    });
    assert.deepEqual(await notesOf(place), []);
    for (const answer of [true, false]) ready(await world().command.deploy(deployment, never, may(answer)));
    assert.deepEqual(await notesOf(place), [`#${deployment.release.number}`]);
  });

  test('a command runs in a writable copy of the artifact, with the variables and the address of the environment', async () => {
    const place = await newPlace();
    const { url, server, asked } = await listening(204);
    const deployment = commandAt(place, 'echo x >> server.mjs && echo "$NAME $LIFTLOCK_URL" >> "$NOTES"', {
      url: `${url}/base/`,
    });
    await world().command.prepare(deployment);
    const answer = await world().command.deploy(deployment, never);
    server.close();
    assert.deepEqual({ ...answer, milliseconds: 0 }, { deployed: 'ready', url: `${url}/base/`, milliseconds: 0 });
    assert.deepEqual(await notesOf(place), [`#${deployment.release.number} ${url}/base/`]);
    assert.deepEqual(asked, ['/base/health']);
    assert.deepEqual(await workspacesLeft(), []);
    assert.equal(await readFile(join(await world().artifacts.unpack(artifact), 'server.mjs'), 'utf8'), program);
  });

  test('a command that fails leaves it unknown what runs, and says what it wrote', async () => {
    const place = await newPlace();
    const deployment = commandAt(place, 'echo once >> "$NOTES"; echo "no such cluster" >&2; exit 7');
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.match(notKnown(await world().command.deploy(deployment, never), /exited with 7 after/), /no such cluster/);
    }
    assert.deepEqual(await notesOf(place), ['once']);
    assert.deepEqual(await workspacesLeft(), []);
  });

  test('a command that takes too long is ended', async () => {
    const deployment = commandAt(await newPlace(), 'echo begun; sleep 600', { timeout: seconds(1) });
    assert.match(notKnown(await world().command.deploy(deployment, never), /ran longer than it may/), /begun/);
  });

  test('a command that was lost is not known to have deployed, and is not run again', async () => {
    const place = await newPlace();
    const deployment = commandAt(place, 'echo once >> "$NOTES"; kill -9 $PPID; exit 0');
    for (let attempt = 0; attempt < 2; attempt++) notKnown(await world().command.deploy(deployment, never), /was lost/);
    assert.deepEqual(await notesOf(place), ['once']);
  });

  test('R40: a command found running after a crash is waited for and not run again', async () => {
    const place = await newPlace();
    const deployment = commandAt(
      place,
      'echo begin >> "$NOTES"; while [ ! -e "$NOTES.go" ]; do sleep 0.05; done; echo end >> "$NOTES"',
    );
    const control = new AbortController();
    const first = world().command.deploy(deployment, control.signal);
    await until('the command', async () => (await notesOf(place)).length === 1);
    control.abort();
    assert.deepEqual(await first, { deployed: 'stopped' });
    const second = world().command.deploy(deployment, never);
    await writeFile(`${place.notes}.go`, '');
    assert.equal((await second).deployed, 'ready');
    assert.deepEqual(await notesOf(place), ['begin', 'end']);
  });

  test('a command still running for an earlier deployment ends before the next one starts; other environments go on', async () => {
    const [place, elsewhere] = [await newPlace(), await newPlace()];
    const stuck = [place, elsewhere].map((where) =>
      commandAt(where, 'echo begin >> "$NOTES"; sleep 600; echo end >> "$NOTES"'),
    );
    for (const [index, where] of [place, elsewhere].entries()) {
      const control = new AbortController();
      const waiting = world().command.deploy(stuck[index]!, control.signal);
      await until('the command', async () => (await notesOf(where)).length === 1);
      control.abort();
      await waiting;
    }
    assert.equal((await world().command.deploy(commandAt(place, 'echo next >> "$NOTES"'), never)).deployed, 'ready');
    assert.deepEqual(await notesOf(place), ['begin', 'next']);
    const states = await Promise.all(
      stuck.map(({ id, environment }) => world().processes.inspect(`deploy/${id}/${environment.id}`)),
    );
    assert.deepEqual(
      states.map(({ state }) => state),
      ['exited', 'running'],
    );
    assert.deepEqual(
      (await workspacesLeft()).map((name) => stuck.findIndex(({ id }) => name.includes(id))),
      [1],
    );
  });

  test('what a command deployed must be healthy where the environment answers', async () => {
    const { url, server } = await listening(500);
    const deployment = commandAt(await newPlace(), 'echo deployed', {
      url,
      health: { ...answering, deadline: seconds(1) },
    });
    assert.match(notReady(await world().command.deploy(deployment, never), /it answered 500/), /deployed/);
    assert.match(JSON.stringify(await world().command.inspect(deployment)), /"down".*it answered 500/);
    server.close();
    const good = await listening(200);
    const healthy = commandAt(await newPlace(), '', { url: good.url });
    assert.equal((await world().command.deploy(healthy, never)).deployed, 'ready');
    assert.equal((await world().command.inspect(healthy)).observed, 'running');
    good.server.close();
    assert.deepEqual(await world().command.inspect(commandAt(await newPlace(), '')), { observed: 'unknown' });
  });

  test('stopping an environment ends its commands', async () => {
    const place = await newPlace();
    const deployment = commandAt(place, 'echo begin >> "$NOTES"; sleep 600');
    const answer = world().command.deploy(deployment, never);
    await until('the command', async () => (await notesOf(place)).length === 1);
    const target: Target = world().command;
    await target.stop(deployment.environment.id, 10_000);
    notKnown(await answer, /was stopped after/);
    assert.deepEqual(
      (await workspacesLeft()).filter((name) => name.includes(deployment.id)),
      [],
    );
    await target.stop(deployment.environment.id, 10_000);
  });
});
