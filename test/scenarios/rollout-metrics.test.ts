/** Rollouts that are judged by more than the edge counts: real meters, a command of the project, and kills in between. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { RecomputedView, RolloutSeriesView, RolloutView } from '../../src/api/contract/rollouts.ts';
import { query, until } from '../world/make.ts';
import { load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

/** What the meter says of a release, and every question it was asked. */
const errors: Record<string, string> = {};
const asked: string[] = [];
let holds: ((response: ServerResponse) => void) | undefined;
const meter = createServer((request, response) => {
  let body = '';
  request.on('data', (piece: Buffer) => (body += piece.toString()));
  request.on('end', () => {
    const question = new URLSearchParams(body).get('query') ?? '';
    asked.push(question);
    if (holds !== undefined) return holds(response);
    const release = /release="(\d+)"/.exec(question)?.[1] ?? '';
    const result = [{ metric: {}, value: [1, errors[release] ?? '0.01'] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
});

let stage: RolloutStage;
const path = '/api/v1/projects/gradual/environments/live/rollout';
const rows = async <Row = { name: string }>(text: string, values: unknown[] = []) =>
  (await query(await stage.database(), text, values)) as Row[];
const recomputed = () => stage.get<RecomputedView>(`${path}/recomputed`);
const metric = async (name: string) => (await stage.rollout()).metrics.find((one) => one.name === name)!;

before(async () => {
  await new Promise<void>((done) => meter.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(meter.address() as AddressInfo).port}`;
  const rollout = `
      strategy: canary
      users: none
      keep: 5s
      analysis:
        minRequests: 20
        warmUp: 200ms
        dryRun: [latency]
        routes: [{ class: home, match: ["GET /"] }, { class: api, match: ["* /api/**"] }]
        metrics:
          - name: refused
            prometheus: { url: "http://${host}", query: 'refused{release="{{release}}",side="{{side}}"}' }
            success: "<= 2 * stable + 0.01"
            every: 1s
            delay: 0s
            timeout: 30s
            limits: { successes: 2, inconclusives: 1 }
          - { name: alive, http: { path: /healthz }, every: 1s, delay: 0s }
          - { name: told, command: { run: 'curl -s -o /dev/null $LIFTLOCK_URL && echo 1', read: number }, success: == 1, every: 2s, delay: 0s, timeout: 20s }
          - { name: shown, command: { run: exit 1 }, every: 2s, delay: 0s, timeout: 20s, dryRun: true }
      steps:
        - { step: weight, percent: 20, for: 1s }
        - { step: weight, percent: 50, for: 1s }`;
  stage = await makeRolloutStage(rollout, { allowHosts: [host] });
  await stage.ended(await stage.promote(await stage.release()));
});
after(async () => {
  meter.closeAllConnections();
  meter.close();
  await stage?.remove();
});

test('R35: a release takes over when its metrics came to their successes, and its verdicts follow from what is recorded', async () => {
  const requests = load(stage.url(), { connections: 8, pauseMs: 5 });
  const { outcome, reason } = await stage.ended(await stage.promote(await stage.release()));
  await requests.stop();
  assert.equal(outcome, 'succeeded', reason);
  assert.equal(requests.failed, 0);
  const view = await stage.rollout();
  const said = view.metrics.map(({ name, says }) => `${name} ${says}`);
  assert.deepEqual(said, ['refused success', 'alive success', 'told success', 'shown failure']);
  const refused = view.metrics[0]!;
  assert.deepEqual([refused.last?.value, refused.last?.stable, refused.last?.limit], [0.01, 0.01, 0.03]);
  assert.ok(refused.counts.success >= 2);
  assert.ok(asked.includes('refused{release="2",side="new"}') && asked.includes('refused{release="1",side="stable"}'));
  const series = await stage.get<RolloutSeriesView>(`${path}/series`);
  assert.equal(series.metrics[0]?.measurements.length, refused.counts.success);
  const classes = await rows('select distinct jsonb_object_keys(span->$$ofStable$$) as name from rollout_measurements');
  assert.deepEqual(
    classes.map(({ name }) => name).toSorted(),
    ['all', 'home'],
    'requests are counted by what they ask for',
  );
  const again = await recomputed();
  assert.deepEqual([again.inputs, again.equal], ['complete', true], JSON.stringify(again));
  assert.deepEqual(
    again.verdicts.map(({ step, decided }) => `${step} ${decided}`),
    ['1 enter', '2 finish'],
  );
});

test('a row that was changed afterwards is found when the verdicts are computed again', async () => {
  const { promotion } = await stage.rollout();
  const change = (statement: string) => rows(`${statement} where promotion_id = $1`, [promotion]);
  await change(`update rollout_metrics set says = 'failure'`);
  const changedWord = await recomputed();
  assert.ok(!changedWord.equal && changedWord.wrong.length > 0 && changedWord.counts.equal);
  await change(`update rollout_metrics set reading = '{"value": 9, "stable": {"value": 1}}', says = 'success'`);
  const changedReading = await recomputed();
  assert.ok(!changedReading.equal && changedReading.verdicts.some(({ equal }) => !equal));
  await change(`update rollout_measurements set span = jsonb_set(span, '{ofNew,home,failures}', '1')`);
  assert.equal((await recomputed()).counts.equal, false);
  await change('delete from rollout_measurements');
  assert.deepEqual([(await recomputed()).inputs, (await recomputed()).equal], ['gone', false]);
});

test('R13, R34: a release whose metric fails is sent back, and says what was measured', async () => {
  const requests = load(stage.url(), { connections: 4, pauseMs: 5 });
  const bad = await stage.release();
  errors[bad] = '0.5';
  const { outcome, reason } = await stage.ended(await stage.promote(bad));
  await requests.stop();
  assert.equal(outcome, 'failed');
  assert.match(reason, /refused: 1 failures, 0 are tolerated.*all requests are back on release #2/s);
  assert.match((await metric('refused')).last!.because, /^0.5, the stable release 0.01; <= 0.03 is asked for$/);
  assert.equal((await recomputed()).equal, true);
});

test('R35: without data nobody can tell, so it pauses; a person goes on, and it is measured anew', async () => {
  const requests = load(stage.url(), { connections: 4, pauseMs: 5 });
  const number = await stage.release();
  errors[number] = 'NaN';
  const promotion = await stage.promote(number);
  await until(async () => (await stage.rollout()).state === 'paused', 'it to pause', 60_000);
  const paused: RolloutView = await stage.rollout();
  assert.match(paused.because ?? '', /nobody can tell: refused: /);
  assert.equal((await metric('refused')).last?.says, 'inconclusive');
  errors[number] = '0';
  await stage.steer('resume');
  assert.equal((await stage.ended(promotion)).outcome, 'succeeded');
  await requests.stop();
  assert.equal((await recomputed()).equal, true);
});

test('a meter that hangs keeps no look waiting, and a control plane killed meanwhile loses and doubles no measurement', async () => {
  const requests = load(stage.url(), { connections: 4, pauseMs: 5 });
  const number = await stage.release();
  const held: ServerResponse[] = [];
  holds = (response) => void held.push(response);
  const promotion = await stage.promote(number);
  await until(
    async () => (await stage.rollout().catch(() => undefined))?.promotion === promotion,
    'it to begin',
    30_000,
  );
  await until(() => held.length >= 2, 'the meter to be asked about both', 30_000);
  const counted = (await stage.rollout()).ofNew.requests;
  await until(async () => (await stage.rollout()).ofNew.requests > counted + 20, 'looks while the meter hangs', 30_000);
  await until(async () => (await metric('alive')).counts.success > 1, 'the other metrics to be measured', 30_000);
  assert.deepEqual([(await metric('refused')).last, held.length], [null, 2], 'it is not asked again while it hangs');
  await stage.killControlPlane();
  holds = undefined;
  const { outcome, reason } = await stage.ended(promotion);
  await requests.stop();
  assert.equal(outcome, 'succeeded', reason);
  const turns = await rows<{ metric: string; turn: number; open: boolean }>(
    'select metric, turn, at is null as open from rollout_metrics where promotion_id = $1',
    [promotion],
  );
  const first = turns.filter(({ metric: name, turn }) => name === 'refused' && turn === 0);
  assert.deepEqual(first, [{ metric: 'refused', turn: 0, open: false }], 'what was lost with it was made up for');
  assert.equal((await recomputed()).equal, true);
});
