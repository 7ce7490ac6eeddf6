import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant, plus, type Duration } from '../base/time.ts';
import { add, emptySample, sumOf } from '../observation/sample.ts';
import { emptySeries, withLooks, type Look } from './series.ts';

const sample = fc.record({ requests: fc.integer({ min: 1, max: 50 }), bucket: fc.integer({ min: 0, max: 700 }) });

const looks: fc.Arbitrary<readonly Look[]> = fc
  .array(
    fc.record({
      pause: fc.integer({ min: 1, max: 9_000 }),
      ofNew: sample,
      ofStable: sample,
      weight: fc.nat(100),
      step: fc.nat(4),
    }),
    {
      maxLength: 200,
    },
  )
  .map((parts) => {
    let at = instant(1_000);
    const inOrder = parts.map(({ step }) => step).toSorted((left, right) => left - right);
    return parts.map(({ pause, ofNew, ofStable, weight }, index) => {
      at = plus(at, pause as Duration);
      const counted = ({ requests, bucket }: typeof ofNew) => ({
        all: { requests, failures: 0, latency: { counts: { [bucket]: requests } } },
      });
      const span = { ofNew: counted(ofNew), ofStable: counted(ofStable), unjudged: counted(ofNew) };
      return {
        at,
        span,
        weight,
        step: inOrder[index],
        evidence: { errors: weight, slow: 1, slowest: 1, clientErrors: 1 },
      };
    });
  });

test('there are never more points than were asked for, and nothing that was counted is missing in them', () => {
  fc.assert(
    fc.property(looks, fc.integer({ min: 2, max: 40 }), (all, most) => {
      const { points } = withLooks(emptySeries(instant(1_000), most), all);
      assert.ok(points.length <= most);
      const both = ['ofNew', 'ofStable', 'unjudged'] as const;
      for (const side of both)
        assert.deepEqual(
          add(emptySample, ...points.map((point) => point[side])),
          add(emptySample, ...all.map(({ span }) => sumOf(span[side]!))),
        );
      assert.equal(points.at(-1)?.at, all.at(-1)?.at);
      assert.equal(points.at(-1)?.weight, all.at(-1)?.weight);
    }),
  );
});

test('points follow each other without a gap, and what was read in pages is what was read at once', () => {
  fc.assert(
    fc.property(looks, fc.nat(200), (all, cut) => {
      const empty = emptySeries(instant(1_000), 30);
      const { points } = withLooks(empty, all);
      for (const [index, point] of points.entries()) {
        assert.equal(point.from, points[index - 1]?.at ?? 1_000);
        assert.ok(point.from < point.at);
      }
      const inPages = withLooks(withLooks(empty, all.slice(0, cut)), all.slice(cut));
      assert.deepEqual(inPages.points, points);
    }),
  );
});

test('what was counted in one step is not said of another', () => {
  fc.assert(
    fc.property(looks, fc.integer({ min: 12, max: 40 }), (all, most) => {
      const { points } = withLooks(emptySeries(instant(1_000), most), all);
      for (const step of [0, 1, 2, 3, 4]) {
        const counted = (sides: readonly { readonly requests: number }[]) =>
          sides.reduce((sum, { requests }) => sum + requests, 0);
        assert.equal(
          counted(points.filter((point) => point.step === step).map(({ ofNew }) => ofNew)),
          counted(all.filter((look) => look.step === step).map(({ span }) => sumOf(span.ofNew))),
        );
      }
    }),
  );
});
