/** What is missing before one can trust this: each check is tried, not assumed. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { asFailure } from '../../domain/base/failure.ts';
import { ok, problem, warning, type Finding, type Result } from '../../domain/checkup/finding.ts';
import {
  commitsFinding,
  diskFinding,
  gitFinding,
  homeFinding,
  nodeFinding,
  userFinding,
} from '../../domain/checkup/machine.ts';
import { trustFinding } from '../../domain/checkup/project.ts';
import { readPipeline } from '../../pipeline-file/read.ts';
import { findHome, homeAt, homeName, projectRoot, readServerRecord } from '../../host/home.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import { differsFromForce } from '../in-force.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { checkedFile } from './apply.ts';

const run = promisify(execFile);

type Check = readonly [name: string, look: (invocation: Invocation) => Promise<Result>];

export const act: Act = async (invocation) => {
  const checks: readonly Check[] = [
    ['node', checkNode],
    ['git', checkGit],
    ['disk', checkDisk],
    ['temporary folder', checkTemporary],
    ['home', checkHome],
    ['user', checkUser],
    ['commits', checkCommits],
    ['pipeline file', checkPipeline],
    ['trust', checkTrust],
    ['containers', checkContainers],
  ];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await carryOut(check, invocation));
  const server = await carryOut(['control plane', checkControlPlane], invocation);
  findings.push(server);
  if (server.result === 'ok') {
    findings.push(await carryOut(['pipeline in force', checkInForce], invocation));
    findings.push(...(await ofServer(invocation)));
  }
  const { output } = invocation;
  const mark = { ok: output.style.good('✓'), warning: output.style.warn('!'), problem: output.style.bad('✗') };
  output.answer({ findings }, () =>
    table(
      findings.map(({ check, result, found, todo }) => [
        mark[result],
        check,
        todo === null ? found : `${found}\n     → ${todo}`,
      ]),
    ),
  );
  return findings.some(({ result }) => result === 'problem') ? 1 : 0;
};

async function carryOut([check, look]: Check, invocation: Invocation): Promise<Finding> {
  const found = await look(invocation).catch((thrown: unknown): Result => {
    const failure = asFailure(thrown);
    return { result: 'problem', found: failure.message, todo: failure.hint ?? null };
  });
  return { check, ...found };
}

async function checkNode(): Promise<Result> {
  return nodeFinding(process.versions.node);
}

async function checkGit(): Promise<Result> {
  const said = await run('git', ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return gitFinding(said);
}

async function checkDisk({ directory }: Invocation): Promise<Result> {
  const { bavail, bsize } = await statfs(directory);
  return diskFinding(bavail * bsize);
}

async function checkTemporary(): Promise<Result> {
  const made = await mkdtemp(join(tmpdir(), 'liftlock-doctor-'));
  await rm(made, { recursive: true });
  return ok(`${tmpdir()} is writable`);
}

async function checkHome({ config, directory }: Invocation): Promise<Result> {
  const home =
    config.home === undefined
      ? (findHome(directory) ?? homeAt(join(projectRoot(directory), homeName)))
      : homeAt(config.home);
  const present = await stat(home.directory).catch(() => undefined);
  if (present === undefined) return homeToBe(home.directory);
  await access(home.directory, constants.W_OK);
  return homeFinding(home.directory, (present.mode & 0o077) !== 0);
}

/** A folder is made where its first one would be: nothing else says whether it can be. */
async function homeToBe(directory: string): Promise<Result> {
  try {
    let parent = dirname(directory);
    while (!existsSync(parent) && dirname(parent) !== parent) parent = dirname(parent);
    await rmdir(await mkdtemp(join(parent, '.liftlock-doctor-')));
    return ok(`${directory} will be made by \`liftlock up\``);
  } catch (error) {
    return problem(`${directory} cannot be made: ${(error as Error).message}`, 'choose another with LIFTLOCK_HOME');
  }
}

