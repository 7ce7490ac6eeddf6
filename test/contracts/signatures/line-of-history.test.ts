/** Where a history begins, what a ref brings that was not there, and tags that lead to no commit. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGitSource } from '../../../src/adapters/git/source.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { RepositoryRef, SignedHistory, Source } from '../../../src/ports/source.ts';
import { type GitWorld, gitWorld } from '../git-world.ts';

describe('the line of a history', () => {
  let world: GitWorld;
  let source: Source & SignedHistory;
  let repository: RepositoryRef;
  let [root, second, side, merge] = ['', '', '', ''];

  before(async () => {
    world = gitWorld();
    source = createGitSource({ directory: join(world.root, 'copies') });
    repository = { key: 'prj_line', url: world.init('origin') };
    const git = (...args: readonly string[]) => world.git('origin', args);
    root = world.commit('origin', { a: '1' });
    second = world.commit('origin', { a: '2' });
    git('checkout', '-q', '--orphan', 'other');
    side = world.commit('origin', { b: '1' });
    git('checkout', '-q', 'main');
    git('merge', '-q', '--no-ff', '--allow-unrelated-histories', '-m', 'both', 'other');
    merge = git('rev-parse', 'HEAD');
    git('tag', '-a', '-m', 'a file', 'of-a-file', 'HEAD:a');
    git('tag', 'a-tree', 'HEAD^{tree}');
    git('tag', '-a', '-m', 'a commit', 'v1.0.0');
    git('tag', '-a', '-m', 'a tag', 'of-a-tag', 'v1.0.0');
    git('tag', 'light');
    await source.fetch(repository);
  });
  after(() => world.remove());

  test('it begins where first parents end, whatever was merged into it', async () => {
    assert.equal(await source.firstCommit(repository, merge), root);
    assert.equal(await source.firstCommit(repository, root), root);
    assert.equal(await source.firstCommit(repository, side), side);
  });

  test('what a ref adds leaves out what was reachable before, known to us or not', async () => {
    const added = (without: readonly string[], limit = 10) =>
      source.added(repository, { to: merge, without, limit }).then(({ commits }) => commits.toSorted());
    assert.deepEqual(await added([second]), [side, merge].toSorted());
    assert.deepEqual(await added([second, side]), [merge]);
    assert.deepEqual(await added([merge]), []);
    assert.deepEqual(await added([]), [root, second, side, merge].toSorted());
    assert.deepEqual(
      await added([second, 'f'.repeat(40)]),
      [side, merge].toSorted(),
      'what is missing excludes nothing',
    );
  });

  test('more than the limit is said to be incomplete', async () => {
    const { commits, complete } = await source.added(repository, { to: merge, without: [], limit: 3 });
    assert.deepEqual([commits.length, complete], [3, false]);
    assert.equal((await source.added(repository, { to: merge, without: [], limit: 4 })).complete, true);
  });

  test('tags of files and trees are listed, tags that lead to a commit are not', async () => {
    const found = await source.tagsWithoutCommit(repository);
    assert.deepEqual(
      found.map(({ ref }) => ref),
      ['refs/tags/a-tree', 'refs/tags/of-a-file'],
    );
    const [, ofFile] = found;
    assert.equal(ofFile!.object, world.git('origin', ['rev-parse', 'of-a-file']));
  });

  test('only full ids of commits that our copy has are followed', async () => {
    const unknown = (error: unknown) => error instanceof Failure && error.code === 'source/unknown-commit';
    await assert.rejects(source.firstCommit(repository, '--all'), unknown);
    await assert.rejects(source.added(repository, { to: 'f'.repeat(40), without: [], limit: 1 }), unknown);
    await assert.rejects(source.added(repository, { to: merge, without: ['--all'], limit: 1 }), unknown);
  });
});
