/** Looks at a repository on disk and says what a first pipeline file needs to know. Reads only; runs nothing but Git. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Failure } from '../domain/base/failure.ts';
import type { Findings, PackageManager } from './findings.ts';
import { needsPostgres, readPackageFile, scriptsOf, testReportOf } from './package-json.ts';
import type { PackageFile } from './package-json.ts';

/** Runs Git in the repository and answers what it wrote, trimmed; `undefined` when it ended with an error. */
export type AskGit = (args: readonly string[]) => Promise<string | undefined>;

/** @throws Failure `input/invalid` when there is no such directory, or its package.json is not one. */
export async function inspectRepository(directory: string, { git }: { git: AskGit }): Promise<Findings> {
  const root = resolve(directory);
  if (!isDirectory(root))
    throw new Failure('input/invalid', `there is no directory ${root}`, {
      hint: 'name the directory of a Git repository',
    });
  const has = (path: string): boolean => isFile(join(root, path));
  const file = packageFileOf(root);
  const lockfile = lockfiles.find(([name]) => has(name));
  const manager = lockfile?.[1] ?? namedManager(file?.packageManager) ?? 'npm';
  const migrations = migrationFolders.find((path) => isDirectory(join(root, path)));
  const scripts = file === undefined ? {} : scriptsOf(file, { manager, has, migrations });
  const sources = sourcesOf(root, scripts.start);
  const mentioned = (word: RegExp): boolean => sources.some((source) => word.test(source));
  const variables = variablesOf(root);
  return {
    project: nameOf(root, file),
    mainBranch: await mainBranch(git),
    ...((await isSigned(git)) ? { signed: true } : {}),
    ...((await hasSoleAuthor(root, git)) ? { soleAuthor: true } : {}),
    ...(file === undefined
      ? {}
      : { packages: { manager, ...(lockfile === undefined ? {} : { lockfile: lockfile[0] }) } }),
    scripts,
    ...present('dockerfile', ['Dockerfile', 'Containerfile'].find(has)),
    ...present('compose', ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'].find(has)),
    ...present('migrations', migrations),
    ...present('testReport', file === undefined ? undefined : testReportOf(file)),
    ...present('healthPath', healthPath(root, sources)),
    ...(variables.length === 0 ? {} : { buildVariables: variables }),
    ...(scripts.start === undefined
      ? {}
      : { mentionsPort: mentioned(/\bPORT\b/) || /\bPORT\b/.test(file?.scripts['start'] ?? '') }),
    needsDatabase:
      scripts.migrate !== undefined ||
      migrations !== undefined ||
      (file !== undefined && needsPostgres(file, mentioned(/\bDATABASE_URL\b/))),
  };
}

const lockfiles: readonly (readonly [name: string, manager: PackageManager])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

const migrationFolders = [
  'migrations',
  'db/migrate',
  'db/migrations',
  'database/migrations',
  'prisma/migrations',
  'src/migrations',
  'drizzle',
];

const largestRead = 1024 * 1024;

function packageFileOf(root: string): PackageFile | undefined {
  const path = join(root, 'package.json');
  const text = textOf(path);
  return text === undefined ? undefined : readPackageFile(text, path);
}

function namedManager(text: string | undefined): PackageManager | undefined {
  return (['npm', 'pnpm', 'yarn', 'bun'] as const).find((manager) => text?.startsWith(`${manager}@`) === true);
}

function nameOf(root: string, file: PackageFile | undefined): string {
  const name = file?.name?.replace(/^@[^/]*\//, '');
  return name === undefined || name === '' ? basename(root) : name;
}

/** The branch the remote calls its default; else main or master when there is one; else the branch that is checked out. */
async function mainBranch(git: AskGit): Promise<string> {
  const remote = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD']);
  if (remote !== undefined && remote.startsWith('origin/')) return remote.slice('origin/'.length);
  for (const name of ['main', 'master']) {
    if ((await git(['rev-parse', '--verify', '--quiet', `refs/heads/${name}`])) !== undefined) return name;
  }
  const current = await git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return current === undefined || current === '' ? 'main' : current;
}

/** Looks at the commit as it is stored, so that no key and no program is needed. */
async function isSigned(git: AskGit): Promise<boolean> {
  const raw = (await git(['log', '--max-count=1', '--format=raw', await mainBranch(git), '--'])) ?? '';
  return /^gpgsig /m.test(raw);
}

const mostCommits = 2_000;

/**
 * Counts e-mail addresses, co-authors included. Before the first commit there is one person, and nobody whom he could ask; a
 * history that cannot be read says nothing.
 */
async function hasSoleAuthor(root: string, git: AskGit): Promise<boolean> {
  if (!existsSync(join(root, '.git')) || (await git(['rev-list', '--all', '--count'])) === '0') return true;
  const format = '--format=%ae%n%(trailers:key=Co-authored-by,valueonly)';
  const lines = (await git(['log', `--max-count=${mostCommits}`, format])) ?? '';
  const addresses = lines
    .split('\n')
    .flatMap((line) => (/<([^<>]*)>/.exec(line)?.[1] ?? line).trim().toLowerCase() || []);
  return new Set(addresses).size === 1;
}

const healthPaths = ['/healthz', '/livez', '/readyz', '/health', '/api/health', '/_health', '/status'];
const mostSources = 60;

/** Texts of the sources near the start of the service. */
function sourcesOf(root: string, start: string | undefined): readonly string[] {
  const entry = /(?:^|\s)([\w./-]+\.[cm]?[jt]s)(?:\s|$)/.exec(start ?? '')?.[1];
  const listed = ['.', 'src', 'server', 'app', 'lib'].flatMap((folder) => sourcesIn(root, folder));
  return [...(entry === undefined ? [] : [entry]), ...listed]
    .slice(0, mostSources)
    .flatMap((path) => textOf(join(root, path)) ?? []);
}

/** A path that the sources, or the Dockerfile's own health check, mention. */
function healthPath(root: string, sources: readonly string[]): string | undefined {
  const routed = healthPaths.find((path) => sources.some((source) => mentions(source, path)));
  return routed ?? /HEALTHCHECK[^]*?https?:\/\/[^\s/"']+(\/[\w./-]+)/.exec(textOf(join(root, 'Dockerfile')) ?? '')?.[1];
}

/** Variables that the package manager's own configuration takes from the environment: without them it refuses to install. */
function variablesOf(root: string): readonly string[] {
  const texts = ['.npmrc', '.yarnrc.yml'].flatMap((name) => textOf(join(root, name)) ?? []);
  const names = texts.flatMap((text) => [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]!));
  return [...new Set(names)];
}

function mentions(source: string, path: string): boolean {
  return ['"', "'", '`'].some((quote) => source.includes(`${quote}${path}${quote}`));
}

function sourcesIn(root: string, folder: string): readonly string[] {
  const names = lookAt(() => readdirSync(join(root, folder))) ?? [];
  return names
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !/\.(test|spec|config)\.|\.d\.ts$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The text of a file; `undefined` when there is none, it cannot be read, is no plain file or is too large to be written by hand. */
function textOf(path: string): string | undefined {
  return lookAt(() => (isFile(path) && statSync(path).size <= largestRead ? readFileSync(path, 'utf8') : undefined));
}

function isFile(path: string): boolean {
  return lookAt(() => statSync(path).isFile()) === true;
}

function isDirectory(path: string): boolean {
  return lookAt(() => statSync(path).isDirectory()) === true;
}

/** What cannot be looked at (absent, forbidden, a link in a circle) is not there for us. */
function lookAt<Answer>(look: () => Answer): Answer | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function present<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}
