import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DeploymentId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';
import {
  afterLook,
  afterRestart,
  afterTelling,
  ailmentOf,
  courseOf,
  isKnown,
  restartAfterOf,
  whyRestarting,
  type Ailing,
  type Answer,
  type Course,
} from './ailing.ts';
import type { RestartAfter } from '../pipeline/pipeline.ts';

const deployment = 'dep_1' as DeploymentId;
const pace = 5_000;

const said = { well: '', unwell: 'it answered 503', silent: 'no answer within 2s' } as const;

function answersOf(words: readonly Answer['is'][]): readonly Answer[] {
  return words.map((is, index) => ({ instance: index + 1, is, because: said[is] }));
}

interface Turn {
  readonly at: Instant;
  readonly answers: readonly Answer[];
  readonly ailing: Ailing | undefined;
  readonly course: Course;
}

/** What an engine does that looks every five seconds and starts again what it is told to. */
function run(looks: readonly (readonly Answer['is'][])[], restartAfter: RestartAfter = 3): readonly Turn[] {
  const turns: Turn[] = [];
  let before: Ailing | undefined;
  looks.forEach((words, index) => {
    const at = (index * pace) as Instant;
    const answers = answersOf(words);
    const ailing = afterLook(before, { deployment, at, answers });
    const course = courseOf(ailing, { at, answers, restartAfter });
    turns.push({ at, answers, ailing, course });
    before = ailing;
    if (course.do === 'restart') before = afterRestart(ailing!, course, at);
    if (course.do === 'tell' || course.do === 'tell-well') before = afterTelling(ailing!, course.do === 'tell');
  });
  return turns;
}

function repeated(words: readonly Answer['is'][], times: number): readonly (readonly Answer['is'][])[] {
  return Array.from({ length: times }, () => words);
}

const word = fc.constantFrom('well', 'unwell', 'silent' as const) as fc.Arbitrary<Answer['is']>;
const looks = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.array(fc.array(word, { minLength: count, maxLength: count }), { maxLength: 60 }));
const threshold = fc.integer({ min: 2, max: 5 });

test('a single instance that hangs is started again at its third silence in a row, and that is an outage', () => {
  const turns = run(repeated(['silent'], 3));
  assert.deepEqual(
    turns.map(({ course }) => course.do),
    ['nothing', 'nothing', 'restart'],
  );
  assert.deepEqual(turns[2]!.course, {
    do: 'restart',
    instance: 1,
    because: 'no answer within 2s, 3 times in a row',
    answers: false,
    outage: true,
    again: false,
  });
});

test('an answer in between begins the count anew', () => {
  const turns = run([['silent'], ['silent'], ['well'], ['silent'], ['silent']]);
  assert.ok(turns.every(({ course }) => course.do === 'nothing'));
});

test('the last one that answers is told, once, and left; that it is over is told, too', () => {
  const turns = run([...repeated(['unwell'], 6), ['well'], ['well']]);
  assert.deepEqual(
    turns.map(({ course }) => course.do),
    ['nothing', 'nothing', 'tell', 'nothing', 'nothing', 'nothing', 'tell-well', 'nothing'],
  );
  const { course } = turns[2]!;
  assert.ok(course.do === 'tell');
  assert.match(course.because, /^it answered 503, 3 times in a row; .* still answers and no other instance is well$/);
  assert.equal(turns.at(-1)!.ailing, undefined);
});

test('one that says no while another one is well is started again, and that is no outage', () => {
  const { course } = run(repeated(['well', 'unwell'], 3))[2]!;
  assert.ok(course.do === 'restart' && course.instance === 2 && course.answers && !course.outage);
  assert.equal(course.because, 'instance 2: it answered 503, 3 times in a row');
});

test('of several that hang, one at a time is started again', () => {
  const started = run(repeated(['silent', 'silent'], 5)).flatMap(({ course }) =>
    course.do === 'restart' ? [course.instance] : [],
  );
  assert.deepEqual(started, [1, 2]);
});

test('with restartAfter: never nothing is started again, and it is told', () => {
  const turns = run(repeated(['silent'], 20), 'never');
  assert.deepEqual(
    turns.filter(({ course }) => course.do !== 'nothing').map(({ course }) => course.do),
    ['tell'],
  );
});

test('what hangs again and again is started with growing pauses, told once, and counts as crash-looping at the fifth time', () => {
  const turns = run(repeated(['silent'], 60));
  const starts = turns.flatMap(({ at, course }) => (course.do === 'restart' ? [{ at, again: course.again }] : []));
  assert.deepEqual(
    starts.map(({ at }) => at / 1_000),
    [10, 25, 45, 85, 165],
  );
  assert.deepEqual(
    starts.map(({ again }) => again),
    [false, true, true, true, true],
  );
  assert.match(whyRestarting(turns.at(-1)!.ailing, deployment) ?? '', /^instance 1 was started again 5 times within/);
  assert.equal(whyRestarting(turns.at(-1)!.ailing, 'dep_2' as DeploymentId), undefined);
});

