/**
 * `Traffic` by server programs that Liftlock runs itself, one for each environment, under a keeper: one that fails, reloads or ends
 * is felt at its own address alone. What is in force is on disk, and every start begins with it.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { commandLine } from '../../../domain/base/shell.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Processes } from '../../../ports/processes.ts';
import type { Listen, Route, RouteState } from '../../../ports/traffic.ts';
import type { Leader } from '../choice.ts';
import { cookieKey } from '../cookie-key.ts';
import { isOnlyDividedAnew } from '../division.ts';
import { keepWhatIsInForce } from '../kept-after.ts';
import { compiledBefore } from '../../../system/compiled.ts';
import { obstacleAt } from '../../../system/free-address.ts';
import { cannotOpen, isSameAddress } from '../listening.ts';
import { startUnlessRunning, urgent } from '../service.ts';
import { createTurn, type InTurn } from '../turn.ts';
import { requireWritable } from './checked-route.ts';
import { forgetKept, keptAfter, readKept, setUpAfter, setUpOf, writeKept, type Kept } from './kept.ts';
import { countedOf, keepFirstReading, lastReading, readOn } from './log-reading.ts';
import { closingFile, requireProgram, type Place, type Program } from './program.ts';
import { forgetOtherShares, writeShares } from './shares.ts';
import { holderOf } from './sockets.ts';

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

const startPatienceMs = 15_000;
const lookMs = 25;
const closingMs = 250;
/** A request that came in before may not have reached its release yet: after this a drained side is drained. */
const settledMs = 20;
/** Says that what is configured may not be what was loaded. */
const loading = 'loading';
/** Says to the keeper's next start that there is nothing to start any more. */
const leaving = 'leaving';
/** Stands in keys where environments do. */
const counterName = 'counter';

export function createProgramTraffic(parts: ProgramParts, program: Program, counterFile: string): Leader {
  const turns = new Map<EnvironmentId, InTurn>();
  /** One change at a time in an environment, so that what is on disk is what is in force. */
  const inTurn = <T>(environment: EnvironmentId, act: () => Promise<T>): Promise<T> => {
    const turn = turns.get(environment) ?? createTurn(homeOf(environment), parts.clock);
    turns.set(environment, turn);
    return turn(act);
  };
  /** Those that are ending; whoever wants the address again does not wait for the last stream. */
  const endings = new Map<EnvironmentId, AbortController>();
  const homeOf = (environment: EnvironmentId) => join(parts.directory, environment);
  const servedAt = (environment: EnvironmentId): Served => ({
    program,
    counterFile,
    place: { directory: homeOf(environment), path: requireProgram(program, parts.searchPath) },
  });
  let tidied: Promise<void> | undefined;
  /** Once; when it fails the next one tries again. */
  const tidy = () =>
    (tidied ??= endLeft(parts, program, (environment) => endings.has(environment)).catch((error: unknown) => {
      tidied = undefined;
      throw error;
    }));
  return {
    prepare: async () => void requireProgram(program, parts.searchPath),
    async apply(route) {
      requireWritable(route);
      endings.get(route.environment)?.abort();
      await tidy();
      await inTurn(route.environment, () => apply(parts, servedAt(route.environment), route));
    },
    routeOf: async (environment) => (await readKept(homeOf(environment)))?.route,
    async inspect(environment) {
      if ((await readKept(homeOf(environment))) === undefined) return undefined;
      const kept = await inTurn(environment, async () => {
        const now = await readKept(homeOf(environment));
        if (now !== undefined) await keepUp(parts, servedAt(environment), environment);
        return now;
      });
      return kept && inspect(servedAt(environment), kept);
    },
    async remove(environment, graceMs) {
      const ending = new AbortController();
      endings.set(environment, ending);
      await inTurn(environment, async () => {
        const directory = homeOf(environment);
        const key = await runOf(parts, program, environment);
        if (key !== undefined) {
          await writeFile(join(directory, leaving), '');
          await forgetKept(directory);
          await withFewIdle(parts, servedAt(environment).place, () => Promise.resolve());
          await program.leave(
            servedAt(environment).place,
            AbortSignal.any([ending.signal, AbortSignal.timeout(graceMs)]),
          );
          await parts.processes.stop(key, 2_000);
        }
        await rm(directory, { recursive: true, force: true, maxRetries: 5 });
      }).finally(() => endings.delete(environment));
    },
  };
}

interface Served {
  readonly program: Program;
  readonly counterFile: string;
  readonly place: Place;
}

