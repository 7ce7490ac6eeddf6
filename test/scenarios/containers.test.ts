/** From a commit to production as an image, by the verbs of the engine, with a real Docker engine and requests that never stop. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { withoutDocker } from '../world/docker.ts';
import { makeContainersStage, project, type ContainersStage } from './containers-stage.ts';
import { load } from './load.ts';

const skip = await withoutDocker();
const canary = `
      strategy: canary
      users: none
      keep: 0s
      analysis: { minRequests: 20, warmUp: 200ms, dryRun: [latency] }
      steps:
        - { step: weight, percent: 50, for: 1s }`;

describe('a release that is an image', { skip, timeout: 300_000 }, () => {
  let stage: ContainersStage;
  before(async () => (stage = await makeContainersStage({ rollout: canary })));
  after(() => stage?.remove());

  test('goes from a commit through testing to production, and is the same image in both', async () => {
    const number = await stage.commit();
    assert.equal((await stage.ended(number, 'testing')).outcome, 'succeeded');
    const { outcome, reason } = await stage.ended(number, 'production');
    assert.equal(outcome, 'succeeded', reason ?? '');
    const answer = await fetch(await stage.url('production'));
    assert.equal((await answer.text()).trim(), 'release 1');
    const { environments } = await stage.client.get<{
      environments: { name: string; service: { state: string; residentBytes: number | null } | null }[];
    }>(`${project}/status`);
    assert.deepEqual(
      environments.map(({ service }) => service?.state),
      ['running', 'running'],
    );
    const { pieces } = await stage.client.get<{ pieces: { instance: number; state: string; text: string }[] }>(
      `${project}/logs?subject=production`,
    );
    assert.deepEqual(
      pieces.map(({ instance, state, text }) => [instance, state, text.trim()]),
      [[1, 'running', 'release 1 starts']],
    );
  });

  test('takes over from the one before as a canary, a control plane that is killed in the middle or not', async () => {
    const requests = load(await stage.url('production'), { connections: 4, pauseMs: 20 });
    const number = await stage.commit();
    await stage.started(number, 'production');
    await stage.killControlPlane();
    const { outcome, reason } = await stage.ended(number, 'production');
    await requests.stop();
    assert.deepEqual([outcome, requests.failed], ['succeeded', 0], reason ?? '');
    assert.deepEqual(Object.keys(requests.counts).toSorted(), ['200 release 1\n', '200 release 2\n']);
  });

  test('is left when it fails for its users: all requests go back, and production serves what it served', async () => {
    const requests = load(await stage.url('production'), { connections: 4, pauseMs: 20 });
    const number = await stage.commit({ broken: true });
    const { outcome, reason } = await stage.ended(number, 'production').finally(() => requests.stop());
    assert.equal(outcome, 'failed', reason ?? '');
    assert.match(reason ?? '', /of its requests failed.*all requests are back on release #2/s);
    assert.equal(requests.failed, 0);
    assert.equal((await (await fetch(await stage.url('production'))).text()).trim(), 'release 2');
  });

  test('that does not start goes no further than testing, and says what it said', async () => {
    const number = await stage.commit({ starts: false });
    const { outcome, reason } = await stage.ended(number, 'testing');
    assert.equal(outcome, 'failed');
    assert.match(reason ?? '', /the service died/);
  });
});
