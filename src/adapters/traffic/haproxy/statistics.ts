/** What workers count, read from their statistics (management guide, 9.1). */
import { nothingCounted, serverNamed, type Counts, type SlotLoad } from './state.ts';

/** Of each backend. A request counts when it has ended; one whose answer was cut short has failed whatever its status was. */
export function readStatistics(lines: readonly string[]): ReadonlyMap<string, SlotLoad> {
  const [head, ...rows] = lines;
  const columns = (head ?? '').replace(/^# /, '').split(',');
  const loads = new Map<string, SlotLoad>();
  const servers = new Map<string, Map<string, number>>();
  for (const row of rows) {
    const fields = row.split(',');
    const field = (name: string) => fields[columns.indexOf(name)] ?? '';
    const name = field('pxname');
    const own = servers.get(name) ?? new Map<string, number>();
    servers.set(name, own);
    if (field('svname') === 'FRONTEND') continue;
    if (field('svname') !== 'BACKEND') {
      const server = serverNamed(field('svname'));
      own.set(server, (own.get(server) ?? 0) + Number(field('scur')));
      continue;
    }
    loads.set(name, {
      counted: {
        requests: Number(field('req_tot')),
        failures: Number(field('hrsp_5xx')) + Number(field('srv_abrt')),
        clientErrors: Number(field('hrsp_4xx')),
        brokenOff: Number(field('srv_abrt')),
      },
      inFlight: Number(field('scur')),
      servers: own,
    });
  }
  return loads;
}

/** What was read so far, kept across workers, reloads and restarts: sums that only grow. */
export interface Tally {
  /** Names this tally for ever. */
  readonly counter: string;
  /** As last read, of workers that lived then; by process id and backend. */
  readonly alive: Readonly<Record<string, Readonly<Record<string, Counts>>>>;
  /** Of workers that are gone, by backend. */
  readonly gone: Readonly<Record<string, Counts>>;
}

/** What a worker counted after it was last read, and then ended, is lost. */
export function withReadings(
  tally: Tally,
  readings: ReadonlyMap<number, ReadonlyMap<string, SlotLoad>>,
  isOurs: (backend: string) => boolean,
): Tally {
  let gone = tally.gone;
  const alive: Record<string, Record<string, Counts>> = {};
  for (const [pid, before] of Object.entries(tally.alive)) {
    const now = readings.get(Number(pid));
    // The number of a process may come again: counters that fell are another's.
    if (now === undefined || fell(before, now)) gone = plus(gone, before);
    else alive[pid] = { ...before };
  }
  for (const [pid, loads] of readings)
    alive[pid] = Object.fromEntries(
      [...loads].filter(([name]) => isOurs(name)).map(([name, { counted }]) => [name, counted]),
    );
  return {
    counter: tally.counter,
    alive,
    gone: Object.fromEntries(Object.entries(gone).filter(([name]) => isOurs(name))),
  };
}

export function totalOf({ alive, gone }: Tally, backend: string): Counts {
  return [gone, ...Object.values(alive)].reduce<Counts>((sum, counts) => add(sum, counts[backend]), nothingCounted);
}

function add(left: Counts, right: Counts = nothingCounted): Counts {
  return {
    requests: left.requests + right.requests,
    failures: left.failures + right.failures,
    clientErrors: (left.clientErrors ?? 0) + (right.clientErrors ?? 0),
    brokenOff: (left.brokenOff ?? 0) + (right.brokenOff ?? 0),
  };
}

function plus(
  sums: Readonly<Record<string, Counts>>,
  counts: Readonly<Record<string, Counts>>,
): Readonly<Record<string, Counts>> {
  const all = { ...sums };
  for (const [name, counted] of Object.entries(counts)) all[name] = add(counted, sums[name]);
  return all;
}

function fell(before: Readonly<Record<string, Counts>>, now: ReadonlyMap<string, SlotLoad>): boolean {
  return Object.entries(before).some(([name, { requests }]) => {
    const load = now.get(name);
    return load !== undefined && load.counted.requests < requests;
  });
}
