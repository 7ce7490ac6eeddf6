import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pipeline } from '../domain/pipeline/pipeline.ts';
import { packageManagers } from './findings.ts';
import type { Findings } from './findings.ts';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';
import { projectName, writePipeline } from './write.ts';

const bare: Findings = { project: 'shop', mainBranch: 'main', scripts: {}, needsDatabase: false };

const full: Findings = {
  project: '@acme/Web Shop',
  mainBranch: 'trunk',
  packages: { manager: 'npm', lockfile: 'package-lock.json' },
  scripts: {
    build: 'npm run build',
    start: 'node server.js --name "a: b" # c',
    test: 'npm test',
    migrate: 'npm run migrate',
  },
  dockerfile: 'Dockerfile',
  compose: 'compose.yaml',
  migrations: 'migrations',
  testReport: 'reports/junit.xml',
  healthPath: '/healthz',
  needsDatabase: true,
};

function pipelineOf(findings: Findings): Pipeline {
  const text = writePipeline(findings);
  const reading = readPipeline(text, 'liftlock.yaml');
  if (!reading.ok) assert.fail(`${reading.problems.map(formatProblem).join('\n')}\n${text}`);
  assert.deepEqual(reading.warnings.map(formatProblem), []);
  return reading.pipeline;
}

test('R22: a history of one author gets separation: none, every other history two people', () => {
  assert.equal(pipelineOf({ ...bare, soleAuthor: true }).trust.separation, 'none');
  assert.match(writePipeline({ ...bare, soleAuthor: true }), /# .*authors may approve their own releases/);
  assert.equal(pipelineOf(bare).trust.separation, 'two-person');
});

test('a history without signatures gets signatures: none with a comment, a signed one is asked for them', () => {
  assert.equal(pipelineOf(bare).trust.signatures, 'none');
  assert.match(writePipeline(bare), /# .*whoever can push to main or make a tag starts promotions/);
  assert.equal(pipelineOf({ ...bare, signed: true }).trust.signatures, 'strict');
  assert.doesNotMatch(writePipeline({ ...bare, signed: true }), /^trust:/m);
});

test('a Dockerfile is suggested, not used: nobody said that there is an engine', () => {
  assert.match(writePipeline(full), /^  # dockerfile: Dockerfile$/m);
  assert.match(writePipeline({ ...bare, dockerfile: 'Containerfile' }), /^  # dockerfile: Containerfile$/m);
  assert.doesNotMatch(writePipeline(bare), /dockerfile/);
  assert.equal(pipelineOf(full).build.image, undefined);
});

const names = ['development', 'testing', 'staging', 'production'];

test('what was found stands in the file as it was found', () => {
  const pipeline = pipelineOf(full);
  assert.equal(pipeline.project, 'acme-web-shop');
  assert.equal(pipeline.mainBranch, 'trunk');
  assert.deepEqual(pipeline.build.commands, ['npm ci', 'npm run build']);
  assert.equal(pipeline.service.start, 'node server.js --name "a: b" # c');
  assert.equal(pipeline.service.migrate, 'npm run migrate');
  assert.deepEqual(pipeline.service.health, { kind: 'http', path: '/healthz', deadline: 60_000, timeout: 2_000 });
  const testing = pipeline.environments[1];
  assert.deepEqual(testing?.verification, {
    commands: [
      { name: 'tests', run: 'npm test', report: { format: 'junit', path: 'reports/junit.xml' }, timeout: 600_000 },
    ],
  });
  assert.deepEqual(
    pipeline.environments.map(({ database }) => database.kind),
    ['managed', 'managed', 'managed', 'managed'],
  );
  assert.deepEqual(
    pipeline.environments.map(({ target }) => target),
    names.map(() => ({ kind: 'process' })),
  );
});

test('a repository in which nothing was found gets a pipeline that only records', () => {
  const pipeline = pipelineOf(bare);
  assert.deepEqual(pipeline.build.commands, []);
  assert.deepEqual(
    pipeline.environments.map(({ target }) => target.kind),
    ['command', 'command', 'command', 'command'],
  );
});

test('R1: the four environments follow each other, and production waits for a person', () => {
  for (const findings of [bare, full]) {
    const { environments } = pipelineOf(findings);
    assert.deepEqual(
      environments.map(({ name }) => name),
      names,
    );
    assert.deepEqual(
      environments.map(({ after }) => after.environments),
      [[], ['development'], ['testing'], ['staging']],
    );
    assert.deepEqual(environments[3]?.gates, [{ gate: 'tagged' }, { gate: 'approval', count: 1 }]);
  }
});

test('R2: staging asks only for what can be proven with what was found', () => {
  const words = (findings: Findings) => pipelineOf(findings).environments[2]?.gates.map(({ gate }) => gate);
  assert.deepEqual(words(full), ['tests', 'merged', 'deployed']);
  assert.deepEqual(words(bare), ['merged']);
});

test('the lockfile decides how packages are installed', () => {
  const installs = packageManagers.flatMap((manager) => [
    pipelineOf({ ...bare, packages: { manager, lockfile: 'lock' } }).build.commands[0],
    pipelineOf({ ...bare, packages: { manager } }).build.commands[0],
  ]);
  assert.deepEqual(installs, [
    'npm ci',
    'npm install',
    'pnpm install --frozen-lockfile',
    'pnpm install',
    'yarn install --frozen-lockfile',
    'yarn install',
    'bun install --frozen-lockfile',
    'bun install',
  ]);
});

test('the first line tells editors where the schema is', () => {
  assert.match(
    writePipeline(bare),
    /^# yaml-language-server: \$schema=\.\/node_modules\/liftlock\/schema\/liftlock\.schema\.json\n/,
  );
  assert.match(
    writePipeline(bare, 'https://liftlock.example/schema.json'),
    /^# yaml-language-server: \$schema=https:\/\/liftlock\.example\/schema\.json\n/,
  );
});

test('a service of which nothing mentions PORT comes with a word about it', () => {
  const ignoring = { ...bare, scripts: { start: 'npm start' }, mentionsPort: false };
  assert.match(writePipeline(ignoring), /# Nothing here mentions PORT/);
  assert.doesNotMatch(writePipeline({ ...ignoring, mentionsPort: true }), /mentions PORT/);
  assert.match(writePipeline({ ...bare, scripts: { startPerhaps: 'npm run dev' } }), /# start: npm run dev/);
});

test('variables that the build needs are allowed, those of Liftlock are not', () => {
  const { build } = pipelineOf({
    ...full,
    buildVariables: ['NPM_TOKEN', 'DATABASE_URL', 'LIFTLOCK_TOKEN', 'a b', 'NPM_TOKEN_2'],
  });
  assert.deepEqual(build.allowVariables, ['NPM_TOKEN', 'NPM_TOKEN_2']);
});

test('any text gives a name that a project may have', () => {
  assert.deepEqual(['@acme/shop', 'Café Größe', '3d', '---', '日本', `${'a'.repeat(39)}--b`].map(projectName), [
    'acme-shop',
    'cafe-gro-e',
    'd',
    'project',
    'project',
    'a'.repeat(39),
  ]);
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    '',
    ' ',
    'true',
    '~',
    '- x',
    'a: b',
    'a #b',
    '*a',
    '&a',
    '!x',
    '"',
    "'",
    'a\nb',
    'a\\',
    '../x',
    '0755',
    '\u2028',
    '\u0085',
    '{',
    '[',
    '%',
    '@',
    '`',
    '|',
    '>',
    'null',
    '1.10',
    '#',
    'a:',
  ),
);

test('any findings at all give a file without a problem', { timeout: 300_000 }, () => {
  const findings = fc.record(
    {
      project: anyText,
      mainBranch: anyText,
      packages: fc.record(
        { manager: fc.constantFrom(...packageManagers), lockfile: anyText },
        { requiredKeys: ['manager'] },
      ),
      scripts: fc.record(
        { build: anyText, start: anyText, test: anyText, migrate: anyText, startPerhaps: anyText },
        { requiredKeys: [] },
      ),
      buildVariables: fc.uniqueArray(anyText, { maxLength: 3 }),
      mentionsPort: fc.boolean(),
      dockerfile: anyText,
      compose: anyText,
      migrations: anyText,
      testReport: anyText,
      healthPath: anyText,
      needsDatabase: fc.boolean(),
      soleAuthor: fc.boolean(),
    },
    { requiredKeys: ['project', 'mainBranch', 'scripts', 'needsDatabase'] },
  );
  fc.assert(
    fc.property(findings, (found) => {
      const reading = readPipeline(writePipeline(found as Findings), 'liftlock.yaml');
      assert.ok(
        reading.ok,
        reading.ok ? '' : `${reading.problems.map(formatProblem).join('\n')}\n${writePipeline(found as Findings)}`,
      );
      assert.deepEqual(
        reading.pipeline.environments.map(({ name }) => name),
        names,
      );
      const { start } = found.scripts;
      if (reading.pipeline.service.start !== undefined) assert.equal(reading.pipeline.service.start, start);
    }),
    { numRuns: 150 },
  );
});
