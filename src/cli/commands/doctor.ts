/** What is missing before one can trust this: each check is tried, not assumed. */
import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StatusView } from '../../api/contract/environments.ts';
import { asFailure } from '../../domain/base/failure.ts';
import { readPipeline } from '../../pipeline-file/read.ts';
import { findHome, homeAt, homeName, projectRoot, readServerRecord } from '../../host/home.ts';
import { connect } from '../client.ts';
import { table } from '../format.ts';
import { differsFromForce } from '../in-force.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';
import { checkedFile } from './apply.ts';

interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem';
  readonly found: string;
  readonly todo: string | null;
}

const run = promisify(execFile);
const wantedBytes = 2 * 1024 ** 3;

type Check = readonly [name: string, look: (invocation: Invocation) => Promise<Omit<Finding, 'check'>>];

export const act: Act = async (invocation) => {
  const checks: readonly Check[] = [
    ['node', checkNode],
    ['git', checkGit],
    ['disk', checkDisk],
    ['temporary folder', checkTemporary],
    ['home', checkHome],
    ['user', checkUser],
    ['pipeline file', checkPipeline],
    ['trust', checkTrust],
    ['containers', checkContainers],
  ];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await carryOut(check, invocation));
  const server = await carryOut(['control plane', checkControlPlane], invocation);
  findings.push(server);
  if (server.result === 'ok') {
    const further: readonly Check[] = [
      ['pipeline in force', checkInForce],
      ['repository', checkRepository],
      ['environments', checkEnvironments],
      ['notifications', checkNotifications],
    ];
    for (const check of further) findings.push(await carryOut(check, invocation));
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
  const found = await look(invocation).catch((thrown: unknown): Omit<Finding, 'check'> => {
    const failure = asFailure(thrown);
    return { result: 'problem', found: failure.message, todo: failure.hint ?? null };
  });
  return { check, ...found };
}

async function checkNode(): Promise<Omit<Finding, 'check'>> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 22 || (major === 22 && minor >= 18);
  return {
    result: recent ? 'ok' : 'problem',
    found: `Node ${process.versions.node}`,
    todo: recent ? null : 'install Node 22.18 or newer',
  };
}

async function checkGit(): Promise<Omit<Finding, 'check'>> {
  const version = await run('git', ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (version === undefined) return { result: 'problem', found: 'git is not installed', todo: 'install git' };
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const recent = major > 2 || (major === 2 && minor >= 38);
  return {
    result: recent ? 'ok' : 'warning',
    found: version,
    todo: recent ? null : 'git 2.38 or newer is what Liftlock is tested with',
  };
}

async function checkDisk({ directory }: Invocation): Promise<Omit<Finding, 'check'>> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return free > wantedBytes
    ? { result: 'ok', found: text, todo: null }
    : { result: 'warning', found: text, todo: 'artifacts and databases want 2 GiB or more' };
}

async function checkTemporary(): Promise<Omit<Finding, 'check'>> {
  const made = await mkdtemp(join(tmpdir(), 'liftlock-doctor-'));
  await rm(made, { recursive: true });
  return { result: 'ok', found: `${tmpdir()} is writable`, todo: null };
}

async function checkHome({ config, directory }: Invocation): Promise<Omit<Finding, 'check'>> {
  const home =
    config.home === undefined
      ? (findHome(directory) ?? homeAt(join(projectRoot(directory), homeName)))
      : homeAt(config.home);
  const present = await stat(home.directory).catch(() => undefined);
  if (present === undefined)
    return { result: 'ok', found: `${home.directory} will be made by \`liftlock up\``, todo: null };
  await access(home.directory, constants.W_OK);
  const open = (present.mode & 0o077) !== 0;
  return {
    result: open ? 'warning' : 'ok',
    found: home.directory,
    todo: open ? `others can look into it: chmod 700 ${home.directory}` : null,
  };
}

/** What Liftlock runs for a project runs as the same user. */
async function checkUser(): Promise<Omit<Finding, 'check'>> {
  if (process.getuid?.() !== 0) return { result: 'ok', found: 'not root', todo: null };
  return {
    result: 'warning',
    found: 'root: builds, commands and services of projects may do everything on this machine',
    todo: 'run Liftlock as a user of its own; services then also cannot write over what they were unpacked from',
  };
}

