import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commands, idOf, later, noon, promotionWith, runningProgress, thePlan } from '../../../test/make/facts.ts';
import { decide, evolve, phases, type Promotion, type PromotionCommand, type PromotionEvent } from './promotion.ts';

interface Step {
  readonly before: Promotion;
  readonly command: PromotionCommand;
  readonly events: readonly PromotionEvent[];
  readonly after: Promotion;
}

/** Every step of a life in which these commands arrive one after another. */
function live(lifeCommands: readonly PromotionCommand[]): readonly Step[] {
  const steps: Step[] = [];
  let promotion = promotionWith(1);
  for (const command of lifeCommands) {
    const decision = decide(promotion, command);
    const events = decision.accepted ? decision.events : [];
    const after = events.reduce(evolve, promotion);
    steps.push({ before: promotion, command, events, after });
    promotion = after;
  }
  return steps;
}

const lives = fc.array(commands, { maxLength: 25 });

function holdsInEveryLife(check: (step: Step) => void): void {
  fc.assert(
    fc.property(lives, (commandsOfLife) => live(commandsOfLife).forEach(check)),
    { numRuns: 1_000 },
  );
}

const running = promotionWith(1, { progress: runningProgress(1) });
const stop = { do: 'stop', request: { by: 'ann', cause: 'abort', reason: 'wrong release', at: noon } } as const;
const lease = idOf('lse', 1);

test('R12: an ended promotion stays as it ended, except that it may become rolled-back', () => {
  holdsInEveryLife(({ before, after, events }) => {
    if (before.progress.state !== 'ended') return;
    assert.equal(after.progress.state, 'ended');
    assert.ok(events.every(({ event }) => event === 'promotion.rolled-back'));
    if (events.length > 0) assert.equal(after.progress.outcome, 'rolled-back');
    assert.equal(after.progress.endedAt, before.progress.endedAt);
  });
});

test('R12: only what ran and was judged or left unjudged in place can be rolled back', () => {
  holdsInEveryLife(({ before, command, events }) => {
    if (command.do !== 'mark-rolled-back' || events.length === 0) return;
    assert.ok(
      before.progress.state === 'ended' &&
        ['succeeded', 'failed', 'errored', 'inconclusive'].includes(before.progress.outcome),
    );
  });
});

test('R9: a superseded or aborted promotion never becomes failed, succeeded or rolled-back', () => {
  for (const outcome of ['superseded', 'aborted', 'refused'] as const) {
    const ended = promotionWith(1, { progress: { state: 'ended', outcome, endedAt: noon } });
    fc.assert(
      fc.property(commands, (command) => {
        assert.equal(decide(ended, command).accepted, false);
      }),
    );
  }
});

test('R9: what was superseded says by what', () => {
  const decision = decide(promotionWith(1), { do: 'supersede', by: idOf('prm', 2), at: noon });
  assert.ok(decision.accepted);
  const after = decision.events.reduce(evolve, promotionWith(1));
  assert.equal(after.supersededBy, idOf('prm', 2));
  assert.equal(after.progress.state === 'ended' && after.progress.outcome, 'superseded');
});

test('R14: after a stop request nothing but aborted can be settled, or refused where something shut', () => {
  holdsInEveryLife(({ before, after }) => {
    if (before.stop === undefined || before.progress.state !== 'running') return;
    const outcome = before.stop.cause === 'shut' ? 'refused' : 'aborted';
    assert.ok(
      after.progress.state === 'running' || (after.progress.state === 'ended' && after.progress.outcome === outcome),
    );
  });
});

test('R14: a stop request is accepted at every moment before the end', () => {
  holdsInEveryLife(({ before }) => {
    if (before.progress.state === 'ended') return;
    assert.ok(decide(before, stop).accepted);
  });
});

test('R14: a waiting promotion that is stopped has ended aborted, with the reason', () => {
  const decision = decide(promotionWith(1), stop);
  assert.ok(decision.accepted);
  const after = decision.events.reduce(evolve, promotionWith(1));
  assert.deepEqual(after.progress, { state: 'ended', outcome: 'aborted', endedAt: noon });
  assert.equal(after.reason, 'wrong release');
});

test('R14: no further phase is entered after a stop request', () => {
  holdsInEveryLife(({ before, command, events }) => {
    if (before.stop === undefined || command.do !== 'enter') return;
    assert.deepEqual(events, []);
  });
});

test('R24: what has begun nothing is put back and waits; what is in a phase further on, or is being stopped, is not', () => {
  holdsInEveryLife(({ before, command, events, after }) => {
    if (command.do !== 'put-back') return;
    const { progress } = before;
    const may = progress.state === 'running' && progress.phase === 'preparing' && before.stop === undefined;
    assert.equal(events.length, may ? 1 : 0);
    if (may) assert.deepEqual([after.progress, after.planHash], [{ state: 'waiting' }, undefined]);
  });
});

test('R27: what is stopped because something shut ends refused, unless a person aborts it meanwhile', () => {
  const request = { by: 'system:engine', cause: 'shut', reason: 'frozen', at: noon } as const;
  const shut = following(running, { do: 'stop', request });
  const settle = (outcome: 'refused' | 'aborted') =>
    ({ do: 'settle', lease, outcome, reason: 'stopped', at: noon }) as const;
  assert.equal(decide(shut, settle('aborted')).accepted, false);
  assert.ok(decide(shut, settle('refused')).accepted);
  const aborted = following(shut, stop);
  assert.equal(decide(aborted, settle('refused')).accepted, false);
  assert.equal(following(aborted, { do: 'stop', request }).stop?.cause, 'abort');
});

