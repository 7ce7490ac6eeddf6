import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RolloutView } from '../../api/contract/rollouts.ts';
import { line, render } from './rollout.ts';

const plain = { bold: same, dim: same, good: same, bad: same, warn: same };
function same(text: string): string {
  return text;
}

const view: RolloutView = {
  environment: 'live',
  promotion: 'prm_1',
  release: { id: 'rel_3', number: 3 },
  stable: { id: 'rel_2', number: 2 },
  strategy: 'canary',
  state: 'going',
  because: null,
  percent: 20,
  step: 2,
  of: 3,
  what: '20 % of the requests',
  waiting: { for: 'time', because: '20 % of the requests', since: 60_000, until: 120_000 },
  running: true,
  outcome: null,
  groups: [],
  shadow: false,
  steps: [
    { what: 'the check answers', lastsMs: null, state: 'done' },
    { what: '20 % of the requests', lastsMs: 60_000, state: 'current' },
    { what: '50 % of the requests', lastsMs: 60_000, state: 'to-come' },
  ],
  stepSince: 60_000,
  metrics: [],
  judgement: {
    says: 'fine',
    because: 'not enough errors to tell',
    ignored: [],
    evidence: [{ metric: 'errors', is: 1.234, limit: 125 }],
  },
  ofNew: {
    requests: 610,
    failures: 3,
    errorRate: 3 / 610,
    unanswered: null,
    brokenOff: 2,
    clientErrors: 61,
    clientErrorRate: 0.1,
    p50Ms: 4.2,
    p95Ms: 14,
    p99Ms: 28,
  },
  ofStable: {
    requests: 1506,
    failures: 0,
    errorRate: 0,
    unanswered: null,
    brokenOff: 0,
    clientErrors: 15,
    clientErrorRate: 15 / 1506,
    p50Ms: 4.1,
    p95Ms: 12,
    p99Ms: 19,
  },
  limits: { errorRate: 0.05, clientErrorRate: 0.2, p95Ms: null, p99Ms: 2_000, minRequests: 50 },
  startedAt: 0,
  at: 80_000,
};

test('a rollout is told with its share, its steps and what is left of them, and the new release against the old one', () => {
  assert.equal(
    render(view, plain),
    `live  canary of #3 over #2  ▶ going
  ████░░░░░░░░░░░░░░░░ 20 %

  ✓ the check answers
  ▶ 20 % of the requests, 40 s left
  · 50 % of the requests

                 new     stable  limit
  requests       610     1506    ≥ 50
  failed         0.49 %  0 %     ≤ 5 %
    broken off   2       0
  client errors  10 %    1 %     ≤ 20 %
  p50            4 ms    4 ms
  p95            14 ms   12 ms
  p99            28 ms   19 ms   ≤ 2.0 s

  ✓ not worse: not enough errors to tell
  evidence against it: errors 1.2 of 125
  waits for time: 20 % of the requests (for 20 s, 40 s at most)`,
  );
});

test('what went wrong stands under the step where it did', () => {
  const returned = render({ ...view, state: 'returned', because: '20 % of its requests failed', waiting: null }, plain);
  assert.match(returned, /✗ 20 % of the requests\n {6}20 % of its requests failed\n {2}· 50 %/);
});

test('what a person stopped has not failed, and nothing to say is not said', () => {
  const paused = { ...view, state: 'paused', because: 'paused by ann', waiting: null } as const;
  assert.match(render(paused, plain), /‖ 20 % of the requests\n {6}paused by ann\n {2}· 50 %/);
  const judgement = { ...view.judgement!, because: '' };
  assert.match(render({ ...view, judgement }, plain), /✓ not worse\n/);
});

test('the same state is the same line, another one is not', () => {
  assert.equal(line(view), 'live: #3 20 %, going, step 2 of 3: 20 % of the requests');
  assert.equal(line({ ...view, at: 90_000, ofNew: view.ofStable }), line(view));
  assert.equal(
    line({ ...view, state: 'paused', because: 'paused by ann' }),
    'live: #3 20 %, paused, step 2 of 3: 20 % of the requests, paused by ann',
  );
});