async function checkPipeline(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
  const file = join(projectRoot(invocation.directory), 'liftlock.yaml');
  const reading = readPipeline(await checkedFile(invocation, file), 'liftlock.yaml');
  const doubtful = reading.ok ? reading.warnings : [];
  return doubtful.length === 0
    ? { result: 'ok', found: 'liftlock.yaml is valid', todo: null }
    : {
        result: 'warning',
        found: `liftlock.yaml is valid, and doubtful: ${doubtful.map(({ message }) => message).join('; ')}`,
        todo: doubtful.map(({ hint, path }) => hint ?? `look at ${path}`).join('; '),
      };
}

/** What the file asks of nobody is told, although it is allowed. */
async function checkTrust({ directory }: Invocation): Promise<Omit<Finding, 'check'>> {
  const file = join(projectRoot(directory), 'liftlock.yaml');
  const reading = readPipeline(await readFile(file, 'utf8'), file);
  if (!reading.ok) return { result: 'warning', found: 'not known while the file is wrong', todo: null };
  const { signatures, separation, breakGlass } = reading.pipeline.trust;
  const given = `signatures ${signatures}, separation ${separation}, break-glass ${breakGlass}`;
  const weak = [
    ...(signatures === 'none' ? ['trust.signatures: strict asks who merged and tagged'] : []),
    ...(separation === 'none' ? ['trust.separation: two-person lets nobody approve what he made'] : []),
  ];
  return weak.length === 0
    ? { result: 'ok', found: given, todo: null }
    : { result: 'warning', found: given, todo: weak.join('; ') };
}

/** Only where the file wants one: nobody has to have a Docker engine. */
async function checkContainers({ config, directory }: Invocation): Promise<Omit<Finding, 'check'>> {
  const file = join(projectRoot(directory), 'liftlock.yaml');
  const reading = readPipeline(await readFile(file, 'utf8').catch(() => ''), file);
  const wanted =
    reading.ok &&
    (reading.pipeline.build.image !== undefined ||
      reading.pipeline.environments.some(({ target }) => target.kind === 'docker'));
  if (!wanted) return { result: 'ok', found: 'not used by this pipeline', todo: null };
  const { dockerEngine } = await import('../../main.ts');
  const { version, socket, liveRestore, warnings } = await dockerEngine(config.dockerHost);
  const todo = [
    ...warnings,
    ...(liveRestore
      ? []
      : ['services stop while the engine is restarted; "live-restore": true in /etc/docker/daemon.json lets them run']),
  ];
  const found = `Docker ${version} at ${socket}`;
  return { result: todo.length === 0 ? 'ok' : 'warning', found, todo: todo.length === 0 ? null : todo.join('; ') };
}

async function checkControlPlane(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
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
  return { result: 'ok', found: `${client.url} is ready`, todo: null };
}

async function checkInForce(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
  const client = await connect(invocation);
  const differs = await differsFromForce(invocation.directory, client, await projectPath(invocation, client));
  return differs === undefined
    ? { result: 'ok', found: 'says what the file here says', todo: null }
    : { result: 'warning', found: differs, todo: 'liftlock apply' };
}

async function checkRepository(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
  const { source } = await loadStatus(invocation);
  return source.error === null
    ? { result: 'ok', found: `${source.url} can be read`, todo: null }
    : { result: 'problem', found: source.error, todo: `make ${source.url} reachable` };
}

async function checkEnvironments(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
  const { environments } = await loadStatus(invocation);
  const bad = environments.filter(({ running }) => running?.verdict === 'FAIL').map(({ name }) => name);
  const empty = environments.filter(({ running }) => running === null).map(({ name }) => name);
  if (bad.length > 0) return { result: 'problem', found: `not verified: ${bad.join(', ')}`, todo: 'liftlock status' };
  if (empty.length > 0)
    return {
      result: 'warning',
      found: `nothing deployed yet: ${empty.join(', ')}`,
      todo: `liftlock why latest ${empty[0]}`,
    };
  return {
    result: 'ok',
    found: `${environments.length} environments run verified releases or verify none`,
    todo: null,
  };
}

async function checkNotifications(invocation: Invocation): Promise<Omit<Finding, 'check'>> {
  const { undelivered } = await loadStatus(invocation);
  return undelivered === 0
    ? { result: 'ok', found: 'none that could not be delivered', todo: null }
    : {
        result: 'problem',
        found: `${undelivered} could not be delivered`,
        todo: 'liftlock notification list --state dead',
      };
}

async function loadStatus(invocation: Invocation): Promise<StatusView> {
  const client = await connect(invocation);
  return client.get<StatusView>(`${await projectPath(invocation, client)}/status`);
}
