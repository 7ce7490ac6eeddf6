/**
 * Who is killed where in a canary: at every moment, each victim once. The environment always ends on a release that serves, with
 * the right word, and there is never more than one stable release. What users notice of it is counted and told.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../world/make.ts';
import { load, type Load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';
import { answerOf, kill, servicesOf, type Victim } from './rollout-victims.ts';

/** `start`: the new release was started and is not ready yet. `verify`: all requests go to it, and it is verified. */
export const moments = ['start', 'check', 'copies', 'X-Beta', '20 %', 'pause', '50 %', 'verify'] as const;
export type Moment = (typeof moments)[number];

/** What must come of it: the release takes over, or an abort right after the kill leads back. */
export const endings = ['goes on', 'is aborted'] as const;

const canary = `
      strategy: canary
      users: none
      keep: 5s
      analysis: { minRequests: 10, warmUp: 100ms, dryRun: [latency] }
      steps:
        - { step: check, name: slow, run: 'sleep 1' }
        - { step: shadow, for: 1s }
        - { step: group, header: { name: X-Beta }, for: 1s }
        - { step: weight, percent: 20, for: 1s }
        - { step: pause }
        - { step: weight, percent: 50, for: 1s }`;

/** Long enough to be killed in the middle of it. */
const verify = '{ commands: [{ name: slow, run: sleep 1 }] }';

export interface Fault {
  readonly victim: Victim;
  readonly at: Moment;
  readonly ending: (typeof endings)[number];
}

export interface Told {
  readonly fault: Fault;
  readonly outcome: string;
  /** From the kill to the end of the promotion. */
  readonly milliseconds: number;
  readonly requests: number;
  /** Connections that broke, and answers of 500 and more. */
  readonly failed: number;
}

/** Sentences about what is not as it must be. A worker as a victim is one apart from the server, so it wants a stage of its own. */
export async function rolloutFaults(faults: readonly Fault[], say: (what: Told) => void): Promise<readonly string[]> {
  const stage = await makeRolloutStage(canary, {
    verify,
    keepsDatabase: true,
    apart: faults.some(({ victim }) => victim === 'worker'),
  });
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const found: string[] = [];
    let stable = 1;
    for (const fault of faults) {
      const round = await play(stage, fault, stable);
      say(round.told);
      found.push(...round.found.map((what) => `${fault.victim} at ${fault.at}, ${fault.ending}: ${what}`));
      stable = round.serves;
    }
    const isAlone = async () => (await servicesOf(stage.home)).length === 1;
    await until(isAlone, 'everything but the release that serves to be ended', 30_000).catch((error: unknown) =>
      found.push(String(error)),
    );
    return found;
  } finally {
    await stage.remove();
  }
}

interface Round {
  readonly found: readonly string[];
  readonly told: Told;
  readonly serves: number;
}

async function play(stage: RolloutStage, fault: Fault, stable: number): Promise<Round> {
  const number = await stage.release({ startMs: 500 });
  const requests = load(stage.url(), { connections: 3, pauseMs: 10 });
  const ofTheGroup = load(stage.url(), { connections: 2, pauseMs: 10, headers: { 'X-Beta': 'yes' } });
  try {
    return await underLoad(stage, { fault, stable, number, loads: [requests, ofTheGroup] });
  } finally {
    await Promise.all([requests.stop(), ofTheGroup.stop()]);
  }
}

