/** What an engine, or somebody at it, can do to containers while releases move: production always ends on one release that serves. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { listContainers, inspectContainer, removeContainer } from '../../src/adapters/targets/docker/containers.ts';
import { labels } from '../../src/adapters/targets/docker/container-config.ts';
import { withoutDocker } from '../world/docker.ts';
import { until } from '../world/make.ts';
import { makeOwnDocker, withoutOwnDocker, type OwnDocker } from '../world/own-docker.ts';
import { endAll, processesOf } from './machine.ts';
import { makeContainersStage, project, type ContainersStage } from './containers-stage.ts';

const skip = withoutOwnDocker() || (await withoutDocker());
const canary = `
      strategy: canary
      users: none
      keep: 0s
      steps:
        - { step: weight, percent: 50, for: 2s }
        - { step: pause }`;

/** `ending`: how the engine ends. One that is killed needs longer to come back than one that is restarted. */
export function containerFaults(ending: 'SIGTERM' | 'SIGKILL'): void {
  describe(`an engine that ends by ${ending}`, { skip, timeout: 600_000 }, () => {
    let docker: OwnDocker;
    let stage: ContainersStage;
    before(async () => {
      docker = await makeOwnDocker();
      await docker.start();
      stage = await makeContainersStage({ rollout: canary, network: 'host', dockerHost: docker.host });
      assert.equal((await stage.ended(await stage.commit(), 'production')).outcome, 'succeeded');
    });
    after(async () => {
      await docker?.start().catch(() => undefined);
      await stage?.remove().finally(() => docker?.remove());
    });

    const answer = async (): Promise<string> => {
      const response = await fetch(await stage.url('production')).catch(() => undefined);
      return response?.status === 200 ? (await response.text()).trim() : '';
    };
    const serves = (release: number, within = 60_000) =>
      until(async () => (await answer()) === `release ${release}`, `release ${release} to serve`, within);
    const running = async (): Promise<readonly string[]> => {
      const found = await listContainers(docker.engine, { [labels.name]: 'production' });
      const all = await Promise.all(found.map(({ id }) => inspectContainer(docker.engine, id)));
      return all.flatMap((one) => (one?.State.Running === true ? [one.Config.Labels![labels.release]!] : []));
    };
    const restart = async (): Promise<void> => {
      await docker.end(ending);
      await docker.start();
    };
    /** Before it has begun there is none. */
    const rollout = () =>
      stage.client
        .get<{ state: string; percent: number; release: { number: number } }>(
          `${project}/environments/production/rollout`,
        )
        .catch(() => ({ state: 'none', percent: 0, release: { number: 0 } }));

    /** A person's word; nobody asks for anything here, so that there is nothing to judge by. */
    const promoteFully = (number: number) =>
      until(
        async () => {
          const { state, percent, release } = await rollout();
          if (release.number !== number) return false;
          if (percent === 50)
            await stage.client.post(`${project}/environments/production/rollout/promote`, {}).catch(() => undefined);
          return state === 'finished' || state === 'returned';
        },
        'the rollout to be over',
        60_000,
      );

    test('that comes back brings everything back by itself, nothing is started twice', async () => {
      await restart();
      await serves(1);
      assert.deepEqual(await running(), ['1']);
    });

    test('R39: that ends with the whole machine: containers, edge and control plane are back, and serve', async () => {
      const containers = await listContainers(docker.engine, {});
      const found = await Promise.all(containers.map(({ id }) => inspectContainer(docker.engine, id)));
      const pids = found.flatMap((one) => (one?.State.Running === true ? [one.State.Pid] : []));
      assert.equal(pids.length, 2, 'one in testing, one in production');
      const url = await stage.url('production');
      await stage.restartAfter(async () => {
        await docker.end(ending);
        endAll([...processesOf(stage.home), ...pids]);
        await assert.rejects(fetch(url), 'nobody answers while the machine is down');
        await docker.start();
      });
      await serves(1);
      assert.deepEqual(await running(), ['1']);
    });

    test('that ends while requests are divided: the rollout ends, on one release that serves', async () => {
      const number = await stage.commit();
      await stage.started(number, 'production');
      await until(async () => (await rollout()).percent === 50, 'half of the requests', 60_000);
      await restart();
      await promoteFully(number);
      const { outcome, reason } = await stage.ended(number, 'production');
      const wanted = outcome === 'succeeded' ? number : 1;
      await serves(wanted);
      await until(
        async () => (await running()).join() === String(wanted),
        `only release ${wanted} to run: ${reason}`,
        60_000,
      );
    });

    test('that is slow only delays', async () => {
      docker.delay(300);
      const number = await stage.commit();
      assert.equal((await stage.ended(number, 'testing')).outcome, 'succeeded');
      docker.delay(0);
      await promoteFully(number);
      assert.equal((await stage.ended(number, 'production')).outcome, 'succeeded');
      await serves(number);
    });

    test('whose containers and images somebody removed gets both back out of the artifact', async () => {
      const served = await answer();
      for (const { id } of await listContainers(docker.engine, {})) await removeContainer(docker.engine, id);
      await docker.engine.tell({ method: 'POST', path: '/images/prune', query: { filters: '{"dangling":["false"]}' } });
      await serves(Number(served.replace('release ', '')));
      assert.equal((await running()).length, 1);
    });

    test('that is not there fails no build: it could not be asked, and that is said', async () => {
      const served = await answer();
      await docker.end(ending);
      const number = await stage.commit();
      const builds = async () =>
        (
          await stage.client.get<{ builds: { number: number; state: string; reason: string | null }[] }>(
            `${project}/status`,
          )
        ).builds.find((build) => build.state !== 'running' && build.state !== 'waiting');
      await until(async () => (await builds()) !== undefined, 'the build to end', 60_000);
      const build = (await builds())!;
      assert.equal(build.state, 'errored', `build of release ${number}`);
      assert.match(
        build.reason ?? '',
        /the Docker engine at .*: (?:nobody listens there|there is no such socket|it closed the connection)/,
      );
      await docker.start();
      await serves(Number(served.replace('release ', '')));
    });
  });
}
