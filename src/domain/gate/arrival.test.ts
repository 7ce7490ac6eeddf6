import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  factsWith,
  hour,
  idOf,
  later,
  noon,
  promotionWith,
  questionWith,
  releaseWith,
  runningProgress,
  runsNow,
  sha256,
  specWith,
  upstreamWith,
} from '../../../test/make/facts.ts';
import type { EnvironmentFacts, ReleaseFacts } from '../promotion/facts.ts';
import { factsOf } from '../promotion/facts.ts';
import type { EnvironmentSpec } from '../pipeline/environment.ts';
import { askGates } from './all.ts';
import { arrivalAt } from './arrival.ts';

/** After staging, on success there unless changed. */
const spec = (changes: Partial<EnvironmentSpec> = {}) =>
  specWith({ after: { mode: 'all', environments: ['staging'] }, triggers: [{ on: 'success' }], ...changes });

const second = (changes: Partial<ReleaseFacts> = {}) =>
  releaseWith(2, { sightings: [], upstream: [upstreamWith('staging')], ...changes });

function arrive(changes: Partial<EnvironmentFacts>) {
  const facts = factsWith({ spec: spec(), running: runsNow(1), releases: [second()], ...changes });
  return arrivalAt(facts, idOf('rel', 2), (wish) =>
    askGates({ ...questionWith({}), ...wish, facts, release: factsOf(facts, wish.release), planHash: sha256('plan') }),
  );
}

test('nothing comes where nothing newer is verified before it', () => {
  assert.equal(arrive({ releases: [] }), undefined);
  assert.equal(arrive({ running: runsNow(2) }), undefined);
});

test('what automation would open comes by itself, at once or when the clock opens its gates', () => {
  assert.deepEqual(arrive({}), {
    release: idOf('rel', 2),
    is: 'automatic',
    because: 'every gate is open',
    at: noon,
  });
  const soaking = arrive({ spec: spec({ gates: [{ gate: 'soak', for: (2 * hour) as never }] }) });
  assert.equal(soaking?.is, 'automatic');
  assert.equal(soaking?.at, later(hour));
});

test('R42: what was asked for and waits for people says for whom', () => {
  const waiting = promotionWith(2, { origin: { by: 'person', actor: 'ann' } });
  const arrival = arrive({ spec: spec({ gates: [{ gate: 'approval', count: 1 }] }), open: [waiting] });
  assert.equal(arrival?.is, 'blocked');
  assert.match(arrival?.because ?? '', /approv/);
});

test('what is under way is said to be', () => {
  assert.equal(arrive({ open: [promotionWith(2, { progress: runningProgress() })] })?.is, 'deploying');
});

test('where only people start promotions it is ready, with what would come then', () => {
  const manual = arrive({ spec: spec({ triggers: [{ on: 'manual' }] }) });
  assert.deepEqual([manual?.is, manual?.because], ['ready', 'somebody may ask for it']);
  const approved = arrive({ spec: spec({ triggers: [{ on: 'manual' }], gates: [{ gate: 'approval', count: 1 }] }) });
  assert.equal(approved?.is, 'ready');
  assert.match(approved?.because ?? '', /then .*approv/);
});

test('R28: a hold is told as the reason why nothing comes by itself', () => {
  const hold = { by: 'ann', reason: 'stocktaking', at: noon };
  const held = arrive({ hold });
  assert.equal(held?.is, 'ready');
  assert.match(held?.because ?? '', /on hold by ann/);
});

test('R10: what did not succeed here does not come again by itself', () => {
  const again = arrive({ releases: [second({ lastOutcome: 'rolled-back' })] });
  assert.equal(again?.is, 'blocked');
  assert.match(again?.because ?? '', /last try here: rolled-back/);
});

test('R30: a vetoed release is blocked, and by whom', () => {
  const vetoed = arrive({ releases: [second({ veto: { by: 'ben', reason: 'loses orders', at: noon } })] });
  assert.equal(vetoed?.is, 'blocked');
  assert.match(vetoed?.because ?? '', /vetoed by ben: loses orders/);
});

test('a schedule says when', () => {
  const schedule = { days: ['wed'], at: '18:00', zone: 'UTC' } as const;
  const arrival = arrive({ spec: spec({ triggers: [{ on: 'schedule', schedule }] }) });
  assert.equal(arrival?.is, 'automatic');
  assert.equal(arrival?.at, later(6 * hour));
});

test('a gate of time makes nobody start what only a person starts', () => {
  const gates = [{ gate: 'soak', for: (2 * hour) as never }] as const;
  const arrival = arrive({ spec: spec({ triggers: [{ on: 'manual' }], gates }) });
  assert.equal(arrival?.is, 'blocked');
  assert.equal(arrival?.at, later(hour));
});