/** A control plane elsewhere has a repository of its own to look at. */
async function checkCommits({ config, directory }: Invocation): Promise<Result> {
  if (config.serverUrl !== undefined) return ok(`${config.serverUrl} looks at the repository`);
  const root = projectRoot(directory);
  const answers = (...asked: readonly string[]) =>
    run('git', ['-C', root, 'rev-parse', ...asked]).then(
      () => true,
      () => false,
    );
  if (!(await answers('--git-dir'))) return commitsFinding(root, 'no repository');
  return commitsFinding(root, (await answers('--verify', 'HEAD')) ? 'some' : 'none');
}

async function checkUser(): Promise<Result> {
  return userFinding(process.getuid?.() === 0);
}

async function checkPipeline(invocation: Invocation): Promise<Result> {
  const file = join(projectRoot(invocation.directory), 'liftlock.yaml');
  const reading = readPipeline(await checkedFile(invocation, file), 'liftlock.yaml');
  const doubtful = reading.ok ? reading.warnings : [];
  return doubtful.length === 0
    ? ok('liftlock.yaml is valid')
    : warning(
        `liftlock.yaml is valid, and doubtful: ${doubtful.map(({ message }) => message).join('; ')}`,
        doubtful.map(({ hint, path }) => hint ?? `look at ${path}`).join('; '),
      );
}

async function checkTrust({ directory }: Invocation): Promise<Result> {
  const file = join(projectRoot(directory), 'liftlock.yaml');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const reading = text === undefined ? undefined : readPipeline(text, file);
  if (reading?.ok !== true) return { result: 'warning', found: 'not known while the file is wrong', todo: null };
  return trustFinding(reading.pipeline.trust);
}

/** Only where the file wants one: nobody has to have a Docker engine. */
async function checkContainers({ config, directory }: Invocation): Promise<Result> {
  const file = join(projectRoot(directory), 'liftlock.yaml');
  const reading = readPipeline(await readFile(file, 'utf8').catch(() => ''), file);
  const wanted =
    reading.ok &&
    (reading.pipeline.build.image !== undefined ||
      reading.pipeline.environments.some(({ target }) => target.kind === 'docker'));
  if (!wanted) return ok('not used by this pipeline');
  const { dockerEngine } = await import('../../main.ts');
  const { version, socket, liveRestore, warnings } = await dockerEngine(config.dockerHost);
  const todo = [
    ...warnings,
    ...(liveRestore
      ? []
      : ['services stop while the engine is restarted; "live-restore": true in /etc/docker/daemon.json lets them run']),
  ];
  const found = `Docker ${version} at ${socket}`;
  return todo.length === 0 ? ok(found) : warning(found, todo.join('; '));
}

async function checkControlPlane(invocation: Invocation): Promise<Result> {
  const { config, directory } = invocation;
  const home = config.home === undefined ? findHome(directory) : homeAt(config.home);
  if (config.serverUrl === undefined && (home === undefined || (await readServerRecord(home)) === undefined)) {
    return {
      result: 'warning',
      found: 'none is running here; what it would say about the repository and the environments is left out',
      todo: 'liftlock up',
    };
  }
  const client = await connect(invocation);
  await client.get('/readyz');
  return ok(`${client.url} is ready`);
}

async function checkInForce(invocation: Invocation): Promise<Result> {
  const client = await connect(invocation);
  const differs = await differsFromForce(invocation.directory, client, await projectPath(invocation, client));
  return differs === undefined ? ok('says what the file here says') : warning(differs, 'liftlock apply');
}

/** What the server finds about itself, for those who may know it, and about the project. */
async function ofServer(invocation: Invocation): Promise<readonly Finding[]> {
  const client = await connect(invocation);
  const ask = async (path: string) => (await client.get<{ findings: readonly Finding[] }>(path)).findings;
  const installation = await ask('/api/v1/doctor').catch((thrown: unknown) => {
    if (asFailure(thrown).code === 'request/forbidden') return [];
    throw thrown;
  });
  const project = await projectPath(invocation, client).then(
    (path) => ask(`${path}/doctor`),
    (thrown: unknown): readonly Finding[] => {
      const failure = asFailure(thrown);
      return [{ check: 'project', result: 'warning', found: failure.message, todo: failure.hint ?? null }];
    },
  );
  return [...installation.map((one) => ({ ...one, check: `server: ${one.check}` })), ...project];
}
