/**
 * Figures for Prometheus. Counters count what this server has read in the event log since it started; gauges are
 * asked for, at most every few seconds however often somebody scrapes.
 */
import type { EventFeed } from '../ports/events.ts';
import type { Transaction } from '../ports/store.ts';
import { outcomes, type Outcome } from '../domain/promotion/promotion.ts';
import type { World } from '../engine/world.ts';
import type { Streams } from './event-stream.ts';

const validMs = 2_000;
const page = 500;
/** A long silence between two scrapes is counted in several. */
const mostPages = 40;
const mostShown = 500;

export interface Figures {
  /** Prometheus text format 0.0.4. */
  write(): Promise<string>;
  requestEnded(method: string, status: number): void;
}

interface Parts {
  readonly world: World;
  readonly feed: EventFeed;
  readonly streams: Pick<Streams, 'figures'>;
  readonly version: string;
}

interface Counted {
  readonly promotions: Map<Outcome, number>;
  readonly builds: Map<string, number>;
  readonly requests: Map<string, number>;
  events: number;
}

export function createFigures(parts: Parts): Figures {
  const counted: Counted = {
    promotions: new Map(outcomes.map((outcome) => [outcome, 0])),
    builds: new Map(['built', 'failed', 'errored'].map((state) => [state, 0])),
    requests: new Map(),
    events: 0,
  };
  const count = createCounting(parts.feed, counted);
  let latest = { until: 0, text: Promise.resolve('') };
  return {
    write() {
      // One at a time: what is being asked for is not asked for again.
      if (Date.now() >= latest.until) {
        const text = compose(parts, counted, count);
        const asked = (latest = { until: Number.POSITIVE_INFINITY, text });
        text.then(
          () => (asked.until = Date.now() + validMs),
          () => (asked.until = 0),
        );
      }
      return latest.text;
    },
    requestEnded(method, status) {
      add(counted.requests, `method="${method}",status="${status}"`);
    },
  };
}

/** Counts from the present on: the first call only finds it. */
function createCounting(feed: EventFeed, counted: Counted): () => Promise<void> {
  let place: string | undefined;
  const start = feed.tail({}, 1).then(([newest]) => (place = newest?.cursor));
  start.catch(() => undefined);
  return async () => {
    await start.catch(() => undefined);
    for (let read = 0; read < mostPages; read++) {
      const events = await feed.read({ limit: page, ...(place === undefined ? {} : { after: place }) });
      for (const { kind, data } of events) countOne(counted, kind, data);
      place = events.at(-1)?.cursor ?? place;
      if (events.length < page) return;
    }
  };
}

function countOne(counted: Counted, kind: string, data: { readonly [key: string]: unknown }): void {
  counted.events++;
  if (kind === 'promotion.ended') add(counted.promotions, data['outcome'] as Outcome);
  if (kind === 'promotion.superseded') add(counted.promotions, 'superseded');
  if (kind === 'promotion.rolled-back') add(counted.promotions, 'rolled-back');
  if (kind === 'release.created') add(counted.builds, 'built');
  if (kind === 'build.failed' || kind === 'build.errored') add(counted.builds, kind.slice('build.'.length));
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function compose(
  { world, streams, version }: Parts,
  counted: Counted,
  count: () => Promise<void>,
): Promise<string> {
  await count();
  const { waiting, running, builds, projects } = await world.store.transaction(openWork);
  const memory = process.memoryUsage();
  const { open, lagMs } = streams.figures();
  const labelled = (name: string, counts: ReadonlyMap<string, number>): Sample[] =>
    [...counts].map(([value, sum]) => [`{${name}="${value}"}`, sum]);
  return [
    metric('gauge liftlock_build_info', 'Which version answers.', [[`{version="${version}"}`, 1]]),
    metric('gauge liftlock_projects', 'Projects.', [['', projects]]),
    metric('gauge liftlock_promotions', `Promotions that have not ended (up to ${mostShown} of each environment).`, [
      ['{state="waiting"}', waiting],
      ['{state="running"}', running],
    ]),
    metric(
      'counter liftlock_promotions_ended_total',
      'Promotions that ended since this server started.',
      labelled('outcome', counted.promotions),
    ),
    metric('gauge liftlock_builds', 'Builds that have not ended.', [
      ['{state="waiting"}', builds.waiting],
      ['{state="running"}', builds.running],
    ]),
    metric(
      'counter liftlock_builds_ended_total',
      'Builds that ended since this server started.',
      labelled('state', counted.builds),
    ),
    metric('counter liftlock_events_total', 'Entries of the event log since this server started.', [
      ['', counted.events],
    ]),
    metric('gauge liftlock_event_streams', 'Open event streams.', [['', open]]),
    metric('gauge liftlock_event_lag_seconds', 'Age of the newest event when it was last sent to a stream.', [
      ['', lagMs / 1000],
    ]),
    metric(
      'counter liftlock_http_requests_total',
      'Requests answered.',
      [...counted.requests].map(([labels, sum]) => [`{${labels}}`, sum]),
    ),
    metric('gauge process_resident_memory_bytes', 'Resident memory.', [['', memory.rss]]),
    metric('gauge nodejs_heap_size_used_bytes', 'Heap in use.', [['', memory.heapUsed]]),
    metric('counter process_cpu_seconds_total', 'CPU time used.', [['', cpuSeconds()]]),
    metric('gauge process_start_time_seconds', 'When the process started.', [
      ['', Date.now() / 1000 - process.uptime()],
    ]),
  ].join('');
}

async function openWork(
  tx: Transaction,
): Promise<{ waiting: number; running: number; builds: { waiting: number; running: number }; projects: number }> {
  const sums = { waiting: 0, running: 0, builds: { waiting: 0, running: 0 }, projects: 0 };
  for (const project of await tx.projects.list()) {
    sums.projects++;
    for (const { id, lease } of await tx.environments.ofProject(project.id)) {
      if (lease !== undefined) sums.running++;
      sums.waiting += (await tx.promotions.list({ environment: id, state: 'waiting', limit: mostShown })).length;
    }
    for (const { state } of await tx.builds.recent(project.id, 50)) {
      if (state === 'waiting' || state === 'running') sums.builds[state]++;
    }
  }
  return sums;
}

type Sample = readonly [labels: string, value: number];

/** `typeAndName` reads `gauge liftlock_projects`. */
function metric(typeAndName: `${'gauge' | 'counter'} ${string}`, help: string, samples: readonly Sample[]): string {
  const [type, name] = typeAndName.split(' ');
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
