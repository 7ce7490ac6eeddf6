import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparisons, holds, isAtLeastAsStrict, parseCondition, type Condition } from './condition.ts';

test('a number, a share, and what the stable release has are read', () => {
  const read = (text: string) => {
    const found = parseCondition(text);
    return found && [found.is, found.timesStable, found.plus];
  };
  assert.deepEqual(read('<= 0.05'), ['<=', 0, 0.05]);
  assert.deepEqual(read('>= 99.5%'), ['>=', 0, 0.995]);
  assert.deepEqual(read(' == -3 '), ['==', 0, -3]);
  assert.deepEqual(read('<1e3'), ['<', 0, 1_000]);
  assert.deepEqual(read('<= stable'), ['<=', 1, 0]);
  assert.deepEqual(read('<= 1.2 * stable + 5'), ['<=', 1.2, 5]);
  assert.deepEqual(read('> 90% * stable - 1%'), ['>', 0.9, -0.01]);
  for (const text of [
    '',
    '5',
    '<=',
    '<= stable * 2',
    '=< 5',
    '<= 5 %',
    '<= --5',
    '<= 5; drop',
    '<= NaN',
    '<= stable stable',
  ])
    assert.equal(parseCondition(text), undefined, text);
});

test('what is tolerated is tolerated: a limit itself still holds', () => {
  const at = (text: string, value: number, stable?: number) => holds(parseCondition(text)!, value, stable);
  assert.deepEqual([at('<= 5', 5), at('< 5', 5), at('>= 5', 5), at('> 5', 5)], [true, false, true, false]);
  assert.deepEqual([at('== 5', 5), at('!= 5', 5)], [true, false]);
  assert.deepEqual([at('<= 2 * stable + 1', 7, 3), at('<= 2 * stable + 1', 7.5, 3)], [true, false]);
  assert.equal(at('<= stable', 1), undefined, 'without the other number nobody can say');
});

const condition: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom(...comparisons), fc.integer({ min: -5, max: 5 }))
  .map(([is, limit]) => parseCondition(`${is} ${limit}`)!);

test('R19: a condition that is called as strict lets nothing pass that the one before stopped', () => {
  fc.assert(
    fc.property(condition, condition, fc.integer({ min: -7, max: 7 }), (before, after, value) => {
      if (isAtLeastAsStrict(after, before) && holds(after, value, undefined) === true)
        assert.equal(holds(before, value, undefined), true);
    }),
  );
});
