/** The first pipeline file of a repository, with comments for the person who goes on from there. */
import { parse } from 'yaml';
import type { z } from 'zod';
import { reservedName } from './environment-rules.ts';
import type { Findings, PackageManager } from './findings.ts';
import { hasControlCharacters, textProblems } from './text.ts';
import { branchName, command, insidePath, slug, urlPath, variableName } from './words.ts';

/** Where the package keeps the JSON Schema of the pipeline file, seen from a repository that installed it. */
const schemaPath = './node_modules/liftlock/schema/liftlock.schema.json';

/**
 * A pipeline file with development, testing, staging and production that `readPipeline` reads without a problem, whatever
 * was found: what cannot stand in a pipeline file counts as not found.
 */
export function writePipeline(findings: Findings, schema: string = schemaPath): string {
  const seen = usableOf(findings);
  return [...head(seen, schema), ...build(seen), ...service(seen), ...trust(seen), ...environments(seen), ''].join(
    '\n',
  );
}

/** A name that a project may have, made from any text. */
export function projectName(text: string): string {
  const words = text
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '');
  const name = words.slice(0, 40).replace(/-+$/, '');
  return name === '' ? 'project' : name;
}

/** Findings that may be written: every value is one that the reader of the file accepts. */
interface Usable {
  readonly project: string;
  readonly mainBranch: string;
  readonly install: string | undefined;
  readonly build: string | undefined;
  readonly start: string | undefined;
  readonly startPerhaps: string | undefined;
  readonly listensAtPort: boolean;
  readonly buildVariables: readonly string[];
  readonly test: string | undefined;
  readonly migrate: string | undefined;
  readonly testReport: string | undefined;
  readonly healthPath: string | undefined;
  readonly dockerfile: string | undefined;
  readonly database: boolean;
  readonly signed: boolean;
  readonly soleAuthor: boolean;
  /** What else was seen, for a comment. */
  readonly mentions: readonly string[];
}

function usableOf(findings: Findings): Usable {
  const { scripts, packages, dockerfile, compose, migrations } = findings;
  const project = projectName(findings.project);
  return {
    project: slug.safeParse(project).success ? project : 'project',
    mainBranch: usable(branchName, findings.mainBranch) ?? 'main',
    install: packages === undefined ? undefined : installLine(packages.manager, packages.lockfile !== undefined),
    build: usable(command, scripts.build),
    start: usable(command, scripts.start),
    startPerhaps: usable(command, scripts.startPerhaps),
    listensAtPort: findings.mentionsPort ?? true,
    buildVariables: (findings.buildVariables ?? []).flatMap((name) => allowedVariable(name) ?? []),
    test: usable(command, scripts.test),
    migrate: usable(command, scripts.migrate),
    testReport: usable(insidePath, findings.testReport),
    healthPath: usable(urlPath, findings.healthPath),
    dockerfile: usable(insidePath, dockerfile),
    database: findings.needsDatabase,
    signed: findings.signed === true,
    soleAuthor: findings.soleAuthor === true,
    mentions: [packages?.lockfile, dockerfile, compose, migrations].flatMap((path) => usable(insidePath, path) ?? []),
  };
}

/** Names that belong to Liftlock are refused in a pipeline file. */
function allowedVariable(name: string): string | undefined {
  return reservedName(name) === undefined ? usable(variableName, name) : undefined;
}

function usable(schema: z.ZodType<string>, value: string | undefined): string | undefined {
  if (value === undefined || hasControlCharacters(value) || textProblems(value).length > 0) return undefined;
  return schema.safeParse(value).success ? value : undefined;
}

function installLine(manager: PackageManager, locked: boolean): string {
  switch (manager) {
    case 'npm':
      return locked ? 'npm ci' : 'npm install';
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return locked ? `${manager} install --frozen-lockfile` : `${manager} install`;
  }
}