test('what is found in an incident of which people know says so: that no start mends it, that it is started again and again', () => {
  const isKnownIn = (turns: readonly Turn[]) => isKnown(turns.at(-1)!.ailing, deployment);
  const tells = (turns: readonly Turn[]) => turns.flatMap(({ course }) => (course.do === 'tell' ? [course.again] : []));
  const [outage, unwell] = [repeated(['silent'], 3), repeated(['unwell'], 6)];
  assert.deepEqual(tells(run(unwell)), [false]);
  assert.equal(isKnownIn(run([...unwell, ['unwell']])), true);
  assert.deepEqual(tells(run([...outage, ['well'], ...unwell])), [true]);
  assert.equal(isKnownIn(run([...outage, ['well']])), true);
  // Another one answered: nobody was called.
  assert.equal(isKnownIn(run([...repeated(['silent', 'well'], 3), ['well', 'well']])), false);
  assert.equal(isKnown(run([...outage, ['well']]).at(-1)!.ailing, 'dep_2' as DeploymentId), false);
});

test('people are shown what was seen as often as counts, and what is being started again', () => {
  const turns = run(repeated(['silent', 'well'], 3));
  const how = { deployment, restartAfter: 3, instances: 2 } as const;
  assert.equal(ailmentOf(turns[1]!.ailing, how), undefined);
  const seen = ailmentOf(turns[2]!.ailing, how);
  const because = 'instance 1: no answer within 2s, 3 times in a row';
  assert.deepEqual(seen, { is: 'silent', because, since: 0, renewing: false });
  const { course, ailing, at } = turns[2]!;
  assert.ok(course.do === 'restart');
  const shown = ailmentOf(afterRestart(ailing!, course, at), how);
  assert.deepEqual(shown, { ...seen, renewing: true });
  assert.equal(ailmentOf(ailing, { ...how, deployment: 'dep_2' as DeploymentId }), undefined);
});

test('what was seen before a long time without a look does not count', () => {
  const answers = answersOf(['silent']);
  const times = [0, 5_000, 700_000] as number[] as Instant[];
  const ailing = times.reduce<Ailing | undefined>(
    (before, at) => afterLook(before, { deployment, at, answers }),
    undefined,
  );
  assert.equal(ailing?.patients[0]?.failures, 1);
});

test('a service that is asked at no path is held to what is usual', () => {
  const times = { deadline: 60_000 as Duration, timeout: 2_000 as Duration };
  assert.equal(restartAfterOf({ kind: 'process', settle: 2_000 as Duration }), 3);
  assert.equal(restartAfterOf({ kind: 'http', path: '/', ...times }), 3);
  assert.equal(restartAfterOf({ kind: 'http', path: '/', ...times, restartAfter: 'never' }), 'never');
});

test('property: nothing is kept while all are well and nothing was wrong', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }), (count, times) => {
      const all = Array.from({ length: count }, () => 'well' as const);
      assert.ok(
        run(repeated(all, times)).every(({ ailing, course }) => ailing === undefined && course.do === 'nothing'),
      );
    }),
  );
});

test('property: the last instance that answers is never taken out, and none before it failed so often in a row', () => {
  fc.assert(
    fc.property(looks, threshold, (given, restartAfter) => {
      const turns = run(given, restartAfter);
      turns.forEach(({ answers, course }, index) => {
        if (course.do !== 'restart') return;
        const own = answers[course.instance - 1]!;
        const others = answers.filter((answer) => answer !== own);
        assert.ok(own.is === 'silent' || others.some(({ is }) => is === 'well'), 'somebody answers afterwards');
        const last = turns.slice(index + 1 - restartAfter, index + 1);
        assert.equal(last.length, restartAfter);
        assert.ok(last.every((turn) => turn.answers[course.instance - 1]!.is !== 'well'));
      });
    }),
  );
});

test('property: no instance is started again more than six times within ten minutes', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 200, maxLength: 260 }), threshold, (given, restartAfter) => {
      const starts = run(
        given.map((is) => ['well', is] as const),
        restartAfter,
      ).flatMap(({ at, course }) => (course.do === 'restart' ? [at] : []));
      for (const start of starts)
        assert.ok(starts.filter((other) => other >= start && other < start + 600_000).length <= 6);
    }),
  );
});

test('property: what is told and what is over alternate, and the same object comes back while nothing changes', () => {
  fc.assert(
    fc.property(looks, threshold, (given, restartAfter) => {
      const told = run(given, restartAfter).flatMap(({ course }) =>
        course.do === 'tell' || course.do === 'tell-well' ? [course.do] : [],
      );
      assert.ok(told.every((one, index) => one === (index % 2 === 0 ? 'tell' : 'tell-well')));
      const turns = run([...given, ...given.slice(-1).map((all) => all.map(() => 'well' as const))], restartAfter);
      const last = turns.at(-1)?.ailing;
      if (last === undefined || last.told) return;
      const next = { deployment, at: (last.lookedAt + 1) as Instant, answers: turns.at(-1)!.answers };
      assert.ok(afterLook(last, next) === last);
    }),
  );
});
