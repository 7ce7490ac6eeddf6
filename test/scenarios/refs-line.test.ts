/** How a commit came to lie on main, and what it starts: all of these are signed by a maintainer unless they say otherwise. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { refusals } from '../../src/domain/trigger/check.ts';
import { observe } from '../../src/engine/trigger/observe.ts';
import { acknowledgeMainIn } from '../../src/engine/trigger/vouch.ts';
import type { ApiWorld } from '../world/api-server.ts';
import { hasSshKeygen, opensshSign } from '../contracts/signatures/ssh-keys.ts';
import { branch, gitIsSatisfied, member, plant, withSignature } from '../world/forging.ts';
import { judges, makeScene, withTeam, type Scene, type Team } from '../world/signing.ts';

const main = 'refs/heads/main';
const accepted = 'accepted: maintainer-signature';

describe('the line of main', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  withTeam((cast) => ({ api, team } = cast));

  function holds(expected: string, what: string, make: (scene: Scene) => Promise<string> | string): void {
    judges(() => ({ api, team }), { expected, what, make });
  }

  holds(accepted, 'a merge of a branch that nobody signed', async (scene) => {
    branch(scene, 'feature', { title: 'work' });
    await scene.look();
    return scene.merge('feature', 'mara');
  });
  holds(accepted, 'the last of several commits that came at once', (scene) => {
    scene.commit('one', 'mara');
    scene.commit('two', 'mara');
    return scene.commit('three', 'mara');
  });
  holds('UNSIGNED', 'an unsigned merge of a signed branch', (scene) => {
    branch(scene, 'feature', { title: 'work', by: 'mara' });
    return scene.merge('feature', undefined);
  });
  holds('FIRST_PARENT_UNVERIFIED', 'a commit on top of an unsigned one', (scene) => {
    scene.commit('hidden');
    return scene.commit('signed', 'mara');
  });
  holds('FIRST_PARENT_UNVERIFIED', 'a merge that puts main second', (scene) => {
    branch(scene, 'feature', { title: 'work' });
    scene.commit('main goes on', 'mara');
    scene.git('checkout', '-q', 'feature');
    scene.merge('main', 'mara');
    scene.git('checkout', '-q', 'main');
    scene.git('merge', '-q', '--ff-only', 'feature');
    return scene.head();
  });
  holds('SEEN_ON_OTHER_REF', 'main is moved onto the tip of a branch', async (scene) => {
    branch(scene, 'feature', { title: 'work', by: 'mara' });
    await scene.look();
    scene.git('merge', '-q', '--ff-only', 'feature');
    return scene.head();
  });
  holds('SEEN_ON_OTHER_REF', 'main is moved onto a commit below the tip of a branch', async (scene) => {
    scene.git('checkout', '-q', '-b', 'feature');
    const inner = scene.commit('inner', 'mara');
    scene.commit('outer');
    await scene.look();
    scene.git('checkout', '-q', 'main');
    scene.git('merge', '-q', '--ff-only', inner);
    return inner;
  });
  holds('TREE_NOT_THE_REVIEWED_MERGE', 'a merge that smuggles a change in; Git is satisfied', (scene) => {
    branch(scene, 'feature', { title: 'work' });
    scene.git('merge', '-q', '--no-ff', '--no-commit', 'feature');
    writeFileSync(join(api.git.root, scene.name, 'smuggled.txt'), 'smuggled');
    scene.git('add', '--all');
    scene.git(...team.as('mara'), 'commit', '-q', '-S', '-m', 'merge feature');
    gitIsSatisfied(scene, scene.head());
    return scene.head();
  });
  holds('TREE_NOT_THE_REVIEWED_MERGE', 'a merge that drops the change it merges', (scene) => {
    branch(scene, 'feature', { title: 'work' });
    return scene.merge('feature', 'mara', '-s', 'ours');
  });
  holds('TREE_NOT_THE_REVIEWED_MERGE', 'a conflict that somebody resolved', (scene) => {
    branch(scene, 'feature', { title: 'same' });
    scene.commit('same', 'mara');
    return scene.merge('feature', 'mara', '-X', 'theirs');
  });
  holds('TREE_NOT_THE_REVIEWED_MERGE', 'a merge of more than one branch', (scene) => {
    branch(scene, 'one', { title: 'first' });
    branch(scene, 'two', { title: 'second' });
    scene.git(...team.as('mara'), 'merge', '-q', '--no-ff', '-S', '-m', 'octopus', 'one', 'two');
    return scene.head();
  });
  holds('MAIN_REWOUND NOT_FAST_FORWARD', 'main is moved back and goes on elsewhere', async (scene) => {
    scene.commit('gone', 'mara');
    await scene.look();
    scene.git('reset', '-q', '--hard', 'HEAD^');
    return scene.commit('instead', 'mara');
  });
  holds('MAIN_REWOUND NOT_FAST_FORWARD WRONG_ROOT FIRST_PARENT_UNVERIFIED', 'another history', (scene) => {
    scene.git('checkout', '-q', '--orphan', 'other');
    scene.commit('another beginning', 'mara');
    scene.git('branch', '-f', 'main');
    scene.git('checkout', '-q', 'main');
    return scene.head();
  });
  holds('MAIN_REWOUND', 'what main held before it was deleted', async (scene) => {
    const commit = scene.commit('kept', 'mara');
    await scene.look();
    scene.git('checkout', '-q', '--detach');
    scene.git('branch', '-D', 'main');
    return commit;
  });
  holds('MAIN_REWOUND NOT_FAST_FORWARD REPLAYED', 'the same signed bytes under another signature', async (scene) => {
    const handle = await member(scene, 'twice', { key: ['-t', 'ecdsa', '-b', '256'] });
    const commit = scene.commit('once', handle);
    await scene.look();
    const payload = `${scene.git('cat-file', 'commit', commit).replace(/^gpgsig (?:.*\n )*.*\n/m, '')}\n`;
    scene.git('reset', '-q', '--hard', 'HEAD^');
    return plant(scene, withSignature(payload, opensshSign(join(api.git.root, `key-${handle}`), payload)));
  });

  test('WRONG_ROOT: a project pinned to another beginning', async () => {
    const scene = await makeScene({ api, team }, `{ signatures: strict, root: ${'f'.repeat(40)} }`);
    const commit = scene.commit('change', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, commit), 'WRONG_ROOT');
  });

  test('a rewound main is frozen until a maintainer acknowledges it, and then judged from there', async () => {
    const scene = await makeScene({ api, team });
    const gone = scene.commit('gone', 'mara');
    await scene.look();
    scene.git('reset', '-q', '--hard', 'HEAD^');
    const instead = scene.commit('instead', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, gone), 'NOT_ON_MAIN MAIN_REWOUND');
    const next = scene.commit('next', 'mara');
    await scene.look();
    assert.match(await scene.verdict(main, next), /MAIN_REWOUND/);
    const { world } = api;
    await world.store.transaction((tx) =>
      acknowledgeMainIn(world, tx, { project: scene.name, reason: 'a mistake', actor: 'mara' }),
    );
    await scene.look();
    assert.equal(await scene.verdict(main, next), accepted);
    assert.notEqual(await scene.verdict(main, instead), accepted, 'history is not made signed by being taken as it is');
    const later = scene.commit('later', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, later), accepted);
  });

  test('main put back where it was stays frozen until somebody has looked', async () => {
    const scene = await makeScene({ api, team });
    const tip = scene.commit('tip', 'mara');
    await scene.look();
    scene.git('reset', '-q', '--hard', 'HEAD^');
    await scene.look();
    scene.git('reset', '-q', '--hard', tip);
    await scene.look();
    assert.equal(await scene.verdict(main, tip), 'MAIN_REWOUND');
    const { world } = api;
    await world.store.transaction((tx) =>
      acknowledgeMainIn(world, tx, { project: scene.name, reason: 'put back', actor: 'mara' }),
    );
    await scene.look();
    assert.equal(await scene.verdict(main, tip), accepted);
  });

  test('SEEN_ON_OTHER_REF: main is moved onto a branch that was there at the first look', async () => {
    const scene = await makeScene({ api, team }, undefined, ['one']);
    branch(scene, 'old', { title: 'work', by: 'mara' });
    const name = `again-${scene.name}`;
    const text = (await api.get(`/api/v1/projects/${scene.name}/pipeline`)).body.text.replace(scene.name, name);
    const source = join(api.git.root, scene.name);
    assert.equal((await api.post('/api/v1/projects', { text, source })).status, 200);
    const { id } = (await api.store.transaction((tx) => tx.projects.byName(name)))!;
    await observe(api.world, id);
    scene.git('merge', '-q', '--ff-only', 'old');
    await observe(api.world, id);
    const row = await api.store.transaction((tx) => tx.judgements.get(id, main, scene.head()));
    assert.deepEqual(refusals(row!), ['SEEN_ON_OTHER_REF']);
  });

  test('a first look at a long unsigned history takes it as it is, and judges what comes after it', async () => {
    const scene = await makeScene({ api, team }, undefined, ['one', 'two', 'three']);
    const tip = scene.head();
    assert.equal(await scene.verdict(main, tip), 'UNSIGNED');
    const commit = scene.commit('first signed one', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, commit), accepted);
  });
});
