/** Releases that take over step by step, with a real service, the real edge, and requests that never stop. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RecomputedView, RolloutSeriesView, RolloutView } from '../../src/api/contract/rollouts.ts';
import { until } from '../world/make.ts';
import { load, type Load } from './load.ts';
import { answerOf, kill, servicesOf } from './rollout-victims.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

const canary = `
      strategy: canary
      users: none
      keep: 5s
      analysis: { minRequests: 20, warmUp: 200ms, dryRun: [latency] }
      steps:
        - { step: check, name: answers, run: 'test "$(curl -s $LIFTLOCK_URL/healthz)" != ""' }
        - { step: weight, percent: 20, for: 1s }
        - { step: weight, percent: 50, for: 1s }`;

let stage: RolloutStage;

before(async () => {
  stage = await makeRolloutStage(canary);
  await stage.ended(await stage.promote(await stage.release()));
});
after(async () => {
  await Promise.all(loads.map((one) => one.stop()));
  await stage?.remove();
});

/** Of every test: one that fails must not go on asking for ever. */
const loads: Load[] = [];

function ask(how: { connections: number; pauseMs: number }): Load {
  const started = load(stage.url(), how);
  loads.push(started);
  return started;
}

/** A person pauses it as soon as a part of the requests goes to the new release; on a busy machine that may be in its second step. */
async function pausedHalfWay(): Promise<RolloutView> {
  const divided = async () => [20, 50].includes((await stage.rollout()).percent);
  await until(divided, 'a part of the requests', 60_000);
  await stage.steer('pause');
  return stage.rollout();
}

test('R31: a good release takes over in steps, and no request fails', async () => {
  const requests = ask({ connections: 8, pauseMs: 5 });
  const promotion = await stage.promote(await stage.release());
  const { outcome, reason } = await stage.ended(promotion);
  const rollout = await stage.rollout();
  await requests.stop();
  assert.deepEqual([outcome, requests.failed], ['succeeded', 0], reason);
  assert.deepEqual(Object.keys(requests.counts).toSorted(), ['200 release 1', '200 release 2']);
  assert.equal(rollout.state, 'finished');
  assert.ok(rollout.ofNew.requests > 20 && rollout.ofStable.requests > 20);
  const series = await stage.get<RolloutSeriesView>(
    '/api/v1/projects/gradual/environments/live/rollout/series?points=20',
  );
  const judged = series.points.reduce((sum, { ofNew }) => sum + ofNew.requests, 0);
  assert.equal(judged, rollout.ofNew.requests, 'the course of it is made of everything that was judged');
  assert.ok(series.points.some(({ percent }) => percent === 50) && series.points.at(-1)!.evidence !== null);
  assert.ok(series.happened.some(({ what }) => what === '50 % of the requests'));
  const entered = await stage.events('rollout.step-entered');
  assert.deepEqual(
    entered.map(({ data }) => data['what']),
    ['20 % of the requests', '50 % of the requests'],
  );
});

