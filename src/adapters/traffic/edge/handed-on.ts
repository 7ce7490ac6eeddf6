/**
 * What a worker counted when it was succeeded, what it counts while it says farewell, and what is still under way there, for its
 * successor to add. It is all of it, written anew as a whole: whoever reads it again, or misses one writing, adds nothing twice and
 * nothing too little.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { isOurs } from '../../../system/alive.ts';
import { readJson, writeWhole } from '../whole-file.ts';
import type { Earlier } from './earlier.ts';
import type { EdgeRecord } from './state-file.ts';

type ByEnvironment<T> = Readonly<Record<EnvironmentId, T>>;

export interface HandedOn {
  /** The series of counts that its successor goes on with. */
  readonly counter: string;
  /** Nothing will be added any more. */
  readonly over: boolean;
  readonly addresses: ByEnvironment<Earlier['sides']>;
  /** Absent from versions that did not tell. */
  readonly leaving?: ByEnvironment<Earlier['leaving']>;
  /** By which change of what is on disk it leads its last requests; absent from versions that led them as they always had. */
  readonly follows?: number;
}

/** What the worker before says by now; never less than it said the last time. */
export interface Word {
  readonly over: boolean;
  /** Without end when there is nobody to wait for. */
  readonly follows: number;
  of(environment: EnvironmentId): Earlier;
}

export interface Inheritance {
  readonly counter: string;
  read(): Promise<Word>;
  /** Resolves when no request is led in another way than by this change any more. One that hangs is not waited for. */
  follows(change: number): Promise<void>;
}

const prefix = 'handed-on-';
const fileOf = (directory: string, worker: string) => join(directory, `${prefix}${worker}.json`);

/** How long a successor waits for the first word: then it counts as if nobody had been before it. */
const patienceMs = 5_000;
const lookMs = 20;
/** From one word of a worker that says farewell to the next: a change is in force when it has said that it follows. */
const wordMs = 25;
const followMs = 2_000;
const nothing: HandedOn = { counter: '', over: true, addresses: {} };

/** `before`: the worker that serves still; `undefined` when none does, or one that hands nothing on. */
export async function inherit(directory: string, before: EdgeRecord | undefined): Promise<Inheritance> {
  const worker = before?.worker;
  const first = before === undefined || worker === undefined ? undefined : await firstWord(directory, before);
  if (before === undefined || worker === undefined || first === undefined) {
    await forgetAll(directory);
    return {
      counter: randomBytes(8).toString('hex'),
      read: async () => wordIn(nothing),
      follows: async () => undefined,
    };
  }
  let latest = first;
  let reading: Promise<HandedOn> | undefined;
  const readAnew = async (): Promise<HandedOn> => {
    if (latest.over) return latest;
    // Asked before the file is read, so that the last word of one that ends is not missed.
    const lives = isOurs(before.pid);
    const said = (await wordOf(directory, worker)) ?? latest;
    latest = said.over || !lives ? atRest(said) : said;
    if (latest.over) await rm(fileOf(directory, worker), { force: true }).catch(() => undefined);
    return latest;
  };
  const read = async (): Promise<Word> => wordIn(await (reading ??= readAnew().finally(() => (reading = undefined))));
  return {
    counter: first.counter,
    read,
    async follows(change) {
      for (const end = Date.now() + followMs; Date.now() < end; await wait(lookMs))
        if ((await read()).follows >= change) return;
    },
  };
}

function wordIn({ over, follows = Infinity, addresses, leaving = {} }: HandedOn): Word {
  return {
    over,
    follows: over ? Infinity : follows,
    of: (environment) => ({ sides: addresses[environment] ?? [], leaving: leaving[environment] ?? [] }),
  };
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
function atRest({ counter, addresses }: HandedOn): HandedOn {
  const sides = Object.entries(addresses).map(([environment, all]) => [
    environment,
    all.map((side) => ({ ...side, inFlight: 0, tunnels: 0, instances: [] })),
  ]);
  return { counter, over: true, addresses: Object.fromEntries(sides) as HandedOn['addresses'] };
}

async function forgetAll(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(directory, name), { force: true }).catch(() => undefined)));
}
