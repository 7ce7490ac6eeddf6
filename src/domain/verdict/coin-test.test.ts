import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evidenceAgainst, evidenceOfSafety, freshCoin, oddsRatios, toss } from './coin-test.ts';

test('five errors, all of the new release at a tenth of the requests, are 9,151 to one', () => {
  assert.equal(Math.round(evidenceAgainst(toss(freshCoin, { share: 0.1, ofNew: 5, ofStable: 0 }))), 9_151);
});

test('three errors of twenty at a tenth of the requests say nothing', () => {
  const seen = toss(freshCoin, { share: 0.1, ofNew: 3, ofStable: 17 });
  assert.equal(evidenceAgainst(seen).toFixed(4), '0.4739');
});

test('the evidence is the same in whatever pieces and order the events are told', () => {
  const events = fc.array(fc.record({ ofNew: fc.nat(20), ofStable: fc.nat(20) }), { maxLength: 8 });
  fc.assert(
    fc.property(events, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (spans, share) => {
      const inPieces = spans.reduce((coin, span) => toss(coin, { share, ...span }), freshCoin);
      const ofNew = spans.reduce((sum, span) => sum + span.ofNew, 0);
      const ofStable = spans.reduce((sum, span) => sum + span.ofStable, 0);
      const atOnce = toss(freshCoin, { share, ofNew, ofStable });
      for (const [index] of oddsRatios.entries())
        assert.ok(Math.abs(inPieces.logs[index]! - atOnce.logs[index]!) < 1e-6);
      assert.equal(inPieces.events, atOnce.events);
    }),
  );
});

test('one more event is a fair game while both are alike: the evidence stays the same in the mean', () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(share, fc.nat(6), fc.nat(6), (w, ofNew, ofStable) => {
      const now = toss(freshCoin, { share: w, ofNew, ofStable });
      const ifNew = evidenceAgainst(toss(now, { share: w, ofNew: 1, ofStable: 0 }));
      const ifStable = evidenceAgainst(toss(now, { share: w, ofNew: 0, ofStable: 1 }));
      const mean = w * ifNew + (1 - w) * ifStable;
      assert.ok(Math.abs(mean - evidenceAgainst(now)) <= 1e-9 * Math.max(1, mean), `${mean} ${evidenceAgainst(now)}`);
    }),
  );
});

test('an event of the new release is never in its favour, one of the stable release never against it', () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(share, fc.nat(50), fc.nat(50), (w, ofNew, ofStable) => {
      const now = toss(freshCoin, { share: w, ofNew, ofStable });
      assert.ok(evidenceAgainst(toss(now, { share: w, ofNew: 1, ofStable: 0 })) > evidenceAgainst(now));
      assert.ok(evidenceOfSafety(toss(now, { share: w, ofNew: 0, ofStable: 1 })) > evidenceOfSafety(now));
    }),
  );
});

test('R35: without requests on one of the sides nothing is learned', () => {
  assert.equal(toss(freshCoin, { share: 0, ofNew: 0, ofStable: 100 }), freshCoin);
  assert.equal(toss(freshCoin, { share: 1, ofNew: 100, ofStable: 0 }), freshCoin);
  assert.equal(toss(freshCoin, { share: 0.5, ofNew: 0, ofStable: 0 }), freshCoin);
  assert.equal(evidenceAgainst(freshCoin), 1);
});

test('many events do not run out of the range of numbers', () => {
  const many = toss(freshCoin, { share: 0.1, ofNew: 1_000_000, ofStable: 0 });
  assert.ok(Number.isFinite(evidenceAgainst(many)) && evidenceAgainst(many) > 1e100);
  assert.ok(evidenceOfSafety(many) >= 0);
});
