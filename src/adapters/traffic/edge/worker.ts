/**
 * The process through which users reach releases. `worker.ts <directory> <version>`, started by the launcher as a worker of a
 * cluster, so that it shares its open addresses with the worker before and after it: a successor takes over without a refused
 * connection.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { setImmediate as turnOver } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Route, RouteState } from '../../../ports/traffic.ts';
import { cookieKey } from '../cookie-key.ts';
import { isOurs } from '../../../system/alive.ts';
import { obstacleAt } from '../../../system/free-address.ts';
import { isSameAddress } from '../listening.ts';
import { openAddress, type Address } from './address.ts';
import { openControl, type Controlled } from './control.ts';
import { withEarlier } from './earlier.ts';
import { handOn, inherit, type HandedOn, type Word } from './handed-on.ts';
import { listen, requireFree, type Listener } from './listener.ts';
import { readRecord, readState, writeRecord, writeState } from './state-file.ts';

/** How long requests and upgraded connections of a worker that was succeeded may go on. */
const farewellMs = 60_000;
/** Until what could not be kept is written again, and an address that could not be opened is tried again. */
const againMs = 1_000;

interface Served {
  readonly address: Address;
  /** The worker before serves it, too. */
  readonly isShared: boolean;
  /** Why not, when somebody had the address as this process began: what is led there is kept, until it can be opened. */
  readonly listener: Listener | { readonly notOpen: string };
}

const [directory, version] = process.argv.slice(2);
if (directory === undefined || version === undefined) throw new TypeError('worker.ts <directory> <version>');
await run(directory, version);

