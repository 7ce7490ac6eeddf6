import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  isCalendarDate,
  isZone,
  nextTime,
  parseWallTime,
  previousTime,
  weekdays,
  windowAt,
  type DateSpan,
  type Schedule,
  type WallTime,
  type Weekday,
  type WeeklySpan,
  type Window,
} from './calendar.ts';
import { instant, type Instant } from './time.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const everyDay = weekdays;
const workdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];

function utc(text: string): Instant {
  return instant(Date.parse(text));
}

function windowOf(zone: string, allow: readonly WeeklySpan[], deny: Window['deny'] = []): Window {
  return { zone, allow, deny };
}

describe('windows', () => {
  test('R26: a window without spans is open and never closes', () => {
    assert.deepEqual(windowAt(windowOf('UTC', []), utc('2026-11-21T03:00Z')), { open: true });
  });

  test('R26: outside every allowed span the answer names the next opening', () => {
    const window = windowOf('Europe/Berlin', [{ days: workdays, from: '09:00', to: '17:00' }]);
    assert.deepEqual(windowAt(window, utc('2026-11-20T16:00Z')), {
      open: false,
      opensAt: utc('2026-11-23T08:00Z'),
      because: 'outside',
    });
    assert.deepEqual(windowAt(window, utc('2026-11-23T08:00Z')), { open: true, closesAt: utc('2026-11-23T16:00Z') });
  });

  test('R26: deny beats allow, and the answer names the span that denies', () => {
    const lunch: WeeklySpan = { days: everyDay, from: '12:00', to: '13:00' };
    const window = windowOf('UTC', [{ days: everyDay, from: '09:00', to: '17:00' }], [lunch]);
    assert.deepEqual(windowAt(window, utc('2026-11-23T12:30Z')), {
      open: false,
      opensAt: utc('2026-11-23T13:00Z'),
      because: { denied: lunch },
    });
    assert.deepEqual(windowAt(window, utc('2026-11-23T11:00Z')), { open: true, closesAt: utc('2026-11-23T12:00Z') });
  });

  test('R26: an opening that falls into denied dates is the first one after them', () => {
    const holidays: DateSpan = { fromDate: '2026-12-20', toDate: '2027-01-06' };
    const window = windowOf('America/New_York', [{ days: ['wed'], from: '10:00', to: '11:00' }], [holidays]);
    assert.deepEqual(windowAt(window, utc('2026-12-23T15:30Z')), {
      open: false,
      opensAt: utc('2027-01-13T15:00Z'),
      because: { denied: holidays },
    });
  });

  test('R26: a span from 00:00 to 24:00 on every day never closes', () => {
    const window = windowOf('Europe/Berlin', [{ days: everyDay, from: '00:00', to: '24:00' }]);
    assert.deepEqual(windowAt(window, utc('2026-03-29T00:30Z')), { open: true });
  });

  test('R26: a span over midnight belongs to the day on which it starts', () => {
    const window = windowOf('Europe/Berlin', [{ days: ['fri'], from: '22:00', to: '02:00' }]);
    assert.deepEqual(windowAt(window, utc('2026-11-21T00:30Z')), { open: true, closesAt: utc('2026-11-21T01:00Z') });
    assert.equal(windowAt(window, utc('2026-11-20T00:30Z')).open, false);
  });

  test('R26: a span over midnight on Sunday reaches into Monday', () => {
    const window = windowOf('UTC', [{ days: ['sun'], from: '22:00', to: '22:00' }]);
    assert.deepEqual(windowAt(window, utc('2026-11-23T21:59Z')), { open: true, closesAt: utc('2026-11-23T22:00Z') });
  });

  test('R26: a window that never opens names no opening', () => {
    const always: WeeklySpan = { days: everyDay, from: '00:00', to: '24:00' };
    const answer = windowAt(windowOf('UTC', [], [always]), utc('2026-11-21T03:00Z'));
    assert.deepEqual(answer, { open: false, because: { denied: always } });
  });

  test('R26: an opening more than a year ahead is not named, one just inside it is', () => {
    const closed = (toDate: string): Window => windowOf('UTC', [], [{ fromDate: '2026-01-01', toDate }]);
    const at = utc('2026-11-21T00:00Z');
    assert.deepEqual(windowAt(closed('2027-11-21'), at), {
      open: false,
      opensAt: utc('2027-11-22T00:00Z'),
      because: { denied: { fromDate: '2026-01-01', toDate: '2027-11-21' } },
    });
    assert.equal('opensAt' in windowAt(closed('2027-11-22'), at), false);
  });

  test('R26: an hour that daylight saving shows twice is open both times, one that it skips never', () => {
    const window = windowOf('Europe/Berlin', [{ days: ['sun'], from: '02:00', to: '03:00' }]);
    assert.deepEqual(windowAt(window, utc('2026-10-25T00:00Z')), { open: true, closesAt: utc('2026-10-25T02:00Z') });
    assert.deepEqual(windowAt(window, utc('2026-03-29T00:30Z')), {
      open: false,
      opensAt: utc('2026-04-05T00:00Z'),
      because: 'outside',
    });
  });

  test('R26: a window is refused with a reason when its zone or its times are not', () => {
    assert.throws(() => windowAt(windowOf('Mars/Base', []), utc('2026-01-01T00:00Z')), RangeError);
    const span: WeeklySpan = { days: ['mon'], from: '9', to: '10:00' };
    assert.throws(() => windowAt(windowOf('UTC', [span]), utc('2026-01-01T00:00Z')), /9 is not a time of day/);
    const dates: DateSpan = { fromDate: '2026-02-30', toDate: '2026-03-01' };
    assert.throws(() => windowAt(windowOf('UTC', [], [dates]), utc('2026-01-01T00:00Z')), /not a span of dates/);
  });
});

