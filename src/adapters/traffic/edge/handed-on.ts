/**
 * What a worker counted when it was succeeded, and what it counts while it says farewell, for its successor to add. It is all that it
 * counted, written anew as a whole: whoever reads it again, or misses one writing, adds nothing twice and nothing too little.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { SideState } from '../../../ports/traffic.ts';
import { isOurs } from '../../../system/alive.ts';
import { readJson, writeWhole } from '../whole-file.ts';
import type { EdgeRecord } from './state-file.ts';

export type Earlier = Pick<SideState, 'name' | 'inFlight' | 'tunnels' | 'counted'>;
type Addresses = Readonly<Record<EnvironmentId, readonly Earlier[]>>;

export interface HandedOn {
  /** The series of counts that its successor goes on with. */
  readonly counter: string;
  /** Nothing will be added any more. */
  readonly over: boolean;
  readonly addresses: Addresses;
}

export interface Inheritance {
  readonly counter: string;
  /** What the worker before says by now; never less than it said the last time. */
  read(): Promise<{ readonly addresses: Addresses; readonly over: boolean }>;
}

const prefix = 'handed-on-';
const fileOf = (directory: string, worker: string) => join(directory, `${prefix}${worker}.json`);

/** How long a successor waits for the first word: then it counts as if nobody had been before it. */
const patienceMs = 5_000;
const lookMs = 20;
/** From one word of a worker that says farewell to the next. */
const wordMs = 100;

/** `before`: the worker that serves still; `undefined` when none does, or one that hands nothing on. */
export async function inherit(directory: string, before: EdgeRecord | undefined): Promise<Inheritance> {
  const worker = before?.worker;
  const first = before === undefined || worker === undefined ? undefined : await firstWord(directory, before);
  if (before === undefined || worker === undefined || first === undefined) {
    await forgetAll(directory);
    const addresses: Addresses = {};
    return { counter: randomBytes(8).toString('hex'), read: async () => ({ addresses, over: true }) };
  }
  let latest = first;
  let reading: Promise<HandedOn> | undefined;
  const read = async (): Promise<HandedOn> => {
    if (latest.over) return latest;
    // Asked before the file is read, so that the last word of one that ends is not missed.
    const lives = isOurs(before.pid);
    const said = (await wordOf(directory, worker)) ?? latest;
    latest = said.over || !lives ? { ...said, over: true, addresses: atRest(said.addresses) } : said;
    if (latest.over) await rm(fileOf(directory, worker), { force: true }).catch(() => undefined);
    return latest;
  };
  return { counter: first.counter, read: () => (reading ??= read().finally(() => (reading = undefined))) };
}

/** Until `farewell` is over. A word that cannot be written is left out: the next one says as much. */
export async function handOn(
  directory: string,
  worker: string,
  { farewell, report }: { farewell: Promise<unknown>; report: () => Promise<HandedOn> },
): Promise<void> {
  let written = '';
  const say = async (told: HandedOn): Promise<void> => {
    const text = JSON.stringify(told);
    if (text === written) return;
    await writeWhole(fileOf(directory, worker), text, { sync: false }).then(
      () => (written = text),
      () => undefined,
    );
  };
  let isOver = false;
  void farewell.then(() => (isOver = true));
  for (;;) {
    const last = isOver;
    const told = await report();
    await say({ ...told, over: last && told.over });
    if (last && told.over) return;
    await wait(wordMs);
  }
}

async function firstWord(directory: string, { pid, worker }: EdgeRecord): Promise<HandedOn | undefined> {
  for (const end = Date.now() + patienceMs; ; await wait(lookMs)) {
    const lives = isOurs(pid);
    const said = await wordOf(directory, worker!);
    if (said !== undefined || !lives || Date.now() > end) return said;
  }
}

function wordOf(directory: string, worker: string): Promise<HandedOn | undefined> {
  return readJson<HandedOn>(fileOf(directory, worker)).catch(() => undefined);
}

/** Of a worker that has ended nothing is under way. */
function atRest(addresses: Addresses): Addresses {
  return Object.fromEntries(
    Object.entries(addresses).map(([environment, sides]) => [
      environment,
      sides.map((side) => ({ ...side, inFlight: 0, tunnels: 0 })),
    ]),
  );
}

async function forgetAll(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(directory, name), { force: true }).catch(() => undefined)));
}
