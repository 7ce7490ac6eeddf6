/**
 * Who is killed where in a canary: at every step, each victim once. The environment always ends on a release that serves, with
 * the right word, and there is never more than one stable release.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../make.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

export const victims = ['control plane', 'edge'] as const;
export type Victim = (typeof victims)[number];

/** By what `rollout show` says then. */
export const moments = ['check', '20 %', 'pause', '50 %'] as const;
export type Moment = (typeof moments)[number];

const canary = `
      strategy: canary
      users: none
      keep: 5s
      analysis: { minRequests: 10, warmUp: 100ms, dryRun: [latency] }
      steps:
        - { step: check, name: slow, run: 'sleep 2' }
        - { step: weight, percent: 20, for: 1s }
        - { step: pause }
        - { step: weight, percent: 50, for: 1s }`;

export interface Fault {
  readonly victim: Victim;
  readonly at: Moment;
  /** What must come of it: the release takes over, or an abort right after the kill leads back. */
  readonly ending: 'goes on' | 'is aborted';
}

/** Sentences about what is not as it must be. */
export async function rolloutFaults(faults: readonly Fault[], say: (what: string) => void): Promise<readonly string[]> {
  const stage = await makeRolloutStage(canary);
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const found: string[] = [];
    let stable = 1;
    for (const fault of faults) {
      const began = performance.now();
      const round = await play(stage, fault, stable);
      say(
        `${fault.victim} at ${fault.at}, then ${fault.ending}: ${round.told}, ${Math.round(performance.now() - began)} ms`,
      );
      found.push(...round.found.map((sentence) => `${fault.victim} at ${fault.at}, ${fault.ending}: ${sentence}`));
      stable = round.serves;
    }
    return found;
  } finally {
    await stage.remove();
  }
}

async function play(
  stage: RolloutStage,
  { victim, at, ending }: Fault,
  stable: number,
): Promise<{ found: readonly string[]; told: string; serves: number }> {
  const number = await stage.release();
  const requests = load(stage.url(), { connections: 3, pauseMs: 10 });
  try {
    return await underLoad(stage, { fault: { victim, at, ending }, stable, number, requests });
  } finally {
    await requests.stop();
  }
}

async function underLoad(
  stage: RolloutStage,
  round: { fault: Fault; stable: number; number: number; requests: Load },
): Promise<{ found: readonly string[]; told: string; serves: number }> {
  const { fault, stable, number, requests } = round;
  const { victim, at, ending } = fault;
  const promotion = await stage.promote(number);
  await reach(stage, promotion, at);
  if (victim === 'edge') stage.killEdge();
  else await stage.killControlPlane();
  if (ending === 'is aborted') await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'enough' });
  const passing = passPauses(stage, promotion);
  const { outcome, reason } = await stage.ended(promotion);
  await passing;
  const expected = ending === 'goes on' ? 'succeeded' : 'aborted';
  const serves = expected === 'succeeded' ? number : stable;
  const answers = await settledAnswers(stage.url());
  await requests.stop();
  return {
    told: `${outcome}, ${requests.failed} of ${Object.values(requests.counts).reduce((sum, count) => sum + count, 0)} failed`,
    serves,
    found: [
      ...(outcome === expected ? [] : [`it ended ${outcome}: ${reason}`]),
      ...(answers.length === 1 && answers[0] === `release ${serves}` ? [] : [`users get ${answers.join(', ')}`]),
      // Whoever kills the edge cuts the connections of users; the control plane is nobody's way.
      ...(victim === 'edge' || requests.failed === 0 ? [] : [`${requests.failed} requests failed`]),
    ],
  };
}

async function reach(stage: RolloutStage, promotion: string, at: Moment): Promise<void> {
  const isThere = async () => {
    const { rollout } = await stage.get<{ rollout: { what: string | null } | null }>(`/api/v1/promotions/${promotion}`);
    if (rollout?.what?.includes('pause') === true && at === '50 %') await stage.steer('resume').catch(() => undefined);
    return rollout?.what?.includes(at) === true;
  };
  await until(isThere, `the step ${at}`, 30_000);
}

/** A person who goes on whenever he is asked to. */
async function passPauses(stage: RolloutStage, promotion: string): Promise<void> {
  for (;;) {
    const { state } = await stage.promotion(promotion);
    if (state === 'ended') return;
    const rollout = await stage.rollout().catch(() => undefined);
    const asks = rollout?.promotion === promotion && rollout.waiting?.for === 'person';
    if (asks) await stage.steer('resume').catch(() => undefined);
    await wait(200);
  }
}

/** Different answers to twenty requests in a row. */
async function settledAnswers(url: string): Promise<readonly string[]> {
  const answers = new Set<string>();
  for (let count = 0; count < 20; count++)
    answers.add(await (await fetch(url, { headers: { connection: 'close' } })).text().catch(() => 'nothing'));
  return [...answers];
}
