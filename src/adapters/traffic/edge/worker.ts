/**
 * The process through which users reach releases. `worker.ts <directory> <version>`, started by the launcher as a worker of a
 * cluster, so that it shares its open addresses with the worker before and after it: a successor takes over without a refused
 * connection.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { setImmediate as turnOver } from 'node:timers/promises';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Route } from '../../../ports/traffic.ts';
import { cookieKey } from '../cookie-key.ts';
import { isOurs } from '../../../system/alive.ts';
import { obstacleAt } from '../../../system/free-address.ts';
import { isSameAddress } from '../listening.ts';
import { openAddress, type Address } from './address.ts';
import { openControl, type Controlled } from './control.ts';
import { handOn, inherit, type HandedOn } from './handed-on.ts';
import { listen, requireFree, type Listener } from './listener.ts';
import { readRecord, readState, writeRecord, writeState } from './state-file.ts';

/** How long requests and upgraded connections of a worker that was succeeded may go on. */
const farewellMs = 60_000;
/** Until what could not be kept is written again, and an address that could not be opened is tried again. */
const againMs = 1_000;

interface Served {
  readonly address: Address;
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
  /** Answers why not; then it is tried again by itself: a disk that is full keeps nobody from leading requests elsewhere. */
  const keep = async (): Promise<string | undefined> => {
    clearTimeout(again);
    try {
      const all = [...served.values()];
      await writeState(home, {
        routes: all.map(({ address }) => address.route),
        notOpen: all.filter((one) => !isOpen(one)).map(({ address }) => address.route.environment),
      });
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
      if (!isOpen(known)) served.set(route.environment, await open(known.address));
      return;
    }
    const address = openAddress(route, key);
    const opened = open(address);
    opened.catch(() => address.close());
    served.set(route.environment, await opened);
    if (known !== undefined) void leave(known, farewellMs);
  };
  /** As a process before this one served it, which is still there when it `isShared`. */
  const resume = async (route: Route, isShared: boolean): Promise<void> => {
    const address = openAddress(route, key, isShared);
    const opened = isShared ? opensAt(address) : open(address);
    served.set(route.environment, await opened.catch((error: unknown) => closed(address, error)));
  };
  let late: NodeJS.Timeout | undefined;
  const openLate = async (): Promise<void> => {
    for (const { address } of [...served.values()].filter((one) => !isOpen(one))) {
      if ((await obstacleAt(address.route.listen)) !== undefined) continue;
      served.set(address.route.environment, await open(address).catch((error: unknown) => closed(address, error)));
      await keep();
    }
  };
  const openLateUntilDone = (): void => {
    if ([...served.values()].every(isOpen)) return;
    late = setTimeout(() => void inTurn(() => openLate().finally(openLateUntilDone)), againMs);
  };

  const controlled: Controlled = {
    version: ownVersion,
    apply: (route) =>
      inTurn(async () => {
        // What is told of an address that cannot be opened yet is kept, and the failure said.
        await serve(route).catch((error: unknown) => keep().then(() => Promise.reject(error)));
        return keep();
      }),
    async inspect(environment) {
      const { counter, read } = await inheritance;
      const { addresses } = await read();
      const known = served.get(environment);
      const state = known?.address.state(counter, addresses[environment]);
      return state && known && { ...state, ...('notOpen' in known.listener ? known.listener : {}) };
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
    const { counter, read } = await inheritance;
    const { addresses, over } = await read();
    const sides = [...served].map(([environment, { address }]) => [
      environment,
      address.state(counter, addresses[environment]).sides,
    ]);
    return { counter, over, addresses: Object.fromEntries(sides) as HandedOn['addresses'] };
  };

  const before = await readRecord(home);
  const succeeds = before !== undefined && isOurs(before.pid);
  const inheritance = inherit(home, succeeds ? before : undefined);
  const { routes, notOpen = [] } = await readState(home);
  await Promise.all(routes.map((route) => resume(route, succeeds && !notOpen.includes(route.environment))));
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

async function open(address: Address): Promise<Served> {
  await requireFree(address.route.listen);
  return opensAt(address);
}

async function opensAt(address: Address): Promise<Served> {
  return { address, listener: await listen(address) };
}

function closed(address: Address, error: unknown): Served {
  const { host, port } = address.route.listen;
  const notOpen = `the address ${host}:${port} cannot be opened: ${(error as Error).message}`;
  console.error(notOpen);
  return { address, listener: { notOpen } };
}

function isOpen({ listener }: Served): boolean {
  return !('notOpen' in listener);
}

async function leave({ address, listener }: Served, graceMs: number): Promise<void> {
  if (!('notOpen' in listener)) await listener.close(graceMs);
  await address.close();
}
