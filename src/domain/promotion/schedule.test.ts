import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factsWith, hour, later, minute, noon } from '../../../test/make/facts.ts';
import { isoTime, type Duration, type Instant } from '../base/time.ts';
import type { EnvironmentFacts } from './facts.ts';
import { scheduleNews, timeThatCounts } from './schedule.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const nightly = (grace?: Duration) => ({
  on: 'schedule' as const,
  schedule: { zone: 'UTC', days, at: '02:00' },
  ...(grace === undefined ? {} : { grace }),
});
const two = later(-10 * hour);

function at(now: Instant, changes: { grace?: Duration; since?: Instant; seen?: Instant } = {}): EnvironmentFacts {
  const { grace, since = later(-1_000 * hour), seen = since } = changes;
  return factsWith({ spec: { triggers: [nightly(grace)] }, now, schedule: { since, seen } });
}

test('R39: a time that was missed counts until its grace is over, an hour unless the pipeline says', () => {
  assert.equal(timeThatCounts(nightly(), at(two)), two);
  assert.equal(timeThatCounts(nightly(), at(later(hour, two))), two);
  assert.equal(timeThatCounts(nightly(), at(later(hour + 1, two))), undefined);
  assert.equal(timeThatCounts(nightly(minute), at(later(minute + 1, two))), undefined);
  assert.equal(timeThatCounts(nightly((12 * hour) as Duration), at(noon)), two);
});

test('R39: a schedule counts from when it was put in force: its last time before was not missed', () => {
  assert.equal(timeThatCounts(nightly(), at(later(minute, two), { since: two })), undefined);
  assert.equal(timeThatCounts(nightly(), at(later(minute, two), { since: later(-1, two) })), two);
  assert.equal(scheduleNews(at(noon, { since: later(-hour) })), undefined);
});

test('R41: what nobody looked at in time is told once, oldest first', () => {
  const facts = at(noon, { seen: later(-48 * hour, two) });
  const news = scheduleNews(facts)!;
  assert.deepEqual(
    news.skipped.map((time) => isoTime(time).slice(0, 16)),
    ['2026-03-03T02:00', '2026-03-04T02:00'],
  );
  assert.equal(scheduleNews({ ...facts, schedule: { ...facts.schedule, seen: news.seen } }), undefined);
});

test('R41: of several missed times only the last is made up for; the others are told', () => {
  const news = scheduleNews(at(later(minute, two), { seen: later(-48 * hour, two) }))!;
  assert.deepEqual(news, { skipped: [later(-24 * hour, two)], seen: two });
});

test('R41: however often and whenever somebody looks, each time counts in its grace or is skipped, never both', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 30 * 60 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(looks, (pauses) => {
      let facts = at(later(-200 * hour), { since: later(-200 * hour) });
      const [counted, skipped] = [new Set<number>(), new Set<number>()];
      for (const pause of pauses) {
        facts = { ...facts, now: later(pause * minute, facts.now) };
        const time = timeThatCounts(nightly(), facts);
        if (time !== undefined) counted.add(time);
        const news = scheduleNews(facts);
        for (const missed of news?.skipped ?? []) {
          assert.ok(!skipped.has(missed), 'told twice');
          skipped.add(missed);
        }
        if (news !== undefined) facts = { ...facts, schedule: { ...facts.schedule, seen: news.seen } };
      }
      const passed = Math.floor((facts.now - two) / (24 * hour)) - Math.floor((later(-200 * hour) - two) / (24 * hour));
      assert.equal(new Set([...counted, ...skipped]).size, counted.size + skipped.size);
      assert.equal(counted.size + skipped.size, passed);
    }),
  );
});
