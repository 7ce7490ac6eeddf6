import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { specWith } from '../../../test/make/facts.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { isWanted, sightings } from './sighting.ts';

const commit = 'c'.repeat(40);
const everything = specWith({
  triggers: [
    { on: 'commit', branches: ['dev/*', 'try'] },
    { on: 'main' },
    { on: 'tag', pattern: 'v*' },
    { on: 'success' },
    { on: 'manual' },
  ],
});
const seen = (ref: string) =>
  sightings(everything, 'main', { ref, commit }).map(({ trigger, key }) => `${trigger} ${key}`);

test('R11: an event is named by what happened, so that the same one has the same name', () => {
  assert.deepEqual(seen('refs/heads/dev/ann'), [`commit commit:${commit}`]);
  assert.deepEqual(seen('refs/heads/main'), [`main main:${commit}`]);
  assert.deepEqual(seen('refs/tags/v1.2'), [`tag tag:v1.2:${commit}`]);
  assert.deepEqual(seen('refs/heads/dev/ann'), seen('refs/heads/try'));
});

test('R11: a tag moved to another commit is another event', () => {
  const [one] = sightings(everything, 'main', { ref: 'refs/tags/v1', commit });
  const [other] = sightings(everything, 'main', { ref: 'refs/tags/v1', commit: 'd'.repeat(40) });
  assert.notEqual(one!.key, other!.key);
});

test('R11: what no trigger names is not seen', () => {
  for (const ref of [
    'refs/heads/feature',
    'refs/heads/dev/a/b',
    'refs/tags/1.2',
    'refs/tags/main',
    'refs/heads/v1',
    'main',
    'refs/notes/v1',
    'refs/pull/1/head',
  ]) {
    assert.deepEqual(seen(ref), [], ref);
  }
});

test('R11: success, schedules and people are not seen in a repository', () => {
  const spec = specWith({ triggers: [{ on: 'success' }, { on: 'manual' }] });
  fc.assert(
    fc.property(fc.string(), (name) =>
      assert.deepEqual(sightings(spec, name, { ref: `refs/heads/${name}`, commit }), []),
    ),
  );
});

test('R11: the main branch may have any name, and only its own name counts', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (main, other) => {
      const spec = specWith({ triggers: [{ on: 'main' }] });
      assert.equal(sightings(spec, main, { ref: `refs/heads/${other}`, commit }).length, main === other ? 1 : 0);
    }),
  );
});

test('R11: a commit is worth building as soon as one environment waits for it', () => {
  const environments = [
    specWith({ triggers: [{ on: 'manual' }] }),
    specWith({ name: 'live', triggers: [{ on: 'tag', pattern: 'v*' }] }),
  ];
  const pipeline = { mainBranch: 'main', environments } as unknown as Pipeline;
  assert.equal(isWanted(pipeline, { ref: 'refs/tags/v1', commit }), true);
  assert.equal(isWanted(pipeline, { ref: 'refs/heads/main', commit }), false);
});

test('where people start everything, the commits of main are built, and no others', () => {
  const pipeline = {
    mainBranch: 'trunk',
    environments: [specWith({ triggers: [{ on: 'manual' }] })],
  } as unknown as Pipeline;
  assert.equal(isWanted(pipeline, { ref: 'refs/heads/trunk', commit }), true);
  assert.equal(isWanted(pipeline, { ref: 'refs/heads/feature', commit }), false);
  assert.equal(isWanted(pipeline, { ref: 'refs/tags/v1', commit }), false);
});
