/**
 * The event log as server-sent events (HTML Living Standard, 9.2). A stream pulls from the log only what its client has taken, so
 * that nothing piles up; a client that takes nothing for a while is closed, and resumes from its last id.
 */
import type { ServerResponse } from 'node:http';
import { asFailure, Failure } from '../domain/base/failure.ts';
import type { EventFeed, EventFilter, RecordedEvent } from '../ports/events.ts';
import type { World } from '../engine/world.ts';
import { beatEvent, resyncEvent, type ResyncNotice } from './contract/stream.ts';
import type { Naming } from './naming.ts';
import { createPulse, type Pulse } from './pulse.ts';
import type { Connection } from './route.ts';

/** In milliseconds. */
export interface StreamPace {
  readonly look: number;
  readonly heartbeat: number;
  /** How long a client may take nothing while something is there for it. */
  readonly stall: number;
}

export const usualStreamPace: StreamPace = { look: 1_000, heartbeat: 15_000, stall: 30_000 };

/** A client that missed more loads everything again, which is less. */
const mostMissed = 10_000;

const batch = 200;

/** How long a stream may go on after the right to it was taken away, at most; and one look more. */
const judgedEveryMs = 2_000;

export interface StreamRequest {
  readonly filter: EventFilter;
  /** What may be told now; `undefined` when nothing may any more. */
  readonly filterNow: () => Promise<EventFilter | undefined>;
  readonly after: string | undefined;
}

export interface Streams {
  /** Resolves when the stream has ended. @throws Failure when it could not begin; nothing was written then. */
  open(asked: StreamRequest, connection: Connection): Promise<void>;
  figures(): { open: number; lagMs: number };
  endAll(): void;
}

interface Parts {
  readonly world: Pick<World, 'clock' | 'store' | 'log'>;
  readonly feed: EventFeed;
  readonly naming: Naming;
  readonly pace: StreamPace;
}

interface Line {
  readonly outgoing: ServerResponse;
  readonly filterNow: StreamRequest['filterNow'];
  readonly news: News;
  filter: EventFilter;
  place: string | undefined;
  writtenAt: number;
  judgedAt: number;
}

export function createStreams(parts: Parts): Streams {
  const pulse: Pulse = createPulse(parts.world.store, parts.feed, parts.pace.look);
  const lines = new Set<Line>();
  let lagMs = 0;
  return {
    async open({ filter, filterNow, after }, { outgoing, headers }) {
      const start = await startOf(parts.feed, filter, after);
      outgoing.writeHead(200, {
        ...headers,
        'Content-Type': 'text/event-stream; charset=utf-8',
        'X-Accel-Buffering': 'no',
      });
      const news = createNews();
      const line: Line = { outgoing, filter, filterNow, news, place: start.place, writtenAt: 0, judgedAt: Date.now() };
      const unsubscribe = pulse.subscribe(news.tell);
      outgoing.once('close', news.tell);
      lines.add(line);
      try {
        if (await write(parts, line, greeting(parts, start))) await follow(parts, line, (lag) => (lagMs = lag));
      } finally {
        lines.delete(line);
        unsubscribe();
        outgoing.end();
      }
    },
    figures: () => ({ open: lines.size, lagMs }),
    endAll() {
      for (const { outgoing, news } of lines) {
        outgoing.end();
        news.tell();
      }
    },
  };
}

interface Start {
  readonly place: string | undefined;
  /** Why what the client missed cannot be told. */
  readonly lost: string | undefined;
}

/** Where the stream goes on: after the cursor given, unless what was missed cannot be told; at the present without one. */
async function startOf(feed: EventFeed, filter: EventFilter, after: string | undefined): Promise<Start> {
  const [newest] = await feed.tail({}, 1);
  const present = newest?.cursor;
  if (after === undefined || after === present) return { place: present, lost: undefined };
  const lost = await whyLost(feed, filter, after);
  return { place: lost === undefined ? after : present, lost };
}

async function whyLost(feed: EventFeed, filter: EventFilter, after: string): Promise<string | undefined> {
  const unknown = 'the cursor is not one of this event log';
  try {
    // A place behind the newest event that is not its own was given by another log.
    const [any] = await feed.read({ after, limit: 1 });
    if (any === undefined) return unknown;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'input/invalid') return unknown;
    throw thrown;
  }
  const [first] = await feed.read({ ...filter, after, limit: 1 });
  const [last] = await feed.tail(filter, 1);
  const missed = first === undefined || last === undefined ? 0 : last.seq - first.seq;
  return missed > mostMissed ? `about ${missed} events were missed` : undefined;
}

