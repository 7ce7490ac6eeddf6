/**
 * How long users still reach a release after it was decided that they must not: from the decision to the last request that was led
 * to it, as a client sees it. `judged`: the engine finds it worse; the decision is the record of that. `aborted`: a person says so;
 * the decision is when he asks.
 */
import pg from 'pg';
import type { TrafficKind } from '../../src/domain/pipeline/traffic-spec.ts';
import { query, until } from '../world/make.ts';
import { load } from './load.ts';
import { makeRolloutStage, type RolloutStage } from './rollout-stage.ts';

export const decisions = ['judged', 'aborted'] as const;
export type Decision = (typeof decisions)[number];

/** `users`: a share of users, who stay. */
export const steps = ['weight', 'users', 'group'] as const;
export type Step = (typeof steps)[number];

const canary = (step: Step) => `
      strategy: canary
      users: ${step === 'users' ? 'cookie' : 'none'}
      keep: 0s
      analysis: { minRequests: 50, warmUp: 0s, dryRun: [latency] }
      steps:
        - ${step === 'group' ? '{ step: group, header: { name: X-Early }, for: 10m }' : '{ step: weight, percent: 50, for: 10m }'}`;

/** Half of the clients are of the group, as half of all requests are in a step by weight. */
const ofGroup = { connections: 2, pauseMs: 2, headers: { 'X-Early': 'yes' } };

export interface Returned {
  /** From the decision to the last request that reached the new release, in ms; 0 when none was sent after it. */
  readonly backMs: number;
  /** With a kill: until the next process was at it. */
  readonly takenOverMs: number | undefined;
  readonly failed: number;
}

/** `kill`: the control plane is killed in the moment in which the decision is on record. */
export async function returns(
  asked: {
    readonly decision: Decision;
    readonly rounds: number;
    readonly kill: boolean;
    readonly by: TrafficKind;
    readonly step: Step;
  },
  say: (returned: Returned) => void,
): Promise<readonly Returned[]> {
  const stage = await makeRolloutStage(canary(asked.step), {
    keepsDatabase: true,
    more: `    traffic: ${asked.by}\n`,
  });
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const all: Returned[] = [];
    for (let round = 0; round < asked.rounds; round++) {
      const returned = await play(stage, asked);
      say(returned);
      all.push(returned);
    }
    return all;
  } finally {
    await stage.remove();
  }
}

async function play(
  stage: RolloutStage,
  { decision, kill, step }: { readonly decision: Decision; readonly kill: boolean; readonly step: Step },
): Promise<Returned> {
  const number = await stage.release(decision === 'judged' ? { errors: 2 } : {});
  const others = load(stage.url(), { connections: 2, pauseMs: 2 });
  const requests = load(stage.url(), step === 'group' ? ofGroup : { connections: 2, pauseMs: 2 });
  try {
    const promotion = await stage.promote(number);
    const killing = kill ? killWhenDecided(stage, promotion) : undefined;
    if (decision === 'aborted')
      await until(() => (requests.counts[`200 release ${number}`] ?? 0) > 100, 'users on it', 60_000);
    const askedAt = Date.now();
    if (decision === 'aborted') await stage.post(`/api/v1/promotions/${promotion}/abort`, { reason: 'enough' });
    const killed = await killing;
    const { outcome, reason } = await stage.ended(promotion);
    const right = decision === 'judged' ? 'failed' : 'aborted';
    if (outcome !== right) throw new Error(`it ended ${outcome} instead of ${right}: ${reason}`);
    const decidedAt = decision === 'judged' ? await recordedAt(stage, promotion) : askedAt;
    const answered = requests.answered;
    await until(() => requests.answered > answered + 100, 'more requests');
    const sentAt = [requests, others].flatMap((one) =>
      ['200', '500'].map((status) => one.sentAt[`${status} release ${number}`] ?? 0),
    );
    const backMs = Math.max(0, Math.max(...sentAt) - decidedAt);
    return { backMs, takenOverMs: killed, failed: requests.failed + others.failed };
  } finally {
    await requests.stop();
    await others.stop();
  }
}

async function recordedAt(stage: RolloutStage, promotion: string): Promise<number> {
  const events = await stage.events('rollout.returned');
  return events.find((event) => event.promotion === promotion)!.at;
}

/** The record is what wakes us, in the moment in which it is committed; the worker learns of it at the same time. */
const tell = `
create or replace function tell_return() returns trigger language plpgsql as $$
begin
  perform pg_notify('returned', new.promotion_id);
  return new;
end $$;
create or replace trigger tell_return after insert on events
  for each row when (new.kind in ('rollout.returned', 'promotion.stop-requested')) execute function tell_return()`;

/** Resolves when the next process has the promotion, or has ended it: how long that took. */
async function killWhenDecided(stage: RolloutStage, promotion: string): Promise<number> {
  const url = await stage.database();
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(tell);
    await client.query('listen returned');
    const decided = Promise.withResolvers<void>();
    client.on('notification', ({ payload }) => (payload === promotion ? decided.resolve() : undefined));
    const { rows } = await client.query('select id from replicas');
    await decided.promise;
    const killedAt = Date.now();
    await stage.killControlPlane();
    const taken = `select from promotions p join environments e on e.id = p.environment_id
      where p.id = $1 and (p.state = 'ended' or e.lease_holder <> all($2))`;
    const known = rows.map(({ id }) => id as string);
    await until(async () => (await query(url, taken, [promotion, known])).length > 0, 'somebody to take it over');
    return Date.now() - killedAt;
  } finally {
    await client.end().catch(() => undefined);
  }
}
