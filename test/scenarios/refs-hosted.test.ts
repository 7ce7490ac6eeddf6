/** Merges that a hosting platform made and signed, and what a maintainer has to say about them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { acceptCommitIn } from '../../src/engine/trigger/vouch.ts';
import { verifyRef } from '../../src/engine/trigger/verify-ref.ts';
import type { ApiWorld } from '../world/api-server.ts';
import { hasSshKeygen } from '../contracts/signatures/ssh-keys.ts';
import { branch, member } from '../world/forging.ts';
import { makeScene, withTeam, type Scene, type Team } from '../world/signing.ts';

const main = 'refs/heads/main';
const hosted = '{ signatures: hosted, separation: none }';

describe('hosted merges', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  withTeam((cast) => ({ api, team } = cast));

  const accept = (scene: Scene, commit: string, actor = 'mara', tree?: string) =>
    api.store.transaction((tx) =>
      acceptCommitIn(api.world, tx, { project: scene.name, commit, tree, reason: 'reviewed', actor }),
    );

  /** A merge of a branch by the platform, looked at. */
  async function merged(): Promise<{ scene: Scene; commit: string }> {
    const scene = await makeScene({ api, team }, hosted);
    branch(scene, 'feature', { title: 'work' });
    await scene.look();
    const commit = scene.merge('feature', 'forge');
    await scene.look();
    return { scene, commit };
  }

  test('NOT_ACCEPTED: the platform`s merge alone', async () => {
    const { scene, commit } = await merged();
    assert.equal(await scene.verdict(main, commit), 'NOT_ACCEPTED');
  });

  test('accepted: with a maintainer`s word, and never called a maintainer`s signature', async () => {
    const { scene, commit } = await merged();
    assert.equal((await accept(scene, commit.slice(0, 12))).accepted, true);
    assert.equal(await scene.verdict(main, commit), 'accepted: hosted-acceptance');
    await api.work();
    const why = (await api.get(`/api/v1/projects/${scene.name}/why?release=${commit}&environment=staging`)).body;
    const trust = why.answers.find(({ gate }: { gate: string }) => gate === 'trust');
    assert.match(trust.because, /signed by the platform forge.example, accepted here by mara; no person signed it/);
  });

  test('accepted: what comes after it on main counts from then on, too', async () => {
    const { scene, commit } = await merged();
    const next = scene.commit('next', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, next), 'FIRST_PARENT_UNVERIFIED');
    await accept(scene, commit);
    assert.equal(await scene.verdict(main, next), 'accepted: maintainer-signature');
  });

  test('only a maintainer accepts, and only the tree that he looked at', async () => {
    const { scene, commit } = await merged();
    await assert.rejects(accept(scene, commit, 'dev'), { code: 'request/forbidden' });
    await assert.rejects(accept(scene, commit, 'rhea'), { code: 'request/forbidden' });
    await assert.rejects(accept(scene, commit, 'mara', '0'.repeat(40)), { code: 'commit/not-accepted' });
    assert.equal(await scene.verdict(main, commit), 'NOT_ACCEPTED');
  });

  test('NOT_ACCEPTED: when whoever accepted is no maintainer any more, at once', async () => {
    const { scene, commit } = await merged();
    const handle = await member(scene, 'once');
    await accept(scene, commit, handle);
    assert.equal(await scene.verdict(main, commit), 'accepted: hosted-acceptance');
    const { grants } = (await api.get(`/api/v1/grants?person=${handle}`)).body;
    await api.post(`/api/v1/grants/${grants[0].id}/revoke`, { reason: 'left' });
    await scene.look();
    assert.equal(await scene.verdict(main, commit), 'NOT_ACCEPTED');
  });

  test('TREE_NOT_THE_REVIEWED_MERGE: an accepted merge that holds more than the branch', async () => {
    const scene = await makeScene({ api, team }, hosted);
    branch(scene, 'feature', { title: 'work' });
    scene.git('merge', '-q', '--no-ff', '--no-commit', 'feature');
    writeFileSync(join(api.git.root, scene.name, 'smuggled.txt'), 'smuggled');
    scene.git('add', '--all');
    scene.git(...team.as('forge'), 'commit', '-q', '-S', '-m', 'merge feature');
    await scene.look();
    assert.equal((await accept(scene, scene.head())).accepted, false);
    assert.equal(await scene.verdict(main, scene.head()), 'TREE_NOT_THE_REVIEWED_MERGE');
  });

  test('accepted: a maintainer`s own merge needs no further word', async () => {
    const scene = await makeScene({ api, team }, hosted);
    const commit = scene.commit('by hand', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, commit), 'accepted: maintainer-signature');
  });

  test('UNSIGNED: hosted asks for the platform`s signature all the same', async () => {
    const scene = await makeScene({ api, team }, hosted);
    const commit = scene.commit('unsigned');
    await scene.look();
    await accept(scene, commit);
    assert.equal(await scene.verdict(main, commit), 'UNSIGNED');
  });

  test('strict knows no acceptances', async () => {
    const scene = await makeScene({ api, team });
    await assert.rejects(accept(scene, scene.head()), { code: 'commit/not-accepted' });
  });

  test('verify tells of a ref what the engine judged, class by class', async () => {
    const { scene, commit } = await merged();
    const view = await verifyRef(api.world, { project: scene.name, ref: 'main' });
    assert.equal(view.commit, commit);
    const [development, staging, production] = view.classes;
    assert.deepEqual([development!.accepted, development!.environments], [true, ['development']]);
    assert.deepEqual([staging!.accepted, staging!.environments], [false, ['staging']]);
    assert.match(staging!.sentence, /no staging trigger: NOT_ACCEPTED$/);
    assert.match(staging!.checks.find(({ code }) => code === 'NOT_ACCEPTED')!.hint!, /liftlock accept/);
    assert.equal(production!.accepted, false);
    await accept(scene, commit);
    const again = await verifyRef(api.world, { project: scene.name, ref: commit.slice(0, 8) });
    assert.equal(again.classes[1]!.basis, 'hosted-acceptance');
    const feature = await verifyRef(api.world, { project: scene.name, ref: 'feature' });
    assert.deepEqual(
      feature.classes.map(({ accepted }) => accepted),
      [true, false, false],
    );
    assert.match(feature.classes[1]!.sentence, /NOT_MAIN/);
  });
});