async function apply(parts: ProgramParts, served: Served, route: Route): Promise<void> {
  const { program, place } = served;
  const before = await readKept(place.directory);
  if (before !== undefined && (await divideAnew(parts, served, { before, route }))) return;
  await mkdir(place.directory, { recursive: true, mode: 0o700 });
  const key = await cookieKey(parts.directory);
  const runs = before !== undefined && (await runOf(parts, program, route.environment)) !== undefined;
  const underWay = runs && comesOrGoes(before.route, route) ? await program.underWay(place, before) : undefined;
  const kept = keptAfter(before, {
    route,
    // Where releases come and go without a load, groups do not make one either.
    setUp: program.seats > 0 ? setUpAfter(before, route) : route,
    now: parts.clock.now(),
    // What is configured stays as it is while only weights change.
    isBusy: ({ name }) => underWay === undefined || (underWay.get(name) ?? 0) > 0,
    seats: program.seats,
  });
  if (!runs || !isSameAddress(before.route.listen, route.listen)) await requireFree(route.listen);
  const wasLoading = existsSync(join(place.directory, loading));
  await writeFile(join(place.directory, loading), '');
  try {
    // Before the program knows new sides: it passes over what it does not know.
    writeShares(place.directory, kept);
    const isNew = await program.configure(place, { kept, key });
    if (runs && (await program.isUp(place))) {
      if (isNew || wasLoading) await withFewIdle(parts, place, () => program.reload(place));
    } else await start(parts, served, route.environment);
    await parts.clock.sleep(settledMs);
  } catch (thrown) {
    // What a restart begins with is what was in force.
    if (before !== undefined) {
      writeShares(place.directory, before);
      await program.configure(place, { kept: before, key });
    }
    throw thrown;
  }
  await rm(join(place.directory, loading), { force: true });
  await keepFirstReading(place.directory);
  await writeKept(place.directory, kept);
  forgetOtherShares(place.directory, kept);
  if (!runs) await startCounter(parts, served);
}

/** Shares are in force before anything else is asked or written. False when there is more to do than that. */
async function divideAnew(
  { clock }: ProgramParts,
  { program, place }: Served,
  { before, route }: { readonly before: Kept; readonly route: Route },
): Promise<boolean> {
  const setUp = setUpOf(before);
  if (!isOnlyDividedAnew(setUp, route) || existsSync(join(place.directory, loading))) return false;
  writeShares(place.directory, { ...before, route, setUp });
  const [isUp] = await Promise.all([program.isUp(place), clock.sleep(settledMs)]);
  const kept = keptAfter(before, { route, setUp, now: clock.now(), isBusy: () => true });
  if (!isUp) return false;
  await keepWhatIsInForce(program.name, () => writeKept(place.directory, kept));
  forgetOtherShares(place.directory, kept);
  return true;
}

function comesOrGoes(before: Route, after: Route): boolean {
  return (
    before.sides.length !== after.sides.length || before.sides.some(({ name }, at) => name !== after.sides[at]?.name)
  );
}

/** Clients that ask more often than this are not cut off by what is done then. */
async function withFewIdle({ clock }: ProgramParts, { directory }: Place, act: () => Promise<void>): Promise<void> {
  const file = join(directory, closingFile);
  await writeFile(file, '');
  try {
    await clock.sleep(closingMs);
    await act();
  } finally {
    await rm(file, { force: true });
  }
}

/** Asked before the program is: it would only say that it could not, after a while. */
async function requireFree(listen: Listen): Promise<void> {
  const code = (await obstacleAt(listen))?.code;
  if (code === undefined) return;
  const holder = code === 'EADDRINUSE' ? await holderOf(listen.port) : undefined;
  const by = holder === undefined ? '' : `: process ${holder.pid} (${holder.name}) listens there`;
  throw cannotOpen(listen, code, `${code}${by}`);
}

const prefixOf = ({ name }: Program, environment: EnvironmentId) => `${name}/${environment}/`;

/** The key of the one that runs, or waits to be started again by its keeper. */
async function runOf(
  { processes }: ProgramParts,
  program: Program,
  environment: EnvironmentId,
): Promise<string | undefined> {
  const runs = await processes.list(prefixOf(program, environment));
  return runs.find(({ state }) => state.state === 'running')?.key;
}

async function start(parts: ProgramParts, { program, place }: Served, environment: EnvironmentId): Promise<void> {
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
    const words = (await processes.tail(key, 2_000)).trim();
    throw new Failure('traffic/unreachable', `${program.name} did not start: ${words}`, {
      hint: 'It is started again by itself; what it wrote says why it does not serve.',
    });
  }
}

/** One for all environments of a program; of our version. */
async function startCounter(parts: ProgramParts, { program, counterFile }: Served): Promise<void> {
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

/** Starts what the machine ended, e.g. by starting anew itself. */
async function keepUp(parts: ProgramParts, served: Served, environment: EnvironmentId): Promise<void> {
  if ((await runOf(parts, served.program, environment)) === undefined) await start(parts, served, environment);
  await startCounter(parts, served);
}

/** A control plane that was killed while an address closed left its server ending or ended, with a keeper that waits for it. */
async function endLeft(
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

async function inspect({ program, place }: Served, kept: Kept): Promise<RouteState> {
  const reading = await readOn(place.directory, await lastReading(place.directory), program.parse);
  const underWay = await program.underWay(place, kept);
  const gone = kept.gone.filter(({ name }) => (underWay.get(name) ?? 0) > 0);
  return {
    route: kept.route,
    counter: reading.counter,
    sides: [...gone, ...kept.route.sides].map(({ name }) => ({
      name,
      inFlight: underWay.get(name) ?? 0,
      tunnels: 0,
      drainingSince: kept.drainingSince[name] as Instant | undefined,
      counted: countedOf(reading, name),
    })),
  };
}
