/** A release that takes over step by step, followed and steered by the real command line. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RecomputedView, RolloutView } from '../../src/api/contract/rollouts.ts';
import { load, type Load } from '../scenarios/load.ts';
import { canMakeTerminals, openStage, until, type Answer, type Running, type Stage } from './stage.ts';

const server = `
const { readFileSync } = require('node:fs');
const name = readFileSync('name', 'utf8');
require('node:http').createServer((_, response) => response.end(name)).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

const pipeline = `version: 1
project: steps
source: { main: main, poll: 1s }
trust: { signatures: none, separation: none }
service: { start: exec node server.js, health: { path: /, deadline: 20s } }
environments:
  - { name: intake, kind: ci, trigger: { on: main }, verify: none, target: { kind: command, deploy: "" } }
  - name: live
    kind: testing
    trigger: { on: manual }
    verify: none
    rollout:
      strategy: canary
      users: none
      keep: 1s
      analysis:
        minRequests: 1
        warmUp: 0s
        errorRate: 90%
        dryRun: [latency]
        metrics: [{ name: answers, http: { path: / }, every: 1s, delay: 0s }]
      steps:
        - { step: weight, percent: 50, for: 5s }
        - { step: pause }
        - { step: weight, percent: 90, for: 1h }
`;

describe('a rollout from the command line', { timeout: 240_000 }, () => {
  let stage: Stage;
  let control: Running;
  let address = '';
  let users: Load | undefined;

  before(async () => {
    stage = await openStage();
    await stage.commit('release 1', { 'liftlock.yaml': pipeline, 'server.js': server, name: 'release 1' });
    control = stage.start(['up', '--port', '0']);
    await control.says(/Liftlock is up: steps/);
    await built(1);
    const { code, stdout } = await stage.liftlock(['promote', '1', 'live', '--json']);
    assert.equal(code, 0, stdout);
    const { stdout: status } = await stage.liftlock(['status', '--json']);
    address = (JSON.parse(status) as { environments: { name: string; url: string }[] }).environments.find(
      ({ name }) => name === 'live',
    )!.url;
    users = load(address, { connections: 1, pauseMs: 20 });
  });
  after(async () => {
    await users?.stop();
    await stage?.close();
  });

  async function built(number: number): Promise<void> {
    await stage.liftlock(['notify']);
    await until(
      async () => {
        const { releases } = await stage.get<{ releases: readonly { number: number }[] }>(
          '/api/v1/projects/steps/releases?limit=1',
        );
        return releases[0]?.number === number;
      },
      () => `release #${number} was not built:\n${control.stderr()}`,
    );
  }

  async function begin(number: number): Promise<void> {
    await stage.commit(`release ${number}`, { name: `release ${number}` });
    await built(number);
    const answer = await stage.liftlock(['promote', `${number}`, 'live', '--no-wait']);
    assert.equal(answer.code, 0, answer.stderr);
    await until(
      async () => (await look().catch(() => undefined))?.release.number === number,
      () => `no rollout of #${number}:\n${control.stderr()}`,
    );
  }

  const rollout = (...args: readonly string[]): Promise<Answer> => stage.liftlock(['rollout', ...args]);
  const look = () => stage.get<RolloutView>('/api/v1/projects/steps/environments/live/rollout');
  const comesTo = async (holds: (view: RolloutView) => boolean, what: string): Promise<void> => {
    let last = '';
    await until(
      async () => {
        const view = await look();
        last = JSON.stringify(view);
        return holds(view);
      },
      () => `${what}: ${last}`,
    );
  };

  test('where no release took over step by step there is nothing to show, and the answer says what to write', async () => {
    const answer = await rollout('show', 'intake');
    assert.equal(answer.code, 2);
    assert.match(answer.stderr, /no release has entered intake step by step[\s\S]*rollout: canary/);
    assert.equal((await rollout('pause', 'intake')).code, 2);
  });

  test('it is shown, watched, paused, resumed, skipped and promoted, and what is said is what happens', async () => {
    await begin(2);
    const watching = stage.start(['rollout', 'watch', 'live']);
    await comesTo(({ metrics }) => metrics[0]?.last?.says === 'success', 'its metric was not measured');
    const shown = await rollout('show', 'live');
    assert.equal(shown.code, 0);
    const { stdout: document } = await rollout('show', 'live', '--json');
    assert.equal((JSON.parse(document) as RolloutView).release.number, 2);
    assert.match(shown.stdout, /^live {2}canary of #2 over #1 {2}▶ going\n {2}█+░* \d+ %/);
    assert.match(shown.stdout, /✓ answers: 200 \(< 400\), .*(again in|due|being measured)/);
    await comesTo(({ step, waiting }) => step === 2 && waiting?.for === 'person', 'it did not wait for a person');

    const paused = await rollout('pause', 'live', '--reason', 'lunch');
    assert.deepEqual([paused.code, paused.stdout], [0, 'live: is paused; liftlock rollout resume goes on\n']);
    assert.match((await rollout('show', 'live')).stdout, /‖ paused[\s\S]*lunch/);
    // Who watches looks from time to time, and does not see what is over before.
    await watching.says(/paused.*lunch/);
    const resumed = JSON.parse((await rollout('resume', 'live', '--json')).stdout) as { verb: string };
    assert.equal(resumed.verb, 'resume');
    assert.equal((await rollout('skip', 'live')).code, 0);
    await comesTo(({ percent }) => percent === 90, 'the next step was not entered');
    const refused = await rollout('resume', 'live');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /it is not paused/);
    const promoted = await rollout('promote', 'live', '--reason', 'seen enough');
    assert.deepEqual([promoted.code, promoted.stdout], [0, 'live: all requests go to the new release\n']);

    const watched = await watching.ended;
    assert.equal(watched.code, 0, watched.stderr);
    const lines = watched.stdout.trim().split('\n');
    assert.match(lines.at(-1)!, /^live: #2 100 %, succeeded/);
    assert.ok(
      lines.some((one) => /paused.*lunch/.test(one)),
      watched.stdout,
    );
    assert.ok(lines.length < 40 && !watched.stdout.includes('\u001b'), 'plain lines, one for each change');
    assert.equal(await (await fetch(address)).text(), 'release 2');
  });

  test('its verdicts are computed again, and follow from what was counted and measured', async () => {
    const again = await rollout('recompute', 'live');
    assert.equal(again.code, 0, again.stdout);
    assert.match(again.stdout, /✓ .*step 1 \(50 % of the requests\), enter: fine/);
    assert.match(again.stdout, /Everything that is recorded follows from what was counted and measured\.\n$/);
    const { equal, inputs } = JSON.parse((await rollout('recompute', 'live', '--json')).stdout) as RecomputedView;
    assert.deepEqual([equal, inputs], [true, 'complete']);
  });

  test('R14: aborted, all requests are back on the release before, and who watches is told by exit code 3', async () => {
    await begin(3);
    const watching = stage.start(['rollout', 'watch', 'live', '--json']);
    await comesTo(({ percent }) => percent === 50, 'no part of the requests went to it');
    const aborted = await rollout('abort', 'live', '--reason', 'wrong one');
    assert.deepEqual([aborted.code, aborted.stdout], [0, 'live: all requests go back to what ran before\n']);
    const { code, stdout } = await watching.ended;
    const documents = stdout
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as RolloutView);
    assert.deepEqual([code, documents.at(-1)!.outcome, documents.at(-1)!.percent], [3, 'aborted', 0]);
    assert.equal(await (await fetch(address)).text(), 'release 2');
    assert.equal((await rollout('abort', 'live')).code, 3, 'what has ended is not aborted again');
  });

  test(
    'on a terminal it is followed in place, until it is interrupted',
    { skip: canMakeTerminals ? false : 'python3 is not here to make a terminal' },
    async () => {
      await begin(4);
      const watching = stage.terminal(['rollout', 'watch', 'live']);
      await watching.says(/\[2J[\s\S]*canary of #4 over #2/);
      await watching.says(/▶\S* 50 % of the requests, \d+(\.\d+)? m?s left/);
      await watching.says(/✓\S* answers: 200/);
      await watching.says(/requests +\d+ +\d+ +≥ 1\b/);
      await watching.says(/failed +\d+ % +\d+ % +≤ 90 %/);
      // What keeps it from going on stands under the step that it is in.
      await comesTo(({ step, waiting }) => step === 2 && waiting?.for === 'person', 'it did not wait for a person');
      assert.equal((await rollout('pause', 'live', '--reason', 'too many errors')).code, 0);
      await watching.says(/‖\S* a pause until a person resumes it[^\n]*\n[^\n]*too many errors/);
      watching.type('\u0003');
      assert.equal((await watching.ended).code, 130);
      assert.equal((await rollout('abort', 'live')).code, 0);
    },
  );
});