async function run(home: string, ownVersion: string): Promise<void> {
  const worker = randomBytes(8).toString('hex');
  const token = randomBytes(32).toString('base64url');
  const key = await cookieKey(home);
  const served = new Map<EnvironmentId, Served>();
  let turn: Promise<unknown> = Promise.resolve();
  /** One change at a time, so that what is on disk is what is in force. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = turn.then(act, act);
    turn = next.catch(() => undefined);
    return next;
  };
  let again: NodeJS.Timeout | undefined;
  let change = 0;
  /** Answers why not; then it is tried again by itself: a disk that is full keeps nobody from leading requests elsewhere. */
  const keep = async (): Promise<string | undefined> => {
    clearTimeout(again);
    try {
      const all = [...served.values()];
      await writeState(home, {
        change: change + 1,
        routes: all.map(({ address }) => address.route),
        notOpen: all.filter((one) => !isOpen(one)).map(({ address }) => address.route.environment),
      });
      change += 1;
      return undefined;
    } catch (error) {
      again = setTimeout(() => void inTurn(keep), againMs);
      return (error as Error).message;
    }
  };

  const serve = async (route: Route): Promise<void> => {
    const known = served.get(route.environment);
    if (known !== undefined && isSameAddress(known.address.route.listen, route.listen)) {
      known.address.apply(route);
      if (!isOpen(known)) served.set(route.environment, { ...known, listener: await open(known.address) });
      return;
    }
    const address = openAddress(route, key);
    const opened = open(address);
    opened.catch(() => address.close());
    served.set(route.environment, { address, isShared: false, listener: await opened });
    if (known !== undefined) void leave(known, farewellMs);
  };
  /** As a process before this one served it. */
  const resume = async (route: Route, isShared: boolean): Promise<Served> => {
    const address = openAddress(route, key);
    const opened = isShared ? listen(address) : open(address);
    const listener = await opened.catch((error: unknown) => closed(address, error));
    return { address, isShared, listener };
  };
  let late: NodeJS.Timeout | undefined;
  const openLate = async (): Promise<void> => {
    for (const one of [...served.values()].filter((each) => !isOpen(each))) {
      const { address } = one;
      if ((await obstacleAt(address.route.listen)) !== undefined) continue;
      const listener = await open(address).catch((error: unknown) => closed(address, error));
      served.set(address.route.environment, { ...one, listener });
      await keep();
    }
  };
  const openLateUntilDone = (): void => {
    if ([...served.values()].every(isOpen)) return;
    late = setTimeout(() => void inTurn(() => openLate().finally(openLateUntilDone)), againMs);
  };

  const controlled: Controlled = {
    version: ownVersion,
    async apply(route) {
      const { notKept, as } = await inTurn(async () => {
        // What is told of an address that cannot be opened yet is kept, and the failure said.
        await serve(route).catch((error: unknown) => keep().then(() => Promise.reject(error)));
        return { notKept: await keep(), as: change };
      });
      if (notKept === undefined) await (await inheritance).follows(as);
      return notKept;
    },
    async inspect(environment) {
      const { counter, read } = await inheritance;
      const before = await read();
      const known = served.get(environment);
      return known && stateOf(known, counter, before);
    },
    async remove(environment, graceMs) {
      const { known, notKept } = await inTurn(async () => {
        const left = served.get(environment);
        served.delete(environment);
        return { known: left, notKept: await keep() };
      });
      // Other changes do not wait for the last request here.
      if (known !== undefined) await leave(known, graceMs);
      return notKept;
    },
    succeed: (program) => void process.send?.({ succeed: program }),
  };

  const report = async (): Promise<HandedOn> => {
    await follow();
    const { counter, read } = await inheritance;
    const { over, follows, of } = await read();
    const states = [...served.values()].map((one) => stateOf(one, counter, { of }));
    return {
      counter,
      over,
      follows: Math.min(change, follows),
      addresses: byEnvironment(states, ({ sides }) => sides),
      leaving: byEnvironment(states, ({ leaving = [] }) => leaving),
    };
  };
  /** What a successor was told holds for requests that still come here, on connections that were kept, too. */
  const follow = async (): Promise<void> => {
    const now = await readState(home).catch(() => undefined);
    if (now?.change === undefined || now.change === change) return;
    for (const route of now.routes) {
      const address = served.get(route.environment)?.address;
      if (address !== undefined && !isDeepStrictEqual(address.route, route)) address.apply(route);
    }
    ({ change } = now);
  };

  const before = await readRecord(home);
  const succeeds = before !== undefined && isOurs(before.pid);
  const inheritance = inherit(home, succeeds ? before : undefined);
  const { routes, notOpen = [], ...kept } = await readState(home);
  change = kept.change ?? 0;
  const resumed = routes.map((route) => resume(route, succeeds && !notOpen.includes(route.environment)));
  for (const one of await Promise.all(resumed)) served.set(one.address.route.environment, one);
  openLateUntilDone();
  const control = await openControl(controlled, token);
  await writeRecord(home, { pid: process.pid, port: control.port, token, version: ownVersion, worker });
  process.send?.({ ready: true });

  process.on('message', (message: { retire?: true }) => {
    if (message.retire !== true) return;
    control.close();
    // What is on disk is the successor's from now on.
    void inTurn(async () => [again, late].forEach((timer) => clearTimeout(timer)));
    const farewell = Promise.all([...served.values()].map((one) => leave(one, farewellMs))).then(() => turnOver());
    void handOn(home, worker, { farewell, report }).then(() => process.exit(0));
  });
  // Without its launcher nobody would start it again or hand it over.
  process.on('disconnect', () => process.exit(cluster.worker?.exitedAfterDisconnect === true ? 0 : 1));
}

async function open(address: Address): Promise<Listener> {
  await requireFree(address.route.listen);
  return listen(address);
}

function closed({ route }: Address, error: unknown): { readonly notOpen: string } {
  const { host, port } = route.listen;
  const notOpen = `the address ${host}:${port} cannot be opened: ${(error as Error).message}`;
  console.error(notOpen);
  return { notOpen };
}

function stateOf({ address, isShared, listener }: Served, counter: string, before: Pick<Word, 'of'>): RouteState {
  const own = address.state(counter);
  const state = isShared ? withEarlier(own, before.of(own.route.environment)) : own;
  return { ...state, ...('notOpen' in listener ? listener : {}) };
}

function byEnvironment<T>(states: readonly RouteState[], of: (state: RouteState) => T): Record<EnvironmentId, T> {
  return Object.fromEntries(states.map((state) => [state.route.environment, of(state)])) as Record<EnvironmentId, T>;
}

function isOpen({ listener }: Served): boolean {
  return !('notOpen' in listener);
}

async function leave({ address, listener }: Served, graceMs: number): Promise<void> {
  if (!('notOpen' in listener)) await listener.close(graceMs);
  await address.close();
}
