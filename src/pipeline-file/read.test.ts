import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentSpec } from '../domain/pipeline/environment.ts';
import type { Pipeline } from '../domain/pipeline/pipeline.ts';
import { formatProblem } from './problem.ts';
import { defaultGates } from '../domain/pipeline/defaults.ts';
import { readPipeline } from './read.ts';

const head = 'version: 1\nproject: shop\nservice: { start: node a.js }\n';

function read(text: string): { pipeline: Pipeline; warnings: readonly string[] } {
  const reading = readPipeline(text, 'f');
  if (!reading.ok) assert.fail(reading.problems.map(formatProblem).join('\n'));
  return { pipeline: reading.pipeline, warnings: reading.warnings.map(formatProblem) };
}

/** The environments of a file in which each is written as one mapping. */
function environments(...written: readonly string[]): readonly EnvironmentSpec[] {
  return read(`${head}environments:\n${written.map((one) => `  - { ${one} }\n`).join('')}`).pipeline.environments;
}

function warnings(...written: readonly string[]): readonly string[] {
  return read(`${head}environments:\n${written.map((one) => `  - { ${one} }\n`).join('')}`).warnings;
}

test('the shortest file is filled in with defaults', () => {
  const { pipeline } = read(`${head}environments: [{ name: development, kind: development, verify: none }]`);
  assert.deepEqual(pipeline, {
    project: 'shop',
    mainBranch: 'main',
    poll: 30_000,
    build: {
      commands: [],
      timeout: 600_000,
      outputLimitBytes: 20_000_000,
      allowVariables: [],
      variables: {},
      output: '.',
      exclude: [],
    },
    service: {
      start: 'node a.js',
      migrateTimeout: 300_000,
      health: { kind: 'process', settle: 2_000 },
      stopGrace: 10_000,
    },
    trust: { signatures: 'strict', separation: 'two-person', breakGlass: 'none' },
    environments: [
      {
        name: 'development',
        kind: 'development',
        hosting: 'local',
        after: { mode: 'all', environments: [] },
        triggers: [{ on: 'commit', branches: ['**'] }],
        gates: [],
        verification: 'none',
        queue: 'latest',
        rollback: 'manual',
        target: { kind: 'process' },
        rollout: { strategy: 'all-at-once' },
        database: { kind: 'none' },
        settings: { debug: true, logLevel: 'debug', experimental: true },
        variables: {},
      },
    ],
  });
});

test('environments come in promotion order, whatever their order in the file', () => {
  const order = environments(
    'name: production, kind: production, after: [staging], verify: none',
    'name: staging, kind: staging, after: { all: [testing, qa] }, verify: none',
    'name: qa, kind: qa, after: [testing], verify: none',
    'name: testing, kind: testing, verify: none',
  );
  assert.deepEqual(
    order.map(({ name }) => name),
    ['testing', 'qa', 'staging', 'production'],
  );
});

test('R1: several predecessors mean all of them unless any is written', () => {
  const [, , all, list, any] = environments(
    'name: a, kind: ci, verify: none',
    'name: b, kind: ci, verify: none',
    'name: c, kind: testing, verify: none, after: { all: [a, b] }',
    'name: d, kind: testing, verify: none, after: [b, a]',
    'name: e, kind: testing, verify: none, after: { any: [a, b] }',
  );
  assert.deepEqual(all?.after, { mode: 'all', environments: ['a', 'b'] });
  assert.deepEqual(list?.after, { mode: 'all', environments: ['b', 'a'] });
  assert.deepEqual(any?.after, { mode: 'any', environments: ['a', 'b'] });
});

test('gates that are written replace those of the kind, also when none are', () => {
  const [kind, none, own] = environments(
    'name: a, kind: production, verify: none, after: []',
    'name: b, kind: production, verify: none, after: [], gates: []',
    'name: c, kind: production, verify: none, after: [a], gates: [{ gate: soak, for: 1h30m }]',
  );
  assert.deepEqual(kind?.gates, defaultGates('production', false));
  assert.deepEqual(none?.gates, []);
  assert.deepEqual(own?.gates, [{ gate: 'soak', for: 5_400_000 }]);
});

test('settings that are written replace those of the kind one by one', () => {
  const [staging] = environments('name: a, kind: staging, verify: none, after: [], settings: { experimental: true }');
  assert.deepEqual(staging?.settings, { debug: false, logLevel: 'info', experimental: true });
});