function head({ project, mainBranch, mentions }: Usable, schema: string): readonly string[] {
  return [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# How a commit of this repository reaches production. Written by "liftlock init" from what it saw here;',
    '# every line is a guess that you may change. "liftlock doctor" checks the file, "liftlock up" and "liftlock apply"',
    '# put it in force; a commit that changes it does not.',
    ...(mentions.length === 0 ? [] : [`# Seen: ${mentions.map((path) => JSON.stringify(path)).join(', ')}.`]),
    'version: 1',
    `project: ${quoted(project)}`,
    'source:',
    `  main: ${quoted(mainBranch)}`,
  ];
}

function build({ install, build: line, buildVariables, dockerfile }: Usable): readonly string[] {
  const commands = [install, line].flatMap((one) => one ?? []);
  const image =
    dockerfile === undefined
      ? []
      : [
          '  # An image of each release, for environments that say target: { kind: docker }: they run it in containers.',
          `  # dockerfile: ${quoted(dockerfile)}`,
        ];
  if (commands.length === 0)
    return ['', '# Nothing is built: the files of the commit are the artifact.', 'build:', '  commands: []', ...image];
  const allow =
    buildVariables.length === 0
      ? []
      : [
          '  # Of the variables where "liftlock up" runs, the build sees these.',
          `  allowVariables: [${buildVariables.map(quoted).join(', ')}]`,
        ];
  return [
    '',
    '# Built once, in a clean copy of the commit; every environment gets the same artifact.',
    'build:',
    '  commands:',
    ...commands.map((one) => `    - ${quoted(one)}`),
    ...allow,
    ...image,
  ];
}

function service({ start, startPerhaps, listensAtPort, migrate, healthPath }: Usable): readonly string[] {
  const lines = ['', '# How a release runs. It must listen on the port in $PORT.', 'service:'];
  if (start === undefined)
    lines.push(
      '  # No way to start the service was found. Write one, and targets of kind process below:',
      `  # start: ${startPerhaps !== undefined && /^[ -~]+$/.test(startPerhaps) ? startPerhaps : 'node server.js'}`,
    );
  else {
    if (!listensAtPort)
      lines.push(
        '  # Nothing here mentions PORT. Unless the server reads it by itself, hand it over: ... --port "$PORT"',
      );
    lines.push(`  start: ${quoted(start)}`);
  }
  if (migrate !== undefined)
    lines.push(
      '  # Brings the database in $DATABASE_URL up to the release, before the switch.',
      `  migrate: ${quoted(migrate)}`,
    );
  // Without start nothing answers at a path yet.
  if (healthPath !== undefined && start !== undefined)
    lines.push('  # Up when this path answers 200-399.', '  health:', `    path: ${quoted(healthPath)}`);
  else
    lines.push(
      '  # Up when the process still runs after this time and then, within a minute, listens. Better: a path that answers',
      '  # 200-399, for example health: { path: / }; a slow one gets more time with { path: /, deadline: 3m }.',
      '  health:',
      '    process: 2s',
    );
  return lines;
}

/** What this repository cannot do yet is left out where it is seen: a first pipeline that refuses everything helps nobody. */
function trust({ signed, soleAuthor }: Usable): readonly string[] {
  if (signed && !soleAuthor) return [];
  const signatures = [
    '  # Commits of main are not signed here, so whoever can push to main or make a tag starts promotions. Remove this',
    '  # when maintainers sign (docs/guides/signing.md), or write hosted when a platform merges and signs for you.',
    '  signatures: none',
  ];
  const separation = [
    '  # No commit here has another author, so authors may approve their own releases. Approvals then say "not',
    '  # independent". Remove this when there are two of you: nobody approves what he made.',
    '  separation: none',
  ];
  return ['', 'trust:', ...(signed ? [] : signatures), ...(soleAuthor ? separation : [])];
}