async function follow(parts: Parts, line: Line, onDelivered: (lagMs: number) => void): Promise<void> {
  const { world, pace } = parts;
  while (isOpen(line)) {
    const judged = await judgeAgain(parts, line);
    if (judged === 'ended') return;
    const events = judged === 'unknown' ? undefined : await next(parts, line);
    if (events === undefined) {
      // The database is away: the client keeps its stream, and gets what it missed afterwards.
      await line.news.wait(pace.look);
    } else if (events.length > 0) {
      const named = await parts.naming(events);
      const text = named.map((event) => message({ id: event.cursor, data: event })).join('');
      if (!(await write(parts, line, text))) return;
      line.place = events.at(-1)!.cursor;
      onDelivered(Math.max(0, world.clock.now() - events.at(-1)!.at));
    } else {
      const due = Math.min(line.writtenAt + pace.heartbeat, line.judgedAt + judgedEveryMs);
      await line.news.wait(Math.max(1, due - Date.now()));
    }
    if (isOpen(line) && Date.now() - line.writtenAt >= pace.heartbeat && !(await write(parts, line, beat(parts))))
      return;
  }
}

/** While it cannot be told what the client may see, it is told nothing, and keeps its stream. */
async function judgeAgain({ world }: Parts, line: Line): Promise<'may' | 'ended' | 'unknown'> {
  if (Date.now() - line.judgedAt < judgedEveryMs) return 'may';
  try {
    const filter = await line.filterNow();
    if (filter === undefined) return 'ended';
    line.filter = filter;
    line.judgedAt = Date.now();
    return 'may';
  } catch (thrown) {
    world.log.warn('who follows events could not be judged', { reason: asFailure(thrown).message });
    return 'unknown';
  }
}

async function next({ feed, world }: Parts, { filter, place }: Line): Promise<readonly RecordedEvent[] | undefined> {
  try {
    return await feed.read({ ...filter, limit: batch, ...(place === undefined ? {} : { after: place }) });
  } catch (thrown) {
    world.log.warn('events could not be read for a stream', { reason: asFailure(thrown).message });
    return undefined;
  }
}

function isOpen({ outgoing }: Line): boolean {
  return !outgoing.writableEnded && !outgoing.destroyed;
}

/** An id alone is no event to a browser, which remembers it for its next connection all the same. */
function greeting({ world }: Parts, { place, lost }: Start): string {
  if (lost === undefined) return place === undefined ? ':\n\n' : `id: ${place}\n\n`;
  const data: ResyncNotice = { at: world.clock.now(), because: lost };
  return message({ event: resyncEvent, id: place, data });
}

/** Named, so that a page can tell how old what it shows is; a comment would be invisible to it. */
function beat({ world }: Parts): string {
  return message({ event: beatEvent, id: undefined, data: { at: world.clock.now() } });
}

function message({ event, id, data }: { event?: string; id: string | undefined; data: unknown }): string {
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/** False when the client is gone, or had to be closed because it was too slow. */
async function write({ pace }: Parts, line: Line, text: string): Promise<boolean> {
  const { outgoing } = line;
  if (!isOpen(line)) return false;
  line.writtenAt = Date.now();
  if (outgoing.write(text)) return true;
  const drained = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => settle(false), pace.stall);
    const onDrain = () => settle(true);
    const onClose = () => settle(false);
    function settle(answer: boolean): void {
      clearTimeout(timer);
      outgoing.off('drain', onDrain).off('close', onClose);
      resolve(answer);
    }
    outgoing.on('drain', onDrain).on('close', onClose);
  });
  if (!drained) outgoing.destroy();
  return drained;
}

interface News {
  tell(): void;
  /** Resolves when told, at once when told since the last wait, or after `milliseconds`. */
  wait(milliseconds: number): Promise<void>;
}

function createNews(): News {
  let told = false;
  let wake: (() => void) | undefined;
  return {
    tell() {
      told = true;
      wake?.();
    },
    async wait(milliseconds) {
      if (!told) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      told = false;
    },
  };
}
