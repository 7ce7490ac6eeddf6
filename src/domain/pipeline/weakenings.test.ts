import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hour, specWith } from '../../../test/make/facts.ts';
import { pipelineWith } from '../../../test/make/pipeline.ts';
import type { Window } from '../base/calendar.ts';
import type { Duration } from '../base/time.ts';
import { defaultGates } from './defaults.ts';
import type { EnvironmentSpec, GateSpec, VerificationCommand } from './environment.ts';
import type { TrustSpec } from './pipeline.ts';
import { weakenings, type Weakening } from './weakenings.ts';

const hours = (count: number) => (count * hour) as Duration;
const daytime: Window = { zone: 'UTC', allow: [{ days: ['mon', 'tue'], from: '09:00', to: '17:00' }], deny: [] };

/** Every gate there is, as strict as it is written here. */
const strict: readonly GateSpec[] = [
  { gate: 'approval', count: 2, roles: ['qa', 'maintainer'], each: { qa: 1 }, timeout: hours(2), passkey: 'required' },
  { gate: 'soak', for: hours(2) },
  { gate: 'fresh', within: hours(48) },
  { gate: 'window', window: daytime },
  { gate: 'tests', commands: ['unit', 'browser'], claimed: 'refused' },
  { gate: 'review', count: 2, from: 'forge' },
  { gate: 'merged' },
  { gate: 'deployed' },
  { gate: 'qa', count: 2 },
  {
    gate: 'performance',
    p95: 200 as Duration,
    p99: 900 as Duration,
    errorRate: 0.01,
    minRequests: 500,
    tolerance: 0.1,
    within: hours(48),
    claimed: 'refused',
  },
  { gate: 'security', failAt: 'medium', tools: ['trivy', 'npm audit'], within: hours(48), claimed: 'refused' },
  { gate: 'tagged' },
  { gate: 'notes' },
  { gate: 'plan' },
  { gate: 'custom', name: 'ticket', run: './ticket', timeout: hours(1) },
];

const smoke: VerificationCommand = {
  name: 'smoke',
  run: 'node smoke.js',
  report: { format: 'junit', path: 'smoke.xml' },
  timeout: hours(1),
};
const production = specWith({
  gates: strict,
  after: { mode: 'all', environments: ['qa', 'staging'] },
  verification: { commands: [smoke, { ...smoke, name: 'browser' }], every: hours(6) },
});
const trust: TrustSpec = { signatures: 'strict', root: 'a'.repeat(40), separation: 'two-person', breakGlass: 'none' };
const strictest = pipelineWith([production], { trust });

const between = (before: EnvironmentSpec, after: EnvironmentSpec): readonly Weakening[] =>
  weakenings(pipelineWith([before], { trust }), pipelineWith([after], { trust }));
const withGate = (word: GateSpec['gate'], changes: object): EnvironmentSpec => ({
  ...production,
  gates: strict.map((gate) => (gate.gate === word ? ({ ...gate, ...changes } as GateSpec) : gate)),
});
const verified = (changes: object): EnvironmentSpec => ({
  ...production,
  verification: { commands: [smoke, { ...smoke, name: 'browser' }], every: hours(6), ...changes } as never,
});

