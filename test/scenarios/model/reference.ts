/**
 * The reference model: what must be true, told by the event log alone. Each event is checked against the rules in the
 * state that the events before it left, and then applied.
 */
import assert from 'node:assert/strict';
import {
  isAvailable,
  isVetoed,
  numberOf,
  placeNamed,
  soaked,
  type LoggedEvent,
  type PlaceState,
  type PromotionState,
  type Reference,
} from './reference-state.ts';

/** Checks the event and applies it. */
export function happen(model: Reference, event: LoggedEvent): void {
  const place = event.environment_id === null ? undefined : model.places.get(event.environment_id);
  const promotion = event.promotion_id === null ? undefined : model.promotions.get(event.promotion_id);
  const { data } = event;
  switch (event.kind) {
    case 'release.created':
      return void model.numbers.set(event.release_id!, data.number!);
    case 'promotion.requested':
      return request(model, event, place!);
    case 'promotion.started':
      return start(model, event, promotion!);
    case 'promotion.taken':
      expect(promotion!.state === 'running', 'R40: only a running promotion is taken', event);
      if (promotion!.phase === 'preparing') promotion!.mayEnter = isAvailable(model, promotion!);
      return;
    case 'promotion.phase-entered':
      return enter(model, event, promotion!);
    case 'promotion.put-back':
      expect(
        promotion!.state === 'running' && promotion!.phase === 'preparing' && !promotion!.stopped,
        'R24: only what has not begun is put back',
        event,
      );
      expect(isShut(model, event, promotion!), 'R24: something has shut', event);
      return void Object.assign(promotion!, { state: 'waiting', phase: undefined, mayEnter: false });
    case 'promotion.stop-requested':
      expect(promotion!.state === 'running', 'R14: only what runs needs to be stopped', event);
      expect(data.cause !== 'shut' || isShut(model, event, promotion!), 'R27: something has shut', event);
      promotion!.stopped = data.cause === 'shut' ? 'shut' : 'by a person';
      return;
    case 'promotion.superseded':
      expect(
        promotion!.state === 'waiting' && promotion!.kind === 'promotion',
        'R8: only a waiting forward promotion is superseded',
        event,
      );
      return end(promotion!, 'superseded');
    case 'promotion.ended':
      return settle(model, event, promotion!);
    case 'promotion.rolled-back':
      expect(
        ['succeeded', 'failed', 'errored', 'inconclusive'].includes(promotion!.outcome ?? ''),
        'R9: only what ran can be rolled back',
        event,
      );
      return end(promotion!, 'rolled-back');
    case 'promotion.approved':
    case 'promotion.rejected':
      return void model.decisions.push({
        environment: event.environment_id!,
        release: event.release_id!,
        plan: data.planHash!,
        actor: event.actor,
        approves: event.kind === 'promotion.approved',
      });
    case 'release.verified': {
      const before = place!.verdicts.get(event.release_id!);
      const since = before?.verdict === data.verdict ? before!.since : event.at;
      return void place!.verdicts.set(event.release_id!, { verdict: data.verdict!, since });
    }
    case 'environment.held':
      return void (place!.held = true);
    case 'environment.paged':
      return void (place!.held ||= event.promotion_id !== null && data.holds !== false);
    case 'environment.hold-released':
      return void (place!.held = false);
    case 'environment.pinned':
      return void (place!.pin = event.release_id!);
    case 'environment.unpinned':
      return void (place!.pin = undefined);
    case 'release.vetoed':
      return void model.vetoes.push({ release: event.release_id!, environment: event.environment_id });
    case 'release.veto-lifted': {
      const left = model.vetoes.filter(
        ({ release, environment }) =>
          release !== event.release_id || (event.environment_id !== null && environment !== event.environment_id),
      );
      return void model.vetoes.splice(0, model.vetoes.length, ...left);
    }
    case 'freeze.set':
      return void model.freezes.set(data.freeze!, {
        environment: event.environment_id,
        from: data.from!,
        until: data.until ?? Infinity,
      });
    case 'freeze.lifted':
      return void model.freezes.delete(data.freeze!);
  }
}

function request(model: Reference, event: LoggedEvent, place: PlaceState): void {
  const { data } = event;
  const environment = event.environment_id!;
  const release = event.release_id!;
  const rollback = data.rollbackOf !== undefined || data.rollback === true;
  const by = data.trigger !== undefined ? 'trigger' : data.rollbackOf !== undefined ? 'engine' : 'person';
  const others = [...model.promotions.values()].filter((other) => other.environment === environment);
  if (by === 'trigger') {
    expect(!place.held && place.pin === undefined, 'R28: automation rests while there is a hold or a pin', event);
    expect(!isVetoed(model, release, environment), 'R30: automation never chooses what is vetoed', event);
    expect(numberOf(model, release) > numberOf(model, place.running), 'R6: automation goes forward only', event);
    expect(
      !others.some((other) => other.release === release && other.key === data.key),
      'R11: one event makes one promotion',
      event,
    );
    const last = others
      .filter((other) => other.release === release && other.state === 'ended' && other.outcome !== 'superseded')
      .at(-1);
    expect(
      last === undefined || ['succeeded', 'refused'].includes(last.outcome!),
      'R10: automation does not try again',
      event,
    );
  }
  if (rollback) {
    expect(place.verdicts.get(release)?.verdict === 'PASS', 'R36: a rollback goes to what was verified here', event);
    expect(
      !others.some(({ state }) => state === 'running'),
      'R37: nothing is rolled back while something settles',
      event,
    );
  }
  if (by === 'engine') {
    const cause = model.promotions.get(data.rollbackOf!)!;
    expect(cause.kind === 'promotion' && cause.outcome === 'failed', 'R13: only a failed promotion rolls back', event);
    expect(!others.some((other) => other.cause === data.rollbackOf), 'R13: once for each failure', event);
    expect(!isVetoed(model, release, environment), 'R30: nobody goes back to what is vetoed', event);
  }
  model.promotions.set(event.promotion_id!, {
    environment,
    release,
    by,
    kind: rollback ? 'rollback' : 'promotion',
    key: data.key,
    cause: data.rollbackOf,
    state: 'waiting',
    phase: undefined,
    outcome: undefined,
    stopped: false,
    mayEnter: false,
  });
}

