/** `Traffic` by Caddy: its configuration is a file of ours, and told through the admin API when it changes. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../domain/base/failure.ts';
import { authorityOf } from '../authority.ts';
import type { Leader } from '../choice.ts';
import { writeWhole } from '../whole-file.ts';
import type { Kept } from '../program/kept.ts';
import type { Place, Program, Wish } from '../program/program.ts';
import { createProgramTraffic } from '../program/program-traffic.ts';
import type { ProgramParts } from '../program/running.ts';
import { socketOf, tell, unreachable } from './admin.ts';
import { seatAddress, seatsInCaddy } from './caddy-choice.ts';
import { caddyConfig, socketName, type CaddyBuild } from './caddy-config.ts';
import { parseLine } from './log-line.ts';

const counterFile = fileURLToPath(new URL(`./counter${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
const fileName = 'caddy.json';
const lookMs = 10;
const settledMs = 100;

export function createCaddyTraffic(parts: ProgramParts): Leader {
  return createProgramTraffic(parts, caddy, counterFile);
}

const caddy: Program = {
  name: 'caddy',
  debianPackage: 'caddy',
  command: (path) => ['sh', '-c', `rm -f ${socketName}; exec "$0" run --config ${fileName}`, path],
  parse: parseLine,
  seats: seatsInCaddy.length,
  configure,
  async reload({ directory }) {
    const { status, body } = await tell(directory, {
      method: 'POST',
      path: '/load',
      body: await readFile(join(directory, fileName), 'utf8'),
    });
    // Connections that came in just before are served as before, by what is ending.
    if (status === 200) return wait(settledMs);
    throw new Failure('traffic/refused', `caddy does not take the configuration: ${body.trim()}`, {
      hint: 'Change what it names, or choose another `traffic`.',
    });
  },
  // Caddy tells a configuration with which it does not begin for the moment until it has ended: so it is asked twice.
  isUp: async (place) => (await isConfigured(place)) && (await wait(lookMs, true)) && isConfigured(place),
  underWay,
  async leave({ directory }, enough) {
    const isThere = () => tell(directory, { method: 'GET', path: '/config/' }).then(Boolean, () => false);
    void tell(directory, { method: 'POST', path: '/stop' }).catch(() => undefined);
    while (!enough.aborted && (await isThere())) await wait(lookMs);
  },
};

async function isConfigured({ directory }: Place): Promise<boolean> {
  const asked = tell(directory, { method: 'GET', path: '/config/apps/http/servers/main/listen' });
  return asked.then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Caddy checks a configuration as it loads it: one that it refuses changes nothing. */
async function configure({ directory, path }: Place, { kept, key }: Wish): Promise<boolean> {
  socketOf(directory);
  const text = JSON.stringify(caddyConfig(kept, key, await buildOf(path)));
  const file = join(directory, fileName);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return false;
  await writeWhole(file, text);
  return true;
}

async function underWay({ directory }: Place, { route, gone, seats = {} }: Kept): Promise<ReadonlyMap<string, number>> {
  const { status, body } = await tell(directory, { method: 'GET', path: '/reverse_proxy/upstreams' });
  if (status !== 200) throw unreachable(body.trim());
  const told = JSON.parse(body) as readonly { readonly address: string; readonly num_requests: number }[];
  const requests = new Map(told.map(({ address, num_requests }) => [address, num_requests]));
  const at = (address: string) => requests.get(address) ?? 0;
  return new Map(
    [...route.sides, ...gone].map(({ name, instances }) => [
      name,
      instances.reduce((sum, instance) => sum + at(authorityOf(instance)), at(seatAddress(seats[name] ?? 0))),
    ]),
  );
}

const builds = new Map<string, Promise<CaddyBuild>>();

/** Asked once: another Caddy is taken up by another control plane. */
function buildOf(path: string): Promise<CaddyBuild> {
  const known = builds.get(path) ?? askBuild(path);
  builds.set(path, known);
  known.catch(() => builds.delete(path));
  return known;
}

async function askBuild(path: string): Promise<CaddyBuild> {
  try {
    const { stdout } = await promisify(execFile)(path, ['version'], { timeout: 10_000 });
    const [major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
    return { keepsStreams: major > 2 || (major === 2 && minor >= 7) };
  } catch (error) {
    throw new Failure('traffic/refused', `${path} does not tell its version: ${(error as Error).message}`, {
      hint: 'Is it Caddy 2? Choose another `traffic` otherwise.',
    });
  }
}
