/** What a package.json says about how its project is built, started, tested and migrated. */
import { Failure } from '../domain/base/failure.ts';
import type { Findings, PackageManager } from './findings.ts';

/** As much of a package.json as is looked at; parts of another shape count as absent. */
export interface PackageFile {
  readonly name: string | undefined;
  readonly main: string | undefined;
  /** Paths of its commands. */
  readonly bin: readonly string[];
  /** `pnpm@9.1.0` */
  readonly packageManager: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
  /** The whole text, for reporters that are configured in it. */
  readonly text: string;
}

/** @throws Failure `input/invalid` when the text is not a JSON object. */
export function readPackageFile(text: string, path: string): PackageFile {
  const json = fieldsOf(parseJson(text.replace(/^\uFEFF/, ''), path));
  if (json === undefined) throw notUsable(path, 'it holds no JSON object');
  return {
    name: textOf(json['name']),
    main: textOf(json['main']),
    bin: typeof json['bin'] === 'string' ? [json['bin']] : Object.values(textsOf(json['bin'])),
    packageManager: textOf(json['packageManager']),
    scripts: textsOf(json['scripts']),
    dependencies: new Set(
      ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) =>
        Object.keys(fieldsOf(json[key]) ?? {}),
      ),
    ),
    text,
  };
}

export interface Around {
  readonly manager: PackageManager;
  /** Files of the project that exist, relative to it, for the ways to start that name one. */
  readonly has: (path: string) => boolean;
  /** Folder of migrations, when there is one. */
  readonly migrations: string | undefined;
}

/** The shell lines of a project, as its package.json and its files suggest them. */
export function scriptsOf(file: PackageFile, { manager, has, migrations }: Around): Findings['scripts'] {
  const run = (name: string): string =>
    manager === 'npm' && (name === 'test' || name === 'start') ? `npm ${name}` : `${manager} run ${name}`;
  const named = (names: readonly string[]): string | undefined =>
    names.find((name) => (file.scripts[name] ?? '').trim() !== '');
  const build = named(['build']);
  const start = startLine(file, run, has);
  const test = named(['test:ci', 'test']);
  const migrate = named(migrationScripts);
  const perhaps = (name: string | undefined): { startPerhaps?: string } =>
    name === undefined ? {} : { startPerhaps: run(name) };
  return {
    ...(build === undefined ? {} : { build: run(build) }),
    ...(start === undefined ? perhaps(named(['serve', 'server', 'dev', 'develop'])) : { start }),
    ...(test === undefined || isPlaceholder(file.scripts[test] ?? '') ? {} : { test: run(test) }),
    ...(migrate === undefined ? prismaMigration(migrations) : { migrate: run(migrate) }),
  };
}

const migrationScripts = ['migrate', 'db:migrate', 'migrate:deploy', 'migrate:up', 'migration:run', 'migrate:latest'];

/** Path of the JUnit report that the tests write, when the package says so. */
export function testReportOf(file: PackageFile): string | undefined {
  const scripts = Object.values(file.scripts).join('\n');
  const written = /(?:--test-reporter-destination|--outputFile(?:\.junit)?|--output-file)[= ]["']?([\w./-]+\.xml)/.exec(
    scripts,
  )?.[1];
  if (written !== undefined) return written.replace(/^\.\//, '');
  if (file.dependencies.has('jest-junit') && file.text.split('jest-junit').length > 2) return 'junit.xml';
  return file.dependencies.has('mocha-junit-reporter') && scripts.includes('mocha-junit-reporter')
    ? 'test-results.xml'
    : undefined;
}

const postgresPackages = [
  'pg',
  'postgres',
  'pg-promise',
  'kysely',
  'knex',
  'sequelize',
  'typeorm',
  '@mikro-orm/postgresql',
  '@prisma/client',
  'drizzle-orm',
  'slonik',
];
const otherDatabases = ['mysql', 'mysql2', 'mariadb', 'sqlite3', 'better-sqlite3', 'tedious', 'mongodb', 'mongoose'];

/** True when the packages speak to PostgreSQL, or could (they can, or the sources ask for a DATABASE_URL) and speak to nothing else. */
export function needsPostgres({ dependencies }: PackageFile, asksForUrl: boolean): boolean {
  if (dependencies.has('pg') || dependencies.has('postgres')) return true;
  const could = asksForUrl || postgresPackages.some((name) => dependencies.has(name));
  return could && !otherDatabases.some((name) => dependencies.has(name));
}

/** A start script of one `node` command is taken as it is: without npm between, signals reach the service itself. */
function startLine(
  file: PackageFile,
  run: (name: string) => string,
  has: (path: string) => boolean,
): string | undefined {
  const script = (file.scripts['start'] ?? '').trim();
  if (/^node [\w./ =:@-]+$/.test(script) && file.scripts['prestart'] === undefined) return script;
  if (script !== '') return run('start');
  const entry = ['server.js', file.main, ...file.bin].find(
    (path) => path !== undefined && /\.[cm]?[jt]s$/.test(path) && has(path),
  );
  return entry === undefined || !/^[\w./@-]+$/.test(entry) ? undefined : `node ${entry.replace(/^\.\//, '')}`;
}

function isPlaceholder(script: string): boolean {
  return /no test specified/.test(script);
}

function prismaMigration(migrations: string | undefined): { migrate?: string } {
  return migrations === 'prisma/migrations' ? { migrate: 'npx prisma migrate deploy' } : {};
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notUsable(path, cause instanceof Error ? cause.message : String(cause));
  }
}

function notUsable(path: string, why: string): Failure {
  return new Failure('input/invalid', `${path} cannot be read as a package.json: ${why}`, {
    hint: 'correct the file, or move it away while the pipeline file is written',
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(value) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  // Without a prototype, so that no script is found under the name of a method.
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(entries));
}