/** Zones with the changes that differ: an hour, half an hour, a whole day, none, within Ramadan, over midnight. */
const changes: readonly (readonly [zone: string, near: string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Africa/Casablanca', '2024-03-10T02:00Z'],
  ['Africa/Casablanca', '2024-04-14T02:00Z'],
  ['Asia/Beirut', '2026-03-28T22:00Z'],
  ['Asia/Kathmandu', '2026-11-21T00:00Z'],
  ['UTC', '2028-02-29T00:00Z'],
];

const wallTimes = fc.integer({ min: 0, max: 96 }).map((quarter): WallTime => formatWall(quarter * 15));
const days = fc.subarray([...weekdays], { minLength: 1 });
const weeklySpans: fc.Arbitrary<WeeklySpan> = fc.record({ days, from: wallTimes, to: wallTimes });
const moments = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -40 * 60, max: 40 * 60 }))
  .map(([[zone, near], offset]) => ({ zone, at: instant(Date.parse(near) + offset * minute) }));

const windows = moments.chain(({ zone, at }) => {
  const dates = fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 2 }))
    .map(([from, length]): DateSpan => {
      const date = (offset: number): string => new Date(at + offset * day).toISOString().slice(0, 10);
      return { fromDate: date(from), toDate: date(from + length) };
    });
  const allow = fc.array(weeklySpans, { maxLength: 3 });
  const deny = fc.array(fc.oneof(weeklySpans, dates), { maxLength: 2 });
  return fc.record({ window: fc.record({ zone: fc.constant(zone), allow, deny }), at: fc.constant(at) });
});

describe('windows, for any spans around a change of the clock', () => {
  test('R26: the answer and the next change agree with reading the clock minute by minute', () => {
    fc.assert(
      fc.property(windows, ({ window, at }) => {
        const answer = windowAt(window, at);
        assert.equal(answer.open, openOnTheWall(window, at));
        const changesAt = answer.open ? answer.closesAt : answer.opensAt;
        const horizon = at + 3 * day;
        for (let time: number = at; time < Math.min(changesAt ?? horizon, horizon); time += minute) {
          assert.equal(openOnTheWall(window, time), answer.open, new Date(time).toISOString());
        }
        if (changesAt !== undefined) assert.equal(openOnTheWall(window, changesAt), !answer.open);
      }),
      { numRuns: 150 },
    );
  });

  test('R26: the named change is a change: the millisecond before is as now, the moment itself is not', () => {
    fc.assert(
      fc.property(windows, ({ window, at }) => {
        const answer = windowAt(window, at);
        const changesAt = answer.open ? answer.closesAt : answer.opensAt;
        if (changesAt === undefined) return;
        assert.ok(changesAt > at);
        assert.equal(windowAt(window, changesAt).open, !answer.open);
        assert.equal(windowAt(window, instant(changesAt - 1)).open, answer.open);
      }),
      { numRuns: 500 },
    );
  });

  test('R26: the answer does not depend on what was asked before', () => {
    fc.assert(
      fc.property(fc.array(windows, { minLength: 2, maxLength: 5 }), (asked) => {
        const once = asked.map(({ window, at }) => windowAt(window, at));
        const again = asked.toReversed().map(({ window, at }) => windowAt(window, at));
        assert.deepEqual(again.toReversed(), once);
      }),
      { numRuns: 100 },
    );
  });
});

