/** `Traffic` by nginx: its configuration is written, tested and loaded by signal. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../domain/base/failure.ts';
import type { Leader } from '../choice.ts';
import { setUpOf, type Kept } from '../program/kept.ts';
import type { Place, Program, Wish } from '../program/program.ts';
import { createProgramTraffic } from '../program/program-traffic.ts';
import type { ProgramParts } from '../program/running.ts';
import { childrenOf, connectionsOf, isAt, titleOf } from '../program/sockets.ts';
import { parseLine } from './log-line.ts';
import { masterOf } from './master.ts';
import { cookiesFile, cookieTable, nginxConfig, shadowSocket, type NginxBuild } from './nginx-config.ts';

const counterFile = fileURLToPath(new URL(`./counter${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
const reloadPatienceMs = 10_000;
const lookMs = 10;

export function createNginxTraffic(parts: ProgramParts): Leader {
  if (process.platform !== 'linux')
    return createProgramTraffic(parts, { ...nginx, configure: refusePlatform }, counterFile);
  return createProgramTraffic(parts, nginx, counterFile);
}

/** What is under way, and whether a reload is in force, is read from /proc. */
function refusePlatform(): Promise<never> {
  return Promise.reject(
    new Failure('traffic/refused', 'nginx leads traffic on Linux only', { hint: 'Choose another `traffic` here.' }),
  );
}

const nginx: Program = {
  name: 'nginx',
  debianPackage: 'nginx-light',
  command: (path) => ['sh', '-c', `rm -f ${shadowSocket}; exec "$0" -p . -c nginx.conf -e stderr`, path],
  parse: parseLine,
  seats: 0,
  configure,
  reload,
  isUp: async (place) => (await workersOf(place)).length > 0,
  underWay,
  async leave(place, enough) {
    const master = await masterOf(place.directory);
    if (master === undefined) return;
    process.kill(master, 'SIGQUIT');
    while (!enough.aborted && (await masterOf(place.directory)) !== undefined) await wait(lookMs);
  },
};

async function configure({ directory, path }: Place, { kept, key }: Wish): Promise<boolean> {
  const text = nginxConfig(setUpOf(kept), await buildOf(path));
  const file = join(directory, 'nginx.conf');
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return false;
  await mkdir(join(directory, 'tmp'), { recursive: true, mode: 0o700 });
  if (setUpOf(kept).sticky !== undefined)
    await writeFile(join(directory, cookiesFile), cookieTable(key), { mode: 0o600 });
  const draft = 'nginx.conf.draft';
  await writeFile(join(directory, draft), text, { mode: 0o600 });
  const { code, output } = await run(path, ['-t', '-q', '-p', '.', '-c', draft, '-e', 'stderr'], directory);
  if (code !== 0)
    throw new Failure('traffic/refused', `nginx does not take the configuration: ${output.trim()}`, {
      hint: 'Change what it names, or choose another `traffic`.',
    });
  await rename(join(directory, draft), file);
  return true;
}

/** In force when no worker of before takes connections any more: each says so in its title. */
async function reload(place: Place): Promise<void> {
  const master = await masterOf(place.directory);
  const before = await workersOf(place);
  if (master === undefined) throw unreachable('it just ended');
  process.kill(master, 'SIGHUP');
  for (const end = Date.now() + reloadPatienceMs; ; await wait(lookMs)) {
    const serving = await workersOf(place);
    if (serving.length > 0 && !serving.some((pid) => before.includes(pid))) return;
    if (Date.now() > end) throw unreachable('it did not load its configuration in time');
  }
}

function unreachable(why: string): Failure {
  return new Failure('traffic/unreachable', `nginx cannot be told what to do: ${why}`, {
    hint: 'It is started again by itself, with what was in force before.',
  });
}

/** Those that take connections. */
async function workersOf(place: Place): Promise<readonly number[]> {
  const master = await masterOf(place.directory);
  if (master === undefined) return [];
  const children = await childrenOf(master);
  const titles = await Promise.all(children.map(titleOf));
  return children.filter(
    (_, index) => titles[index]!.startsWith('nginx: worker process') && !titles[index]!.includes('shutting down'),
  );
}

/**
 * nginx does not say what is under way, so its connections to the instances are counted. On a side that drains those are
 * requests (a worker that leaves closes its idle ones); on one that serves, idle ones are among them.
 */
async function underWay(place: Place, { route, gone }: Kept): Promise<ReadonlyMap<string, number>> {
  const master = await masterOf(place.directory);
  const pids = master === undefined ? [] : await childrenOf(master);
  const sides = [...route.sides, ...gone];
  const ports = new Set(sides.flatMap(({ instances }) => instances.map(({ port }) => port)));
  const connections = await connectionsOf(pids, ports);
  return new Map(
    sides.map(({ name, instances }) => [
      name,
      connections.filter((remote) => instances.some((instance) => isAt(remote, instance))).length,
    ]),
  );
}

const builds = new Map<string, Promise<NginxBuild>>();

/** Asked once: another nginx is taken up by another control plane. */
function buildOf(path: string): Promise<NginxBuild> {
  const known = builds.get(path) ?? askBuild(path);
  builds.set(path, known);
  return known;
}

async function askBuild(path: string): Promise<NginxBuild> {
  const { output } = await run(path, ['-v'], '/');
  const [major = 0, minor = 0, patch = 0] = (/nginx\/(\d+)\.(\d+)\.(\d+)/.exec(output) ?? []).slice(1).map(Number);
  const number = major * 1_000_000 + minor * 1_000 + patch;
  return { keepsIdle: number >= 1_027_004, asRoot: process.getuid?.() === 0 };
}

function run(
  file: string,
  words: readonly string[],
  directory: string,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(file, words, { cwd: directory, timeout: 10_000, env: {} }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({
        code,
        output: `${stdout}${stderr}${error !== null && code === 1 && stderr === '' ? error.message : ''}`,
      });
    });
  });
}