function start(model: Reference, event: LoggedEvent, promotion: PromotionState): void {
  const { environment, release, by } = promotion;
  const place = model.places.get(environment)!;
  const rules = model.rules.get(environment)!;
  const others = [...model.promotions.values()].filter(
    (other) => other.environment === environment && other !== promotion,
  );
  expect(promotion.state === 'waiting', 'R40: a promotion starts once', event);
  expect(!others.some(({ state }) => state === 'running'), 'R7: one promotion at a time', event);
  expect(!isVetoed(model, release, environment), 'R30: nothing vetoed starts', event);
  expect(place.pin === undefined || place.pin === release || by === 'engine', 'R28: a pin keeps others out', event);
  Object.assign(promotion, { state: 'running', phase: 'preparing', mayEnter: false });
  expect(!isShut(model, event, promotion), 'R26, R27: nothing starts in a freeze or outside its window', event);
  if (promotion.kind === 'rollback') return;
  expect(isAvailable(model, promotion), 'R1: verified before it enters', event);
  if (by === 'trigger') {
    expect(!place.held, 'R28: automation rests during a hold', event);
    expect(numberOf(model, release) >= numberOf(model, place.running), 'R6: automation goes forward only', event);
  }
  if (rules.queue !== 'latest') {
    const first = others.find((other) => other.state === 'waiting' && other.kind === 'promotion');
    const order = [...model.promotions.values()];
    expect(
      first === undefined || order.indexOf(first) > order.indexOf(promotion),
      'R8: first in line, first to go',
      event,
    );
  }
  if (rules.soak > 0)
    expect(
      rules.after.some((name) => soaked(placeNamed(model, name), release, event.at) >= rules.soak),
      'R4: soaked long enough',
      event,
    );
  const decisions = model.decisions.filter(
    (decision) =>
      decision.plan === event.data.planHash! && decision.environment === environment && decision.release === release,
  );
  const approvers = new Set(decisions.filter(({ approves }) => approves).map(({ actor }) => actor));
  expect(approvers.size >= rules.approvals, 'R21, R22: enough people approved this plan', event);
  expect(rules.approvals === 0 || decisions.every(({ approves }) => approves), 'R23: a rejection is final', event);
}

/** A pin on another release, a freeze or a closed window; only the first keeps a rollback out. */
function isShut(model: Reference, { at }: LoggedEvent, { environment, release, kind, by }: PromotionState): boolean {
  const { pin } = model.places.get(environment)!;
  if (pin !== undefined && pin !== release && by !== 'engine') return true;
  if (kind === 'rollback') return false;
  const { window } = model.rules.get(environment)!;
  const hour = new Date(at).getUTCHours();
  if (window !== undefined && (hour < window.from || hour >= window.to)) return true;
  return [...model.freezes.values()].some(
    (freeze) => (freeze.environment ?? environment) === environment && freeze.from <= at && at < freeze.until,
  );
}

function enter(model: Reference, { data, ...event }: LoggedEvent, promotion: PromotionState): void {
  expect(promotion.state === 'running' && !promotion.stopped, 'R14: what is being stopped goes no further', {
    ...event,
    data,
  });
  expect(
    promotion.phase !== 'preparing' || promotion.kind === 'rollback' || promotion.mayEnter,
    'R5: judged again before it deploys',
    { ...event, data },
  );
  expect(
    data.phase === 'verifying' || !isShut(model, { data, ...event }, promotion),
    'R27: until users notice something, what shuts stops it',
    { ...event, data },
  );
  promotion.phase = data.phase!;
}

function settle(model: Reference, event: LoggedEvent, promotion: PromotionState): void {
  const outcome = event.data.outcome!;
  expect(promotion.state !== 'ended', 'R12: an end is final', event);
  const asked = promotion.stopped === 'shut' ? 'refused' : 'aborted';
  expect(!promotion.stopped || outcome === asked, 'R14: a stop beats everything', event);
  expect(
    promotion.state === 'running' || ['aborted', 'refused'].includes(outcome),
    'R12: what never ran has not succeeded or failed',
    event,
  );
  const switched = ['switching', 'verifying'].includes(promotion.phase ?? '');
  end(promotion, outcome);
  const place = model.places.get(promotion.environment)!;
  if (
    !switched ||
    !['succeeded', 'failed', 'errored', 'inconclusive'].includes(outcome) ||
    place.running === promotion.release
  )
    return;
  const left = place.running === undefined ? undefined : place.occupied.get(place.running);
  if (left !== undefined) place.occupied.set(place.running!, { ...left, until: event.at });
  place.occupied.set(promotion.release, { from: event.at, until: undefined });
  place.running = promotion.release;
}

function end(promotion: PromotionState, outcome: string): void {
  Object.assign(promotion, { state: 'ended', outcome });
}

function expect(condition: boolean, rule: string, event: LoggedEvent): void {
  assert.ok(
    condition,
    `${rule}: broken by event ${event.seq} ${event.kind} of ${event.promotion_id ?? event.release_id} ${JSON.stringify(event.data)}`,
  );
}