async function underLoad(
  stage: RolloutStage,
  round: { fault: Fault; stable: number; number: number; loads: readonly Load[] },
): Promise<Round> {
  const { fault, stable, number, loads } = round;
  const known = new Set((await servicesOf(stage.home)).map(({ key }) => key));
  const promotion = await stage.promote(number);
  await reach(stage, promotion, fault.at);
  const killedAt = performance.now();
  const undo = await kill(stage, fault.victim, { stable: `release ${stable}`, known });
  const aborted =
    fault.ending === 'is aborted' &&
    (await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'enough' }).then(
      () => true,
      () => false,
    ));
  const passing = passPauses(stage, promotion);
  const { outcome, reason } = await stage.ended(promotion);
  const milliseconds = Math.round(performance.now() - killedAt);
  await passing;
  await undo?.();
  const serves = outcome === 'succeeded' ? number : stable;
  const isAlone = await until(() => isAnswered(stage.url(), `release ${serves}`), 'one release', 30_000).catch(
    () => false,
  );
  await Promise.all(loads.map((one) => one.stop()));
  const failed = loads.reduce((sum, one) => sum + failedIn(one), 0);
  const strange = [...new Set(loads.flatMap(({ counts }) => Object.keys(counts)))].filter(
    (said) => !said.startsWith('5') && said !== `200 release ${stable}` && said !== `200 release ${number}`,
  );
  return {
    told: {
      fault,
      outcome,
      milliseconds,
      requests: loads.reduce((sum, one) => sum + one.answered + one.failed, 0),
      failed,
    },
    serves,
    found: [
      ...(allowed(fault, aborted).includes(outcome) ? [] : [`it ended ${outcome}: ${reason}`]),
      ...(isAlone ? [] : [`users do not all get release ${serves}, which should serve`]),
      ...(strange.length === 0 ? [] : [`users got ${strange.join(', ')}`]),
      ...(failed === 0 || inTheWay.test(fault.victim) ? [] : [`${failed} requests failed`]),
    ],
  };
}

/** Whoever kills the edge or a release cuts the requests that are under way there; all the others are nobody's way. */
const inTheWay = /^edge|^port taken$|release/;

function allowed({ victim, at }: Fault, aborted: boolean): readonly string[] {
  if (victim === 'disk full') return aborted ? ['aborted'] : ['succeeded', 'errored'];
  // Its health check is asked while it is judged, and it does not become ready without.
  if (victim === 'new release frozen' || victim === 'new release cut off')
    return aborted ? ['aborted', 'failed'] : ['failed'];
  const isNew = victim.startsWith('new release');
  const lost = victim === 'new release for good' && at !== 'verify';
  // The loss of the new release may be seen before the abort is heard.
  if (aborted) return lost ? ['aborted', 'errored'] : ['aborted'];
  if (lost) return ['errored'];
  // Until its keeper has started it again its users get errors, and it may be judged by them.
  return isNew && at !== 'verify' ? ['succeeded', 'failed'] : ['succeeded'];
}

function failedIn({ counts, failed }: Load): number {
  return Object.entries(counts).reduce((sum, [said, count]) => (said.startsWith('5') ? sum + count : sum), failed);
}

async function reach(stage: RolloutStage, promotion: string, at: Moment): Promise<void> {
  const isThere = async () => {
    const { phase, rollout } = await stage.promotion(promotion);
    if (at === 'start') return phase === 'switching';
    if (at === 'verify' || at === '50 %') await passPause(stage, promotion);
    return at === 'verify' ? phase === 'verifying' : rollout?.what?.includes(at) === true;
  };
  await until(isThere, `the moment ${at}`, 60_000);
}

/** A person who goes on whenever he is asked to. */
async function passPauses(stage: RolloutStage, promotion: string): Promise<void> {
  while ((await stage.promotion(promotion)).state !== 'ended') {
    await passPause(stage, promotion);
    await wait(200);
  }
}

async function passPause(stage: RolloutStage, promotion: string): Promise<void> {
  const rollout = await stage.rollout().catch(() => undefined);
  const asks = rollout?.promotion === promotion && rollout.waiting?.for === 'person';
  if (asks) await stage.steer('resume').catch(() => undefined);
}

/** Twenty requests in a row get this answer. */
async function isAnswered(url: string, expected: string): Promise<boolean> {
  for (let count = 0; count < 20; count++) if ((await answerOf(url)) !== expected) return false;
  return true;
}