test('triggers are one or several, and days are rows of days in the order of the week', () => {
  const [one, several] = environments(
    'name: a, kind: testing, verify: none, trigger: { on: tag }',
    'name: b, kind: testing, verify: none, trigger: [{ on: manual }, { on: schedule, zone: UTC, days: [sat, fri-mon], at: "03:30" }]',
  );
  assert.deepEqual(one?.triggers, [{ on: 'tag', pattern: 'v*' }]);
  assert.deepEqual(several?.triggers, [
    { on: 'manual' },
    { on: 'schedule', schedule: { zone: 'UTC', days: ['mon', 'fri', 'sat', 'sun'], at: '03:30' } },
  ]);
});

test('R26: windows keep what they allow and what they deny', () => {
  const [environment] = environments(
    'name: a, kind: testing, verify: none, gates: [{ gate: window, zone: Europe/Berlin, deny: [{ fromDate: 2026-12-24, toDate: 2027-01-02 }, { days: [sun], from: "00:00", to: "24:00" }] }]',
  );
  assert.deepEqual(environment?.gates, [
    {
      gate: 'window',
      window: {
        zone: 'Europe/Berlin',
        allow: [],
        deny: [
          { fromDate: '2026-12-24', toDate: '2027-01-02' },
          { days: ['sun'], from: '00:00', to: '24:00' },
        ],
      },
    },
  ]);
});

test('variables become text as it is written, or the name of a secret', () => {
  const [environment] = environments(
    'name: a, kind: ci, verify: none, variables: { A: 60, B: true, C: off, D: "", E: { secret: API_KEY }, constructor: x }',
  );
  assert.deepEqual(environment?.variables, {
    A: { value: '60' },
    B: { value: 'true' },
    C: { value: 'off' },
    D: { value: '' },
    E: { secret: 'API_KEY' },
    constructor: { value: 'x' },
  });
});

test('databases and targets of every kind are read', () => {
  const [managed, external, command] = environments(
    'name: a, kind: ci, verify: none, database: managed, target: { kind: process, port: 7501 }',
    'name: b, kind: ci, verify: none, database: { secret: B_URL }',
    'name: c, kind: ci, verify: none, hosting: cloud, target: { kind: command, deploy: "", url: "https://c.example:8443/x?y=1" }',
  );
  assert.deepEqual(
    [managed?.database, external?.database, command?.database],
    [{ kind: 'managed' }, { kind: 'external', secret: 'B_URL' }, { kind: 'none' }],
  );
  assert.deepEqual(managed?.target, { kind: 'process', port: 7501 });
  assert.deepEqual(command?.target, {
    kind: 'command',
    deploy: '',
    timeout: 600_000,
    url: 'https://c.example:8443/x?y=1',
  });
});

test('aliases stand for whole values, and problems inside them point to where they are written', () => {
  const text = `${head}environments:\n  - { name: a, kind: ci, verify: &smoke { commands: [{ name: smoke, run: ./smoke }] } }\n  - { name: b, kind: ci, verify: *smoke }\n`;
  const { pipeline } = read(text);
  assert.deepEqual(pipeline.environments[1]?.verification, pipeline.environments[0]?.verification);
  const reading = readPipeline(text.replace('run:', 'runn:'), 'f');
  assert.deepEqual(reading.ok ? [] : reading.problems.map(({ path, line }) => `${line} ${path}`), [
    '5 environments[0].verify.commands[0].runn',
    '5 environments[1].verify.commands[0].runn',
  ]);
});

test('what is allowed and doubtful is a warning with its place', () => {
  assert.deepEqual(
    warnings('name: p, kind: production, verify: none, after: [], gates: [], settings: { debug: true }'),
    [
      "f:5:66 environments[0].gates: without the gate tagged, production takes what somebody promotes by hand on a maintainer's signature alone: no version tag is asked for (add { gate: tagged })",
      'f:5:66 environments[0].gates: production has no gate that asks a person: releases go live by themselves (add { gate: approval, count: 1 })',
      'f:5:89 environments[0].settings.debug: debug is on in production',
    ],
  );
  assert.deepEqual(
    warnings(
      'name: a, kind: testing, verify: none, trigger: [{ on: main }, { on: manual }], variables: { API_TOKEN: abc, TOKENS: 3 }',
    ),
    [
      'f:5:69 environments[0].trigger[1]: manual beside other triggers changes nothing: people may always promote',
      'f:5:110 environments[0].variables.API_TOKEN: this looks like a secret, and everybody who reads the file can see it (write API_TOKEN: { secret: NAME })',
    ],
  );
  assert.deepEqual(
    warnings('name: s, kind: staging, verify: none, after: [], trigger: { on: commit, branches: [x] }'),
    ['f:5:65 environments[0].trigger: commits of branches enter staging before they are merged (use main)'],
  );
});

