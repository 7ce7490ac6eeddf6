/**
 * `Traffic` by server programs that Liftlock runs itself, one for each environment, under a keeper: one that fails, reloads or ends
 * is felt at its own address alone. What is in force is on disk, and every start begins with it.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Route, RouteState } from '../../../ports/traffic.ts';
import type { Leader } from '../choice.ts';
import { cookieKey } from '../cookie-key.ts';
import { isOnlyDividedAnew } from '../division.ts';
import { keepWhatIsInForce } from '../kept-after.ts';
import { isSameAddress } from '../listening.ts';
import { createTurn, type InTurn } from '../turn.ts';
import { requireWritable } from './checked-route.ts';
import { forgetKept, keptAfter, readKept, setUpAfter, setUpOf, writeKept, type Kept } from './kept.ts';
import { countedOf, keepFirstReading, lastReading, readOn } from './log-reading.ts';
import { closingFile, requireProgram, type Place, type Program } from './program.ts';
import {
  endLeft,
  keepUp,
  leaving,
  requireFree,
  runOf,
  start,
  startCounter,
  type ProgramParts,
  type Served,
} from './running.ts';
import { forgetOtherShares, writeShares } from './shares.ts';

const closingMs = 250;
/** A request that came in before may not have reached its release yet: after this a drained side is drained. */
const settledMs = 20;
/** Says that what is configured may not be what was loaded. */
const loading = 'loading';

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
      const found = await inTurn(environment, async () => {
        const kept = await readKept(homeOf(environment));
        return kept && { kept, notOpen: await keepUp(parts, servedAt(environment), kept.route) };
      });
      return found && inspect(servedAt(environment), found);
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
    setUp: setUpAfter(before, route),
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
    } else await start(parts, served, route);
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
  const isKnown = before.looksGroupsUp === true && isOnlyDividedAnew(setUp, route);
  if (!isKnown || existsSync(join(place.directory, loading))) return false;
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

async function inspect(
  { program, place }: Served,
  { kept, notOpen }: { readonly kept: Kept; readonly notOpen: string | undefined },
): Promise<RouteState> {
  const reading = await readOn(place.directory, await lastReading(place.directory), program.parse);
  const underWay = notOpen === undefined ? await program.underWay(place, kept) : new Map<string, number>();
  const gone = kept.gone.filter(({ name }) => (underWay.get(name) ?? 0) > 0);
  return {
    route: kept.route,
    ...(notOpen === undefined ? {} : { notOpen }),
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