describe('schedules', () => {
  const at = (zone: string, time: WallTime, on: readonly Weekday[] = everyDay): Schedule => ({
    zone,
    days: on,
    at: time,
  });

  test('the next time is strictly after the moment asked about, the previous one may be that moment', () => {
    const schedule = at('Europe/Berlin', '09:30', ['mon']);
    const monday = utc('2026-11-23T08:30Z');
    assert.equal(nextTime(schedule, utc('2026-11-21T03:00Z')), monday);
    assert.equal(nextTime(schedule, monday), utc('2026-11-30T08:30Z'));
    assert.equal(previousTime(schedule, monday), monday);
    assert.equal(previousTime(schedule, instant(monday - 1)), utc('2026-11-16T08:30Z'));
  });

  test('a time that the clock skips fires at the first instant after the gap', () => {
    assert.equal(nextTime(at('Europe/Berlin', '02:30'), utc('2026-03-28T12:00Z')), utc('2026-03-29T01:00Z'));
    assert.equal(nextTime(at('America/New_York', '02:00'), utc('2026-03-07T12:00Z')), utc('2026-03-08T07:00Z'));
    assert.equal(nextTime(at('Australia/Lord_Howe', '02:15'), utc('2026-10-03T00:00Z')), utc('2026-10-03T15:30Z'));
    assert.equal(nextTime(at('Asia/Beirut', '00:00'), utc('2026-03-28T12:00Z')), utc('2026-03-28T22:00Z'));
  });

  test('a time that the clock shows twice fires once, the first time', () => {
    const schedule = at('Europe/Berlin', '02:30');
    const first = utc('2026-10-25T00:30Z');
    assert.equal(nextTime(schedule, utc('2026-10-24T12:00Z')), first);
    assert.equal(nextTime(schedule, first), utc('2026-10-26T01:30Z'));
    assert.equal(previousTime(schedule, utc('2026-10-25T01:30Z')), first);
  });

  test('a calendar day that the zone left out does not fire', () => {
    const daily = at('Pacific/Apia', '10:00');
    assert.equal(nextTime(daily, utc('2011-12-29T20:00Z')), utc('2011-12-30T20:00Z'));
    const fridays = at('Pacific/Apia', '10:00', ['fri']);
    assert.equal(nextTime(fridays, utc('2011-12-24T00:00Z')), utc('2012-01-05T20:00Z'));
    assert.equal(previousTime(fridays, utc('2012-01-05T00:00Z')), utc('2011-12-23T20:00Z'));
  });

  test('24:00 is the midnight at which the day ends', () => {
    assert.equal(nextTime(at('UTC', '24:00', ['sun']), utc('2026-11-21T03:00Z')), utc('2026-11-23T00:00Z'));
  });

  test('a schedule without days has no next time', () => {
    assert.throws(() => nextTime(at('UTC', '10:00', []), utc('2026-11-21T03:00Z')), RangeError);
    assert.throws(() => previousTime(at('UTC', '10:00', []), utc('2026-11-21T03:00Z')), RangeError);
  });

  test('next and previous agree with reading the clock minute by minute', () => {
    fc.assert(
      fc.property(moments, wallTimes, days, ({ zone, at: moment }, time, on) => {
        const schedule = { zone, days: on, at: time };
        const from = moment - 3 * day;
        const firings = firingsOnTheWall(schedule, from, moment + 3 * day);
        const later = firings.find((firing) => firing > moment);
        const earlier = firings.findLast((firing) => firing <= moment);
        if (later === undefined) assert.ok(nextTime(schedule, moment) >= moment + 3 * day);
        else assert.equal(nextTime(schedule, moment), later);
        if (earlier === undefined) assert.ok(previousTime(schedule, moment) < from);
        else assert.equal(previousTime(schedule, moment), earlier);
      }),
      { numRuns: 40 },
    );
  });

  test('previous and next enclose every moment with nothing between them', () => {
    fc.assert(
      fc.property(moments, wallTimes, days, ({ zone, at: moment }, time, on) => {
        const schedule = { zone, days: on, at: time };
        const before = previousTime(schedule, moment);
        const after = nextTime(schedule, moment);
        assert.ok(before <= moment && moment < after);
        assert.equal(nextTime(schedule, before), after);
        assert.equal(previousTime(schedule, instant(after - 1)), before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('names and notations', () => {
  test('wall times are HH:MM from 00:00 to 24:00 and nothing else', () => {
    assert.deepEqual(['00:00', '09:05', '23:59', '24:00'].map(parseWallTime), [0, 545, 1439, 1440]);
    for (const text of [
      '',
      '9:00',
      '24:01',
      '25:00',
      '12:60',
      '12:5',
      ' 12:00',
      '12:00\n',
      '12.00',
      '-1:00',
      '１２:00',
    ]) {
      assert.equal(parseWallTime(text), undefined, JSON.stringify(text));
    }
  });

  test('zones are IANA names; offsets and inventions are not', () => {
    for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+1'])
      assert.ok(isZone(zone), zone);
    for (const zone of [
      '',
      '+02:00',
      'Z',
      'GMT+1',
      'Mars/Base',
      'Europe/Berlin\n',
      '2020-01-01T00:00[Europe/Berlin]',
    ]) {
      assert.equal(isZone(zone), false, JSON.stringify(zone));
    }
  });

  test('calendar dates exist in the calendar', () => {
    for (const date of ['2026-11-21', '2028-02-29', '0001-01-01']) assert.ok(isCalendarDate(date), date);
    for (const date of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '20261121', '2026-11-21T00:00', '']) {
      assert.equal(isCalendarDate(date), false, date);
    }
  });
});

/**
 * The slow reference: reads the zone's calendar and clock from Intl for one moment and compares texts
 * and minutes of the day. Shares nothing with the arithmetic under test.
 */
function openOnTheWall(window: Window, at: number): boolean {
  const wall = readWall(window.zone, at);
  const inside = (span: WeeklySpan | DateSpan): boolean => {
    if ('fromDate' in span) return span.fromDate <= wall.date && wall.date <= span.toDate;
    const from = minutesOf(span.from);
    const to = minutesOf(span.to);
    const over = to <= from;
    // A start of 24:00 means that the span lies in the following day altogether.
    return [0, 1, 2].some((back) => {
      const name = weekdays[(weekdays.indexOf(wall.weekday) + 7 - back) % 7] as Weekday;
      const position = wall.minutes + back * 1440;
      return span.days.includes(name) && from <= position && position < to + (over ? 1440 : 0);
    });
  };
  if (window.deny.some(inside)) return false;
  return window.allow.length === 0 || window.allow.some(inside);
}

/** Scans minute by minute: a day fires at the first minute that shows its time or, skipping it, a later one. */
function firingsOnTheWall(schedule: Schedule, from: number, until: number): readonly number[] {
  const firings: number[] = [];
  const fired = new Set<string>();
  const wanted = minutesOf(schedule.at);
  let before = readWall(schedule.zone, from - 2 * day);
  for (let at = from - 2 * day; at < until; at += minute) {
    const wall = readWall(schedule.zone, at);
    const started = wall.date === before.date ? [wall] : [before, wall];
    for (const { date, weekday } of started) {
      const position = wall.minutes + (wall.date > date ? 1440 : 0);
      if (!schedule.days.includes(weekday) || position < wanted || fired.has(date)) continue;
      fired.add(date);
      // The first minute of the scan says nothing about when its own day fired.
      if (at > from - 2 * day && at >= from) firings.push(at);
    }
    before = wall;
  }
  return firings;
}

interface Wall {
  readonly date: string;
  readonly weekday: Weekday;
  readonly minutes: number;
}

const readers = new Map<string, Intl.DateTimeFormat>();

function readWall(zone: string, at: number): Wall {
  let reader = readers.get(zone);
  if (reader === undefined) {
    reader = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    readers.set(zone, reader);
  }
  // en-US: "Sat, 11/21/2026, 03:04"
  const match = /^(\w{3}), (\d\d)\/(\d\d)\/(\d{4}), (\d\d):(\d\d)$/.exec(reader.format(at));
  assert.ok(match, reader.format(at));
  const [, weekday, month, date, year, hours, minutes] = match as unknown as readonly string[];
  return {
    date: `${year}-${month}-${date}`,
    weekday: String(weekday).toLowerCase() as Weekday,
    minutes: Number(hours) * 60 + Number(minutes),
  };
}

function minutesOf(text: WallTime): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function formatWall(minutes: number): WallTime {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