test('R13, R34: a release that fails is caught and all requests go back at once; nothing was restarted', async () => {
  const requests = ask({ connections: 8, pauseMs: 5 });
  const bad = await stage.release({ errors: 2 });
  const { outcome, reason } = await stage.ended(await stage.promote(bad));
  await requests.settled();
  const atTheEnd = requests.counts[`500 release ${bad}`] ?? 0;
  const total = requests.answered;
  await until(() => requests.answered > total + 200, 'more requests', 20_000);
  await requests.stop();
  assert.equal(outcome, 'failed');
  assert.match(reason, /of its requests failed, 0 % of the stable release's.*all requests are back on release #2/s);
  assert.equal(requests.failed, 0);
  assert.equal(requests.counts[`500 release ${bad}`], atTheEnd, 'nobody is led to it any more');
  assert.equal((await stage.events('environment.paged')).length, 0);
});

test('R34: a release that answers 404 to everybody is caught, although none of its requests failed', async () => {
  const requests = ask({ connections: 8, pauseMs: 5 });
  const bad = await stage.release({ answers: 404 });
  const { outcome, reason } = await stage.ended(await stage.promote(bad));
  await requests.settled();
  const { ofNew, ofStable, judgement } = await stage.rollout();
  await requests.stop();
  assert.equal(outcome, 'failed', reason);
  assert.match(reason, /^100 % of its requests were answered with 4xx, 0 % of the stable release's/);
  assert.match(reason, /all requests are back on release #2/);
  assert.deepEqual([ofNew.failures, ofNew.clientErrors, ofStable.clientErrors], [0, ofNew.requests, 0]);
  assert.deepEqual([ofNew.clientErrorRate, ofNew.unanswered, ofNew.brokenOff], [1, 0, 0]);
  const { is, limit } = judgement!.evidence.find(({ metric }) => metric === 'clientErrors')!;
  assert.ok(is >= limit, `${is} of ${limit}`);
  const recomputed = await stage.get<RecomputedView>('/api/v1/projects/gradual/environments/live/rollout/recomputed');
  assert.deepEqual([recomputed.inputs, recomputed.equal], ['complete', true], JSON.stringify(recomputed));
});

test('R10, R31: one that went back is tried again by a person only, and begins at the first step', async () => {
  const earlier = await stage.rollout();
  assert.equal(earlier.state, 'returned', 'the one that failed');
  const requests = ask({ connections: 8, pauseMs: 5 });
  const again = await stage.promote(earlier.release.number);
  const { outcome } = await stage.ended(again);
  await requests.stop();
  const rollout = await stage.rollout();
  assert.deepEqual([rollout.promotion, rollout.stable?.number, outcome], [again, earlier.stable?.number, 'failed']);
  const [first] = (await stage.events('rollout.step-entered')).filter(({ promotion }) => promotion === again);
  assert.equal(first?.data['what'], '20 % of the requests');
  assert.equal(requests.failed, 0);
});

test('R34: a release that dies under the requests it gets is left, and the stable one serves', async () => {
  const requests = ask({ connections: 4, pauseMs: 5 });
  const { outcome, reason } = await stage.ended(await stage.promote(await stage.release({ dies: 60 })));
  await requests.stop();
  assert.equal(outcome, 'failed', reason);
  assert.match(reason, /(the new release is down|of its requests failed).*all requests are back on release #2/s);
  assert.equal(await (await fetch(stage.url())).text(), 'release 2');
});

test('R14, R31: it is paused, judged while it is, resumed, and aborted in the middle: all requests go back', async () => {
  const requests = ask({ connections: 4, pauseMs: 5 });
  const number = await stage.release();
  const promotion = await stage.promote(number);
  const paused = await pausedHalfWay();
  assert.deepEqual([paused.state, paused.because], ['paused', 'paused by ops']);
  const enough = paused.ofNew.requests + 50;
  await until(
    async () => (await stage.rollout()).ofNew.requests > enough,
    'it to be measured while it is paused',
    20_000,
  );
  const still = await stage.rollout();
  const { percent, step } = paused;
  assert.deepEqual([still.state, still.percent, still.waiting?.for], ['paused', percent, 'person']);
  const status = await stage.get<{ environments: { name: string; rollout: { percent: number } | null }[] }>(
    '/api/v1/projects/gradual/status',
  );
  assert.equal(status.environments.find(({ name }) => name === 'live')?.rollout?.percent, percent);
  const why = await stage.get<{ sentence: string }>(`/api/v1/projects/gradual/why?release=${number}&environment=live`);
  const where = `${percent} % of the requests, step ${step} of 3: paused by ops; a person has to go on with it`;
  assert.ok(why.sentence.includes(where), why.sentence);
  await stage.steer('resume');
  await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'wrong one' });
  const { outcome, reason } = await stage.ended(promotion);
  await requests.settled();
  const atTheEnd = requests.counts[`200 release ${number}`];
  const more = requests.answered + 200;
  await until(() => requests.answered > more, 'more requests', 20_000);
  await requests.stop();
  assert.equal(outcome, 'aborted');
  assert.match(reason, /aborted by ops: wrong one; all requests are back on release #2/);
  assert.deepEqual([requests.failed, requests.counts[`200 release ${number}`]], [0, atTheEnd]);
});

test('R34: while it is paused the stable release is started again when it is lost, and both go on having users', async () => {
  const stable = (await stage.rollout()).stable?.number ?? 2;
  const requests = ask({ connections: 4, pauseMs: 5 });
  const known = new Set((await servicesOf(stage.home)).map(({ key }) => key));
  const promotion = await stage.promote(await stage.release());
  const { percent } = await pausedHalfWay();
  const healed = (await stage.events('environment.healed')).length;
  await kill(stage, 'stable release for good', { stable: `release ${stable}`, known });
  await until(
    async () => (await stage.events('environment.healed')).length > healed,
    'the stable release to be started again',
    30_000,
  );
  const served = requests.counts[`200 release ${stable}`] ?? 0;
  await until(() => (requests.counts[`200 release ${stable}`] ?? 0) > served + 50, 'its users to be served', 20_000);
  const still = await stage.rollout();
  assert.deepEqual([still.state, still.percent], ['paused', percent]);
  await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'enough' });
  const { outcome, reason } = await stage.ended(promotion);
  assert.equal(outcome, 'aborted', reason);
  assert.equal(await answerOf(stage.url()), `release ${stable}`);
  await requests.stop();
});

test('R35: without requests nobody can tell, so it pauses; promoting fully leaves out the rest and says so', async () => {
  const number = await stage.release();
  const promotion = await stage.promote(number);
  await until(async () => (await stage.rollout()).state === 'paused', 'it to pause', 30_000);
  const paused = await stage.rollout();
  assert.match(paused.because ?? '', /nobody can tell: 0 requests of the new release/);
  assert.equal((await stage.promotion(promotion)).state, 'running');
  await stage.steer('promote');
  assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  assert.equal((await stage.rollout()).waiting, null);
  const [promoted] = (await stage.events('rollout.promoted')).slice(-1);
  assert.deepEqual(promoted?.data['skipped'], ['20 % of the requests', '50 % of the requests']);
});

test('R35: requests that come after all let it go on by itself, and its step begins anew', async () => {
  const promotion = await stage.promote(await stage.release());
  await until(async () => (await stage.rollout()).state === 'paused', 'it to pause', 30_000);
  const requests = ask({ connections: 4, pauseMs: 5 });
  assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  await requests.stop();
  const [resumed] = (await stage.events('rollout.resumed')).slice(-1);
  assert.deepEqual([resumed?.promotion, resumed?.actor], [promotion, 'system:engine']);
  assert.equal(requests.failed, 0);
});

test('R33: a newer release begins at the first step, against the same stable release', async () => {
  const requests = ask({ connections: 4, pauseMs: 5 });
  const stable = (await stage.rollout()).release.number;
  const first = await stage.promote(await stage.release());
  await pausedHalfWay();
  const newer = await stage.release();
  const second = await stage.promote(newer);
  const ended = await stage.ended(first);
  assert.equal(ended.outcome, 'superseded');
  await until(async () => (await stage.rollout()).promotion === second, 'the newer one to begin', 20_000);
  assert.equal((await stage.rollout()).stable?.number, stable);
  assert.equal((await stage.ended(second)).outcome, 'succeeded');
  await requests.stop();
  assert.equal(requests.failed, 0);
});
