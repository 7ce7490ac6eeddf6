/** A server program of one environment as a process: started under its keeper, found again, and why it does not serve. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { commandLine } from '../../../domain/base/shell.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Processes } from '../../../ports/processes.ts';
import { addressTaken, type Listen, type Route } from '../../../ports/traffic.ts';
import { compiledBefore } from '../../../system/compiled.ts';
import { obstacleAt } from '../../../system/free-address.ts';
import { holderOf } from '../../../system/listeners.ts';
import { cannotOpen } from '../listening.ts';
import { startUnlessRunning, urgent } from '../service.ts';
import type { Place, Program } from './program.ts';

export interface ProgramParts {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Of these servers alone. */
  readonly directory: string;
  /** Where programs are looked for: a `PATH`. */
  readonly searchPath: string;
  readonly nodePath: string;
  /** A counter of another version is replaced by ours. */
  readonly version: string;
}

export interface Served {
  readonly program: Program;
  readonly counterFile: string;
  readonly place: Place;
}

const startPatienceMs = 15_000;
const lookMs = 25;
/** Says to the keeper's next start that there is nothing to start any more. */
export const leaving = 'leaving';
/** Stands in keys where environments do. */
const counterName = 'counter';

/** Asked before the program is: it would only say that it could not, after a while. */
export async function requireFree(listen: Listen): Promise<void> {
  const code = (await obstacleAt(listen))?.code;
  if (code === undefined) return;
  const holder = code === 'EADDRINUSE' ? await holderOf(listen.port) : undefined;
  const by = holder === undefined ? '' : `: process ${holder.pid} (${holder.name}) listens there`;
  throw cannotOpen(listen, code, `${code}${by}`);
}

const prefixOf = ({ name }: Program, environment: EnvironmentId) => `${name}/${environment}/`;

/** The key of the one that runs, or waits to be started again by its keeper. */
export async function runOf(
  { processes }: ProgramParts,
  program: Program,
  environment: EnvironmentId,
): Promise<string | undefined> {
  const runs = await processes.list(prefixOf(program, environment));
  return runs.find(({ state }) => state.state === 'running')?.key;
}

/** @throws Failure `traffic/refused` when somebody else has its address, `traffic/unreachable` for any other reason. */
export async function start(
  parts: ProgramParts,
  { program, place }: Served,
  { environment, listen }: Route,
): Promise<void> {
  const { processes, clock } = parts;
  await rm(join(place.directory, leaving), { force: true });
  const key = await startUnlessRunning(processes, prefixOf(program, environment), async () => ({
    command: `test ! -e ${leaving} && exec ${commandLine(program.command(place.path))}`,
    directory: place.directory,
    environment: { HOME: place.directory, XDG_CONFIG_HOME: place.directory, XDG_DATA_HOME: place.directory },
    lifetime: urgent,
  }));
  for (const begin = clock.now(); !(await program.isUp(place)); await clock.sleep(lookMs)) {
    const state = await processes.inspect(key);
    const failed = state.state !== 'running' || state.restarts > 2;
    if (!failed && clock.now() - begin < startPatienceMs) continue;
    await requireFree(listen);
    const words = (await processes.tail(key, 2_000)).trim();
    throw new Failure('traffic/unreachable', `${program.name} did not start: ${words}`, {
      hint: 'It is started again by itself; what it wrote says why it does not serve.',
    });
  }
}

/** One for all environments of a program; of our version. */
export async function startCounter(parts: ProgramParts, { program, counterFile }: Served): Promise<void> {
  const { processes, directory, nodePath, version } = parts;
  const prefix = `${program.name}/${counterName}/`;
  for (const { key, state } of await processes.list(prefix)) {
    if (state.state !== 'running') continue;
    if (state.note === version) return;
    await processes.stop(key, 2_000);
  }
  await startUnlessRunning(processes, prefix, async () => ({
    command: `exec ${commandLine([nodePath, counterFile, directory])}`,
    directory: '/',
    environment: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning', ...compiledBefore() },
    lifetime: { kind: 'service', logFileBytes: 2 ** 20, logFiles: 2, restartMinMs: 500, restartMaxMs: 10_000 },
    note: version,
  }));
}

/** Starts what the machine ended, e.g. by starting anew itself. Answers why it does not serve, when somebody has its address. */
export async function keepUp(parts: ProgramParts, served: Served, route: Route): Promise<string | undefined> {
  const { program, place } = served;
  const runs = (await runOf(parts, program, route.environment)) !== undefined;
  const failed = runs && (await program.isUp(place)) ? undefined : await started(parts, served, route);
  await startCounter(parts, served);
  return failed?.message;
}

async function started(parts: ProgramParts, served: Served, route: Route): Promise<Failure | undefined> {
  try {
    await start(parts, served, route);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.reason === addressTaken) return thrown;
    throw thrown;
  }
}

/** A control plane that was killed while an address closed left its server ending or ended, with a keeper that waits for it. */
export async function endLeft(
  { processes, directory }: ProgramParts,
  { name }: Program,
  isEnding: (environment: EnvironmentId) => boolean,
): Promise<void> {
  for (const { key, state } of await processes.list(`${name}/`)) {
    const environment = key.split('/')[1] as EnvironmentId;
    if (state.state !== 'running' || key.startsWith(`${name}/${counterName}/`) || isEnding(environment)) continue;
    if (existsSync(join(directory, environment, leaving))) await processes.stop(key, 2_000);
  }
}