test('limits of requests are read as bytes and milliseconds; what is left out is left out', () => {
  const [some, all, none] = environments(
    'name: a, kind: testing, verify: none, limits: { body: 20MB }',
    'name: b, kind: testing, verify: none, limits: { body: 1KiB, connect: 500ms, answer: 30s, idle: 1m }',
    'name: c, kind: testing, verify: none',
  );
  assert.deepEqual(some?.limits, { bodyBytes: 20_000_000 });
  assert.deepEqual(all?.limits, { bodyBytes: 1_024, connectMs: 500, answerMs: 30_000, idleMs: 60_000 });
  assert.equal(none?.limits, undefined);
});

test('a leader with one time for two says which of them counts', () => {
  const by = (traffic: string, limits: string) =>
    warnings(`name: a, kind: testing, verify: none, traffic: ${traffic}, limits: { ${limits} }`).map((warning) =>
      warning.replace(/^f:5:\d+ environments\[0\]\./, ''),
    );
  const both = 'has one time for answer and idle';
  assert.deepEqual(by('haproxy', 'answer: 5s'), [`limits.answer: haproxy ${both}: this one counts for idle as well`]);
  assert.deepEqual(by('nginx', 'idle: 5s'), [`limits.idle: nginx ${both}: this one counts for answer as well`]);
  assert.deepEqual(by('nginx', 'answer: 5s, idle: 9s'), [
    `limits.answer: nginx ${both}: the longer one, idle, counts for both`,
  ]);
  assert.deepEqual(by('haproxy', 'answer: 9s, idle: 5s'), [
    `limits.idle: haproxy ${both}: the longer one, answer, counts for both`,
  ]);
  for (const [traffic, limits] of [
    ['haproxy', 'answer: 5s, idle: 5s'],
    ['nginx', 'body: 1MB, connect: 1s'],
    ['edge', 'answer: 5s'],
    ['caddy', 'answer: 5s, idle: 9s'],
  ] as const)
    assert.deepEqual(by(traffic, limits), []);
});

test('production that leaves the version tag out of its gates is told, where signatures are asked for at all', () => {
  const file = (signatures: string, gates: string) =>
    read(
      `${head}trust: { signatures: ${signatures} }\nenvironments: [{ name: p, kind: production, verify: none, after: [], ${gates} }]\n`,
    ).warnings.filter((warning) => warning.includes('version tag'));
  const approval = 'gates: [{ gate: approval, count: 1 }]';
  assert.equal(file('strict', approval).length, 1);
  assert.match(file('hosted', approval)[0] ?? '', /an accepted merge alone/);
  assert.deepEqual(file('none', approval), []);
  assert.deepEqual(file('strict', 'gates: [{ gate: approval, count: 1 }, { gate: tagged }]'), []);
  assert.deepEqual(file('strict', 'trigger: { on: manual }'), [], 'the gates that production has by itself ask for it');
});

test('a migration without any database is a warning', () => {
  const text = `version: 1\nproject: shop\nservice: { start: a, migrate: b }\nenvironments: [{ name: a, kind: ci, verify: none }]\n`;
  assert.deepEqual(read(text).warnings, [
    'f:3:31 service.migrate: no environment has a database to migrate (write database: managed in those that need one)',
  ]);
  assert.deepEqual(read(text.replace('verify: none', 'verify: none, database: managed')).warnings, []);
});

test('a hundred environments are read, and one more is refused', () => {
  const many = (count: number): string =>
    `${head}environments:\n${Array.from({ length: count }, (_, index) => `  - { name: e${index}, kind: ci, verify: none }\n`).join('')}`;
  assert.equal(read(many(100)).pipeline.environments.length, 100);
  const reading = readPipeline(many(101), 'f');
  assert.deepEqual(reading.ok ? [] : reading.problems.map(({ message }) => message), [
    'expected at most 100 environments, got a list',
  ]);
});