function environments(seen: Usable): readonly string[] {
  return [
    '',
    '# A release enters an environment when it was verified in those that it comes "after".',
    '# Commands of "verify" find the service at $LIFTLOCK_URL.',
    ...placeComment(seen),
    'environments:',
    '  # Commits of any branch, with debug on.',
    '  - name: development',
    '    kind: development',
    '    trigger: { on: commit, branches: ["**"] }',
    '    verify: none',
    ...place(seen),
    '',
    '  # Follows development, and runs the tests.',
    '  - name: testing',
    '    kind: testing',
    '    after: [development]',
    '    trigger: { on: success }',
    ...verification(seen),
    ...place(seen),
    '',
    `  # Commits of the main branch${seen.signed ? ', signed by a maintainer,' : ''} that passed testing. The last check before production.`,
    '  - name: staging',
    '    kind: staging',
    '    after: [testing]',
    '    trigger: { on: main }',
    ...stagingGates(seen),
    '    # Write commands here that prove the service works; until then it counts as verified when it is up.',
    '    verify: none',
    ...place(seen),
    '',
    `  # Tagged commits (${seen.signed ? 'liftlock release sign' : 'git tag v1.0.0'}) that passed staging, approved by ${seen.soleAuthor ? 'a person' : 'somebody else than their author'}.`,
    '  - name: production',
    '    kind: production',
    '    after: [staging]',
    '    trigger: { on: tag, pattern: "v*" }',
    ...productionGates,
    '    verify: none',
    ...place(seen),
    ...(seen.start === undefined
      ? []
      : [
          '    # With requests enough to judge by, let releases take over step by step: rollout: canary. Worse ones go back',
          '    # by themselves. Until then everything goes to a new release at once, and the old one is kept for 10 minutes.',
        ]),
  ];
}

/** Only what can open with what was found; what the kind would ask beside it stands in comments. */
function stagingGates({ start, test }: Usable): readonly string[] {
  const found = [
    ...(test === undefined ? [] : ['      - { gate: tests }']),
    '      - { gate: merged }',
    // A target that only records deploys nothing.
    ...(start === undefined ? [] : ['      - { gate: deployed }']),
  ];
  return [
    '    # Without this list staging asks for tests, review, merged and deployed. For reviews by others than the',
    '    # author add { gate: review }: they come from the forge, or from "liftlock review".',
    '    gates:',
    ...found,
  ];
}

const productionGates: readonly string[] = [
  '    # Without this list production asks for qa, performance, security, tagged, notes, plan and approval. Add them as',
  '    # you have the proof: { gate: qa } needs a sign-off, { gate: security } a scan, { gate: performance } a load',
  '    # test, { gate: notes } and { gate: plan } a person who reads and accepts them.',
  '    gates:',
  '      - { gate: tagged }',
  '      - { gate: approval, count: 1 }',
];

function verification({ test, testReport }: Usable): readonly string[] {
  if (test === undefined) return ['    # No tests were found. Write the commands that run them.', '    verify: none'];
  const report = testReport === undefined ? [] : [`          junit: ${quoted(testReport)}`];
  return ['    verify:', '      commands:', '        - name: tests', `          run: ${quoted(test)}`, ...report];
}

/** No port is written: two projects that this file was written for would want the same one. */
function placeComment({ start, database }: Usable): readonly string[] {
  if (start === undefined)
    return ['# A target with deploy: "" only records that a release is there; write the command that deploys it.'];
  return [
    '# Each gets a free port, shown by "liftlock status"; target: { kind: process, port: 7501 } nails it to one.',
    ...(database
      ? []
      : ['# A line "database: managed" gives an environment a PostgreSQL of its own in $DATABASE_URL.']),
  ];
}

function place({ start, database }: Usable): readonly string[] {
  const target = start === undefined ? '    target: { kind: command, deploy: "" }' : '    target: { kind: process }';
  return database ? [target, '    database: managed'] : [target];
}

/** Plain where YAML reads plain text back unchanged, otherwise in double quotes (JSON strings are YAML 1.2). */
function quoted(text: string): string {
  const plain = /^[A-Za-z0-9./][\w ./@=:-]*$/.test(text) && !/:( |$)| $/.test(text) && parse(text) === text;
  return plain ? text : JSON.stringify(text);
}