/** One step down each, with the word for it and something its sentence says. */
const looser: readonly (readonly [Weakening['what'], RegExp, EnvironmentSpec])[] = [
  ['gate-loosened', /1 approvals are enough, it was 2/, withGate('approval', { count: 1 })],
  ['gate-loosened', /release-manager counts/, withGate('approval', { roles: ['qa', 'maintainer', 'release-manager'] })],
  ['gate-loosened', /anybody who may approve/, withGate('approval', { roles: undefined })],
  ['gate-loosened', /0 approvals as qa/, withGate('approval', { each: {} })],
  ['gate-loosened', /timeout 3h, it was 2h/, withGate('approval', { timeout: hours(3) })],
  ['gate-loosened', /waits for ever/, withGate('approval', { timeout: undefined })],
  ['gate-loosened', /no passkey/, withGate('approval', { passkey: undefined })],
  ['gate-loosened', /for 1h, it was 2h/, withGate('soak', { for: hours(1) })],
  ['gate-loosened', /within 3d, it was 2d/, withGate('fresh', { within: hours(72) })],
  ['gate-loosened', /other times/, withGate('window', { window: { ...daytime, zone: 'Europe/Berlin' } })],
  ['gate-loosened', /other times/, withGate('window', { window: { ...daytime, allow: [] } })],
  ['gate-loosened', /need not be there any more: browser/, withGate('tests', { commands: ['unit'] })],
  ['gate-loosened', /only claimed count/, withGate('tests', { claimed: 'allowed' })],
  ['gate-loosened', /1 reviews/, withGate('review', { count: 1 })],
  ['gate-loosened', /reviews from any/, withGate('review', { from: 'any' })],
  ['gate-loosened', /1 sign-offs/, withGate('qa', { count: 1 })],
  ['gate-loosened', /p95 300ms/, withGate('performance', { p95: 300 })],
  ['gate-loosened', /p99 has no limit/, withGate('performance', { p99: undefined })],
  ['gate-loosened', /errorRate is 2%/, withGate('performance', { errorRate: 0.02 })],
  ['gate-loosened', /tolerance is 50%/, withGate('performance', { tolerance: 0.5 })],
  ['gate-loosened', /1 requests/, withGate('performance', { minRequests: 1 })],
  ['gate-loosened', /only high findings/, withGate('security', { failAt: 'high' })],
  ['gate-loosened', /trivy/, withGate('security', { tools: ['npm audit'] })],
  ['gate-loosened', /ticket: it asks something else/, withGate('custom', { run: 'true' })],
  ['verification-loosened', /nothing is verified/, { ...production, verification: 'none' }],
  ['verification-loosened', /browser is gone/, verified({ commands: [smoke] })],
  [
    'verification-loosened',
    /smoke runs something else/,
    verified({
      commands: [
        { ...smoke, run: 'true' },
        { ...smoke, name: 'browser' },
      ],
    }),
  ],
  ['verification-loosened', /less often/, verified({ every: hours(7) })],
  ['verification-loosened', /less often/, verified({ every: undefined })],
  ['rollout-loosened', /take longer to begin its answer/, { ...production, limits: { answerMs: 90_000 } }],
  ['order-relaxed', /no longer comes after qa/, { ...production, after: { mode: 'all', environments: ['staging'] } }],
  ['order-relaxed', /any of qa, staging/, { ...production, after: { mode: 'any', environments: ['qa', 'staging'] } }],
  [
    'order-relaxed',
    /no longer comes after qa and staging/,
    { ...production, after: { mode: 'all', environments: [] } },
  ],
  ['trigger-added', /success upstream/, { ...production, triggers: [...production.triggers, { on: 'success' }] }],
  [
    'command-changed',
    /another command deploys/,
    { ...production, target: { kind: 'command', deploy: './other', timeout: hours(1) } },
  ],
  ['kind-changed', /it is qa, it was production/, { ...production, kind: 'qa' }],
];

