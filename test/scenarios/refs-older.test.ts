/** What was judged long ago, behind hundreds of newer judgements, follows keys, words and main as the newest do. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { revokeSignerIn } from '../../src/engine/trigger/signers.ts';
import { acceptCommitIn } from '../../src/engine/trigger/vouch.ts';
import { makePerson, type ApiWorld } from '../world/api-server.ts';
import { hasSshKeygen } from '../contracts/signatures/ssh-keys.ts';
import { branch, fingerprintOf, member } from '../world/forging.ts';
import { query } from '../world/make.ts';
import { addKey, makeScene, withTeam, type Scene, type Team } from '../world/signing.ts';

const main = 'refs/heads/main';
const accepted = 'accepted: maintainer-signature';

describe('judgements of long ago', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  withTeam((cast) => ({ api, team } = cast));

  /** Tags that were refused and are gone: rows as they are after hundreds of events. */
  const bury = (scene: Scene) =>
    query(
      api.database.url,
      `insert into judgements (id, project_id, class, ref, object_id, commit_id, found, mode, accepted, checks, registry_version,
         standing, policy, seen_at, judged_at)
       select 'jdg_' || $1 || n, project_id, 'production', 'refs/tags/gone-' || n, md5(n::text), null,
         jsonb_build_object('ref', 'refs/tags/gone-' || n, 'object', md5(n::text), 'content', '{"is": "lightweight"}'::jsonb),
         mode, false, '[{"code": "TAG_NAME_NOT_A_VERSION", "passed": false, "sentence": ""}, {"code": "TAG_LIGHTWEIGHT", "passed": false, "sentence": ""}]', registry_version, standing, policy, seen_at, judged_at
       from judgements, generate_series(1, 301) n where project_id = $2 and object_id = $3`,
      [scene.name, scene.project, scene.git('rev-list', '--max-parents=0', 'HEAD')],
    );
  const outdated = async (scene: Scene) => {
    const standings = await query(api.database.url, 'select distinct standing from judgements where project_id = $1', [
      scene.project,
    ]);
    return standings.length > 1;
  };

  test('a key that is added counts for a commit of long ago, and for what continues it', async () => {
    const scene = await makeScene({ api, team });
    const handle = `late-${scene.name}`;
    await makePerson(api, ['maintainer'], { handle });
    const key = team.makeKey(handle);
    const old = scene.commit('old', handle);
    const middle = scene.commit('middle', 'mara');
    await scene.look();
    await bury(scene);
    const next = scene.commit('next', 'mara');
    await scene.look();
    assert.deepEqual(
      [await scene.verdict(main, old), await scene.verdict(main, middle), await scene.verdict(main, next)],
      ['SIGNER_UNKNOWN', 'FIRST_PARENT_UNVERIFIED', 'FIRST_PARENT_UNVERIFIED'],
    );
    await addKey(api, { person: handle }, key);
    await scene.look();
    assert.deepEqual(
      [await scene.verdict(main, old), await scene.verdict(main, middle), await scene.verdict(main, next)],
      [accepted, accepted, accepted],
    );
    assert.equal(await outdated(scene), false, 'nothing is left of what was judged under other keys');
  });

  test('a key that was added while another one was revoked is looked at all the same', async () => {
    const scene = await makeScene({ api, team });
    const handle = `late-${scene.name}`;
    await makePerson(api, ['maintainer'], { handle });
    const key = team.makeKey(handle);
    const old = scene.commit('old', handle);
    await scene.look();
    const other = await member(scene, 'other');
    scene.commit('by another', other);
    await scene.look();
    await addKey(api, { person: handle }, key);
    const signer = await fingerprintOf(scene, other);
    await api.store.transaction((tx) => revokeSignerIn(api.world, tx, { signer, reason: 'lost', actor: 'tess' }));
    await scene.look();
    assert.equal(await scene.verdict(main, old), accepted);
  });

  test('SIGNER_REVOKED: a commit of long ago, when its key is revoked', async () => {
    const scene = await makeScene({ api, team });
    const handle = await member(scene, 'gone');
    const old = scene.commit('old', handle);
    await scene.look();
    assert.equal(await scene.verdict(main, old), accepted);
    await bury(scene);
    const signer = await fingerprintOf(scene, handle);
    await api.store.transaction((tx) => revokeSignerIn(api.world, tx, { signer, reason: 'lost', actor: 'tess' }));
    await scene.look();
    assert.equal(await scene.verdict(main, old), 'SIGNER_REVOKED');
  });

  test('MAIN_REWOUND: a commit of long ago, while main is rewound; it counts again once that is acknowledged', async () => {
    const scene = await makeScene({ api, team });
    const old = scene.commit('old', 'mara');
    const gone = scene.commit('gone', 'mara');
    await scene.look();
    await bury(scene);
    scene.git('reset', '-q', '--hard', 'HEAD^');
    await scene.look();
    assert.equal(await scene.verdict(main, old), 'MAIN_REWOUND');
    assert.equal(await scene.verdict(main, gone), 'NOT_ON_MAIN MAIN_REWOUND');
    const acknowledged = await api.post(`/api/v1/projects/${scene.name}/source/acknowledge`, { reason: 'wanted' });
    assert.equal(acknowledged.status, 200, JSON.stringify(acknowledged.body));
    await scene.look();
    assert.equal(await scene.verdict(main, old), accepted);
    assert.equal(await scene.verdict(main, gone), 'NOT_ON_MAIN');
  });

  test('while main is rewound nothing is accepted, also before it was judged again', async () => {
    const scene = await makeScene({ api, team });
    await scene.settle();
    const path = `/api/v1/projects/${scene.name}/why?release=${scene.head()}&environment=production`;
    const trust = async () => (await api.get(path)).body.answers.find(({ gate }: { gate: string }) => gate === 'trust');
    assert.equal((await trust()).answer, 'open');
    const rewound = { from: scene.head(), at: 1 };
    await query(api.database.url, 'update main_lines set rewound = $1 where project_id = $2', [rewound, scene.project]);
    const { answer, because } = await trust();
    assert.equal(answer, 'closed');
    assert.match(because, /no longer holds: its key, its signer's role or main has changed/);
  });

  test('accepted: a platform`s merge of long ago, with a maintainer`s word, in the same answer', async () => {
    const scene = await makeScene({ api, team }, '{ signatures: hosted, separation: none }');
    branch(scene, 'feature', { title: 'work' });
    await scene.look();
    const old = scene.merge('feature', 'forge');
    await scene.look();
    await bury(scene);
    const next = scene.commit('next', 'mara');
    await scene.look();
    const word = { project: scene.name, commit: old.slice(0, 10), tree: undefined, reason: 'reviewed', actor: 'mara' };
    const answer = await api.store.transaction((tx) => acceptCommitIn(api.world, tx, word));
    assert.equal(answer.accepted, true);
    assert.equal(await scene.verdict(main, next), accepted);
  });
});