test('R33: a newer release makes a running promotion end superseded by it, unless a person aborts it meanwhile', () => {
  const newer = idOf('prm', 3);
  const request = { by: 'system:engine', cause: 'newer', newer, reason: 'newer', at: noon } as const;
  const yields = following(running, { do: 'stop', request });
  const settle = (outcome: 'superseded' | 'aborted') =>
    ({ do: 'settle', lease, outcome, reason: 'stopped', at: noon }) as const;
  assert.equal(decide(yields, settle('aborted')).accepted, false);
  const ended = following(yields, settle('superseded'));
  assert.deepEqual(
    [ended.progress.state === 'ended' && ended.progress.outcome, ended.supersededBy],
    ['superseded', newer],
  );
  const aborted = following(yields, stop);
  assert.equal(decide(aborted, settle('superseded')).accepted, false);
  assert.equal(
    following(aborted, { do: 'stop', request }).stop?.cause,
    'abort',
    'a newer release does not undo an abort',
  );
  assert.equal(
    decide(running, settle('superseded')).accepted,
    false,
    'nothing takes the place of one that nobody stopped',
  );
});

function following(promotion: Promotion, command: PromotionCommand): Promotion {
  const decision = decide(promotion, command);
  assert.ok(decision.accepted);
  return decision.events.reduce(evolve, promotion);
}

test('R7: whoever does not hold the lease moves nothing', () => {
  const stranger = idOf('lse', 2);
  for (const command of [
    { do: 'enter', phase: 'switching', lease: stranger, at: noon },
    { do: 'settle', lease: stranger, outcome: 'succeeded', reason: 'late', at: noon },
  ] as const) {
    const decision = decide(running, command);
    assert.equal(decision.accepted === false && decision.because, 'lease-lost');
  }
});

test('R7: after another worker took over, the lease of the first one is worth nothing', () => {
  const decision = decide(running, { do: 'take', lease: idOf('lse', 2), at: noon });
  assert.ok(decision.accepted);
  const taken = decision.events.reduce(evolve, running);
  assert.equal(decide(taken, { do: 'settle', lease, outcome: 'failed', reason: 'late', at: noon }).accepted, false);
});

test('R40: a command repeated after it had its effect leads to no further event', () => {
  holdsInEveryLife(({ command, after, events }) => {
    if (events.length === 0) return;
    const again = decide(after, command);
    assert.deepEqual(again.accepted ? again.events : [], []);
  });
});

test('R40: phases are entered in their order and never twice', () => {
  fc.assert(
    fc.property(lives, (commandsOfLife) => {
      const entered = live(commandsOfLife).flatMap(({ events }) =>
        events.flatMap((event) => (event.event === 'promotion.phase-entered' ? [phases.indexOf(event.phase)] : [])),
      );
      assert.deepEqual(entered, [...new Set(entered)].toSorted());
    }),
    { numRuns: 1_000 },
  );
});

test('R40: what a promotion is follows from its events alone', () => {
  fc.assert(
    fc.property(lives, (commandsOfLife) => {
      const steps = live(commandsOfLife);
      assert.deepEqual(
        steps.flatMap(({ events }) => events).reduce(evolve, promotionWith(1)),
        steps.at(-1)?.after ?? promotionWith(1),
      );
    }),
  );
});

test('R12: whatever ended has an outcome, a time and a reason', () => {
  holdsInEveryLife(({ after }) => {
    if (after.progress.state !== 'ended') return;
    assert.notEqual(after.reason ?? '', '');
    assert.equal(typeof after.progress.endedAt, 'number');
  });
});

test('R21: a promotion carries the hash of the plan it was started with', () => {
  const decision = decide(promotionWith(1), { do: 'start', lease, planHash: thePlan, at: noon });
  assert.ok(decision.accepted);
  assert.equal(decision.events.reduce(evolve, promotionWith(1)).planHash, thePlan);
});

test('R40: an event that does not fit the state is a defect and is not swallowed', () => {
  const ended = promotionWith(1, { progress: { state: 'ended', outcome: 'aborted', endedAt: noon } });
  const start: PromotionEvent = { event: 'promotion.started', lease, planHash: thePlan, at: noon };
  assert.throws(() => evolve(running, start), /promotion\.started on promotion prm_0+1, which is running/);
  for (const event of [
    start,
    { event: 'promotion.ended', outcome: 'failed', reason: 'late', at: later(1) },
    { event: 'promotion.taken', lease, at: noon },
    { event: 'promotion.phase-entered', phase: 'switching', at: noon },
    { event: 'promotion.superseded', by: idOf('prm', 2), at: noon },
    { event: 'promotion.stop-requested', request: stop.request },
  ] satisfies PromotionEvent[]) {
    assert.throws(() => evolve(ended, event), TypeError, event.event);
  }
});

test('R12: the moment at which traffic reached the release is kept when it ends', () => {
  const steps = live([
    { do: 'start', lease, planHash: thePlan, at: later(1) },
    { do: 'enter', phase: 'switching', lease, at: later(2) },
    { do: 'settle', lease, outcome: 'succeeded', reason: 'fine', at: later(3) },
  ]);
  assert.equal(steps.at(-1)?.after.switchedAt, later(2));
  assert.deepEqual(steps.at(-1)?.after.progress, {
    state: 'ended',
    outcome: 'succeeded',
    endedAt: later(3),
    startedAt: later(1),
  });
});
