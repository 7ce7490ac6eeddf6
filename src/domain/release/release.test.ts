import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, sha256 } from '../../../test/make/facts.ts';
import { isId } from '../base/id.ts';
import type { Duration } from '../base/time.ts';
import { releaseId, type ReleaseContent } from './release.ts';

const content: ReleaseContent = {
  commit: 'c'.repeat(40),
  artifact: sha256('artifact'),
  service: {
    start: 'node server.js',
    migrateTimeout: 60_000 as Duration,
    health: { kind: 'process', settle: 1_000 as Duration },
    stopGrace: 5_000 as Duration,
  },
  migrations: [{ path: '0001.sql', digest: sha256('one') }],
  title: 'Add a greeting',
  author: 'Ann <ann@example.org>',
};
const project = idOf('prj', 1);

const changes: Record<keyof ReleaseContent, Partial<ReleaseContent>> = {
  commit: { commit: 'd'.repeat(40) },
  artifact: { artifact: sha256('another artifact') },
  service: { service: { ...content.service, start: 'node other.js' } },
  migrations: { migrations: [...content.migrations, { path: '0002.sql', digest: sha256('two') }] },
  title: { title: 'Add a farewell' },
  author: { author: 'Bob <bob@example.org>' },
};

for (const [what, change] of Object.entries(changes)) {
  test(`R11: another ${what} is another release`, () => {
    assert.notEqual(releaseId(project, { ...content, ...change }, sha256), releaseId(project, content, sha256));
  });
}

test('R11: the same content is the same release on any machine, in whatever order it is written', () => {
  const turned = Object.fromEntries(Object.entries(content).toReversed()) as unknown as ReleaseContent;
  assert.equal(releaseId(project, turned, sha256), releaseId(project, content, sha256));
});

test('R11: the same content in another project is another release', () => {
  assert.notEqual(releaseId(idOf('prj', 2), content, sha256), releaseId(project, content, sha256));
});

test('R11: the id of a release is an id like any other', () => {
  assert.ok(isId('rel', releaseId(project, content, sha256)));
});
