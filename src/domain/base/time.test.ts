import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { between, earliest, formatDuration, instant, isoTime, parseDuration, plus, type Duration } from './time.ts';

const latest = 8.64e15;
/** From 1970 on: a difference across all of time is more than a number holds exactly. */
const instants = fc.integer({ min: 0, max: latest }).map(instant);
const durations = fc.integer({ min: 0, max: latest }).map((length) => length as Duration);

test('an instant is a whole number of milliseconds that a date can hold', () => {
  assert.equal(instant(latest), latest);
  assert.equal(instant(-latest), -latest);
  for (const wrong of [Number.NaN, Infinity, 0.5, latest + 1, -latest - 1])
    assert.throws(() => instant(wrong), RangeError);
});

test('the time between two instants is never negative and leads from the one to the other', () => {
  fc.assert(
    fc.property(instants, durations, (at, length) => {
      assert.equal(between(at, plus(at, length)), Math.min(length, latest - at));
      assert.equal(between(plus(at, length), at), 0);
    }),
  );
});

test('the earliest of some times is one of them and none is before it', () => {
  assert.equal(earliest(), undefined);
  assert.equal(earliest(undefined, undefined), undefined);
  fc.assert(
    fc.property(fc.array(fc.option(instants, { nil: undefined })), (times) => {
      const found = earliest(...times);
      assert.ok(times.length === 0 || times.includes(found));
      assert.ok(times.every((time) => time === undefined || (found !== undefined && found <= time)));
    }),
  );
});

test('durations are read in the units people write', () => {
  const read = ['90s', '1h30m', '7d', '500ms', '5m', '1w2d3h4m5s6ms', '0s', '0ms', '007s'].map(parseDuration);
  assert.deepEqual(read, [90_000, 5_400_000, 604_800_000, 500, 300_000, 788_645_006, 0, 0, 7_000]);
});

test('what is not a duration is not guessed at', () => {
  for (const text of ['', '5', 'm', '-5m', '5 m', '1.5h', '30m1h', '1h1h', '5M', '5min', ' 5m', '5m\n', '1e3s', '٥m']) {
    assert.equal(parseDuration(text), undefined, JSON.stringify(text));
  }
});

test('a duration longer than time itself is refused instead of rounded', () => {
  assert.equal(parseDuration(`${latest}ms`), latest);
  assert.equal(parseDuration(`${latest + 1}ms`), undefined);
  assert.equal(parseDuration(`${'9'.repeat(400)}d`), undefined);
});

test('every duration is written so that it reads back the same', () => {
  assert.equal(formatDuration(0 as Duration), '0s');
  assert.equal(formatDuration(5_400_000 as Duration), '1h30m');
  fc.assert(fc.property(durations, (length) => assert.equal(parseDuration(formatDuration(length)), length)));
});

test('reading arbitrary text never throws and never yields a negative or broken length', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9wdhms.]*$/)), (text) => {
      const length = parseDuration(text);
      assert.ok(length === undefined || (Number.isSafeInteger(length) && length >= 0));
    }),
  );
});

test('times are written in UTC to the minute as the calendar has them', () => {
  assert.equal(isoTime(instant(Date.UTC(2028, 1, 29, 23, 59, 59, 999))), '2028-02-29T23:59Z');
  const written = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) }).map(instant);
  fc.assert(fc.property(written, (at) => assert.equal(isoTime(at), `${new Date(at).toISOString().slice(0, 16)}Z`)));
});
