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
import { isSameAddress } from '../listening.ts';
import { openAddress, type Address } from './address.ts';
import { openControl, type Controlled } from './control.ts';
import { handOn, inherit, type HandedOn } from './handed-on.ts';
import { listen, requireFree, type Listener } from './listener.ts';
import { readRecord, readState, writeRecord, writeState } from './state-file.ts';

/** How long requests and upgraded connections of a worker that was succeeded may go on. */
const farewellMs = 60_000;
/** Until what could not be kept is written again. */
const keepAgainMs = 1_000;

interface Served {
  readonly address: Address;
  readonly listener: Listener;
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
      await writeState(home, { routes: [...served.values()].map(({ address }) => address.route) });
      return undefined;
    } catch (error) {
      again = setTimeout(() => void inTurn(keep), keepAgainMs);
      return (error as Error).message;
    }
  };

  /** `isShared`: a worker before this one serves it still. */
  const serve = async (route: Route, isShared = false): Promise<void> => {
    const known = served.get(route.environment);
    if (known !== undefined && isSameAddress(known.address.route.listen, route.listen))
      return known.address.apply(route);
    if (!isShared) await requireFree(route.listen);
    const address = openAddress(route, key, isShared);
    const listener = await listen(address);
    served.set(route.environment, { address, listener });
    if (known !== undefined) void leave(known, farewellMs);
  };

  const controlled: Controlled = {
    version: ownVersion,
    apply: (route) =>
      inTurn(async () => {
        await serve(route);
        return keep();
      }),
    async inspect(environment) {
      const { counter, read } = await inheritance;
      const { addresses } = await read();
      return served.get(environment)?.address.state(counter, addresses[environment]);
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
  for (const route of (await readState(home)).routes)
    await serve(route, succeeds).catch((error: unknown) => console.error(String(error)));
  const control = await openControl(controlled, token);
  await writeRecord(home, { pid: process.pid, port: control.port, token, version: ownVersion, worker });
  process.send?.({ ready: true });

  process.on('message', (message: { retire?: true }) => {
    if (message.retire !== true) return;
    control.close();
    // What is on disk is the successor's from now on.
    void inTurn(async () => clearTimeout(again));
    const farewell = Promise.all([...served.values()].map((one) => leave(one, farewellMs))).then(() => turnOver());
    void handOn(home, worker, { farewell, report }).then(() => process.exit(0));
  });
  // Without its launcher nobody would start it again or hand it over.
  process.on('disconnect', () => process.exit(cluster.worker?.exitedAfterDisconnect === true ? 0 : 1));
}

async function leave({ address, listener }: Served, graceMs: number): Promise<void> {
  await listener.close(graceMs);
  await address.close();
}
