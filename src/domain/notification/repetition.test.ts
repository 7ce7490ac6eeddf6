import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NotificationId } from '../base/id.ts';
import { instant } from '../base/time.ts';
import { foldedInto, groupOf, quietTime, type Earlier } from './repetition.ts';

test('of what never stops, one is told in each quiet time: none twice as often, and silence is never longer', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 60 }), (gaps) => {
      let at = 0;
      let last: Earlier | undefined;
      for (const [index, gap] of gaps.entries()) {
        at += gap;
        const into = foldedInto(last, instant(at));
        if (into !== undefined) {
          assert.ok(last !== undefined && into === last.id && at - last.at < quietTime);
          continue;
        }
        if (last !== undefined) assert.ok(at - last.at >= quietTime);
        last = { id: `ntf_${index}` as NotificationId, at: instant(at) };
      }
    }),
  );
});

test('only what repeats is grouped, apart for each environment', () => {
  assert.equal(groupOf({ repeats: false }, { kind: 'promotion.ended', environment: 'env_1' }), undefined);
  const groups = [
    { kind: 'environment.down', environment: 'env_1', project: 'prj_1' },
    { kind: 'environment.down', environment: 'env_2', project: 'prj_1' },
    { kind: 'source.unreachable', project: 'prj_1' },
    { kind: 'audit.inconsistent' },
  ].map((event) => groupOf({ repeats: true }, event));
  assert.equal(new Set(groups).size, 4);
});
