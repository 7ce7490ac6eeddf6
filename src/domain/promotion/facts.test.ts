import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsWith, idOf, releaseWith } from '../../../test/make/facts.ts';
import { factsOf } from './facts.ts';

test('R40: deciding about a release whose facts were not loaded is a defect, not a guess', () => {
  const facts = factsWith({ releases: [releaseWith(1)] });
  assert.equal(factsOf(facts, idOf('rel', 1)).number, 1);
  assert.throws(() => factsOf(facts, idOf('rel', 2)), /facts of rel_0+2 were not loaded for production/);
});