/** The same with every key in another place, as a database may give it back. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, part]) => [key, turned(part)]),
  );
}

test('R19: a pipeline is not weaker than itself, whatever is in it', () => {
  assert.deepEqual(weakenings(strictest, strictest), []);
  assert.deepEqual(weakenings(strictest, turned(strictest) as typeof strictest), []);
});

for (const [what, sentence, weaker] of looser) {
  test(`R19: ${what} is found, and the way back is none: ${sentence.source}`, () => {
    const found = between(production, weaker);
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.equal(found[0]!.what, what);
    assert.match(found[0]!.sentence, sentence);
    assert.equal(found[0]!.environment, 'production');
    const isQuestion = sentence.source.includes('something else');
    const isTime =
      sentence.source === 'other times' &&
      'zone' in daytime &&
      weaker.gates.some((gate) => gate.gate === 'window' && gate.window.zone !== 'UTC');
    // What cannot be compared counts in both directions.
    if (!isQuestion && !isTime && what !== 'kind-changed') assert.deepEqual(between(weaker, production), []);
  });
}

test('R19: of gates, exactly those that are gone are told', () => {
  fc.assert(
    fc.property(fc.subarray([...strict]), (left) => {
      const gone = strict.filter((gate) => !left.includes(gate));
      const found = between(production, { ...production, gates: left });
      assert.equal(found.length, gone.length);
      assert.ok(found.every(({ what }) => what === 'gate-removed'));
      assert.deepEqual(between({ ...production, gates: left }, production), []);
    }),
  );
});

test('R19: several steps down are all told, each once', () => {
  const steps = looser.filter(([what]) => what === 'gate-loosened' || what === 'trigger-added');
  const indexes = fc.uniqueArray(fc.nat({ max: steps.length - 1 }), { maxLength: 6 });
  fc.assert(
    fc.property(indexes, (chosen) => {
      const changes = chosen.map((index) => steps[index]![2]);
      const words = strict.map(({ gate }) => gate);
      const touched = words.filter(
        (word, place) => changes.some((spec) => spec.gates[place] !== strict[place]) && word !== undefined,
      );
      const gates = strict.map(
        (gate, place) => changes.map((spec) => spec.gates[place]!).findLast((one) => one !== gate) ?? gate,
      );
      const found = between(production, { ...production, gates });
      for (const word of touched)
        assert.ok(
          found.some(({ sentence }) => sentence.startsWith(word === 'custom' ? 'ticket' : word)),
          word,
        );
    }),
  );
});

test('R19: trust that is lowered is told, raised is not', () => {
  const lower: readonly Partial<TrustSpec>[] = [
    { signatures: 'hosted' },
    { signatures: 'none' },
    { separation: 'none' },
    { breakGlass: 'two-person' },
    { root: 'b'.repeat(40) },
  ];
  for (const change of lower) {
    const weaker = pipelineWith([production], { trust: { ...trust, ...change } });
    const found = weakenings(strictest, weaker);
    assert.deepEqual(
      found.map(({ what, environment }) => [what, environment]),
      [['trust-lowered', undefined]],
    );
    if (change.root === undefined) assert.deepEqual(weakenings(weaker, strictest), []);
  }
  const forge = { kind: 'github', api: 'https://api.github.com', repository: 'shop/web', token: 'A' } as const;
  const [ours, theirs] = [forge, { ...forge, api: 'https://forge.example' }].map((one) =>
    pipelineWith([production], { trust, forge: one }),
  );
  assert.match(weakenings(ours!, theirs!)[0]!.sentence, /another forge: https:\/\/forge.example shop\/web/);
  assert.deepEqual(weakenings(ours!, pipelineWith([production], { trust, forge: { ...forge, token: 'B' } })), []);
  const moved = pipelineWith([production], { trust, mainBranch: 'trunk' });
  assert.match(weakenings(strictest, moved)[0]!.sentence, /trunk, it was main/);
});

test('R19: a window may deny more and allow less without being weaker', () => {
  const narrower: Window = {
    zone: 'UTC',
    allow: daytime.allow,
    deny: [{ fromDate: '2026-12-24', toDate: '2027-01-02' }],
  };
  assert.deepEqual(between(production, withGate('window', { window: narrower })), []);
  const two = { ...production, gates: [...strict, { gate: 'window', window: narrower } as const] };
  assert.deepEqual(between(production, two), []);
  assert.equal(between(two, production).length, 1);
});

test('R19: a new environment is held against its kind, so that a second name is no way around', () => {
  const second = specWith({ name: 'production-2', after: { mode: 'all', environments: ['staging'] }, gates: [] });
  const told = (after: EnvironmentSpec, before = production) =>
    weakenings(pipelineWith([before], { trust }), pipelineWith([before, after], { trust }));
  const found = told(second);
  assert.ok(found.every(({ environment }) => environment === 'production-2'));
  for (const { gate } of defaultGates('production', true))
    assert.ok(
      found.some(({ sentence }) => sentence.includes(`usually asks: the gate ${gate} is gone`)),
      gate,
    );
  const usual = { ...production, gates: defaultGates('production', true) };
  assert.deepEqual(told({ ...usual, name: 'production-2' }, usual), []);
  // What the first production asks beyond the usual, the second one asks, too.
  assert.match(
    JSON.stringify(told({ ...usual, name: 'production-2' })),
    /less than production asks: the gate soak is gone/,
  );
  assert.deepEqual(told({ ...production, name: 'production-2' }), []);
  const first = told({ ...production, name: 'production-2', after: { mode: 'all', environments: [] } });
  assert.match(first[0]!.sentence, /nothing comes before it/);
  const trial = specWith({ name: 'trial', kind: 'development', gates: [] });
  assert.deepEqual(told(trial), []);
});

test('R19: an environment that goes takes its gates, holds and vetoes with it: another name is no way around them', () => {
  const renamed = { ...production, name: 'prod' };
  for (const kind of ['staging', 'production', 'disaster-recovery'] as const) {
    const [gone, ...others] = between({ ...production, kind }, { ...renamed, kind });
    assert.deepEqual([gone?.what, gone?.environment, others], ['environment-removed', 'production', []]);
  }
  const trial = specWith({ name: 'trial', kind: 'testing', gates: [] });
  assert.deepEqual(weakenings(pipelineWith([trial, production], { trust }), strictest), []);
});

test('R19: what becomes live is held against its new kind', () => {
  const trial = specWith({ name: 'trial', kind: 'development', gates: [], triggers: [] });
  const found = between(trial, { ...trial, kind: 'production' });
  assert.ok(found.some(({ sentence }) => sentence.includes('the gate approval is gone')));
  assert.deepEqual(between(trial, { ...trial, kind: 'qa' }), []);
  // Whatever it asks from now on, what runs there was never asked.
  const [told, ...others] = between(trial, { ...production, name: 'trial', triggers: [] });
  assert.match(told!.sentence, /what runs there came in by what development asks/);
  assert.deepEqual(others, []);
});

test('R19: a forge that begins to count is told where reviews of a forge count', () => {
  const forge = { kind: 'github', api: 'https://forge.example', repository: 'shop/web', token: 'A' } as const;
  const withForge = (spec: EnvironmentSpec) =>
    weakenings(pipelineWith([spec], { trust }), pipelineWith([spec], { trust, forge }));
  assert.match(withForge(production)[0]!.sentence, /reviews come from another forge: https:\/\/forge.example/);
  assert.deepEqual(withForge(withGate('review', { from: 'liftlock' })), []);
});
