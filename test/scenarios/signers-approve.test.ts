/** R22 with real signatures: whoever signed what is to be approved has had a hand in it, whatever address its author wrote. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apiWorld, makePerson, signIn, type ApiWorld, type Loose, type TestPerson } from '../world/api-server.ts';
import { hasSshKeygen } from '../contracts/signatures/ssh-keys.ts';
import { member } from '../world/forging.ts';
import { makeScene, makeTeam, type Scene, type Team } from '../world/signing.ts';

describe('signers approve nothing they signed', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  let people: Readonly<Record<'mara' | 'rhea' | 'olaf', TestPerson>>;
  before(async () => {
    api = await apiWorld();
    team = await makeTeam(api);
    const olaf = await makePerson(api, ['release-manager'], { handle: 'olaf' });
    people = { mara: await signIn(api, 'mara'), rhea: await signIn(api, 'rhea'), olaf };
  });
  after(() => api.close());

  /** The first commit runs in production, approved by somebody else. */
  async function shop(): Promise<Scene> {
    const scene = await makeScene({ api, team }, '{ signatures: strict, separation: two-person }');
    const { body } = await api.get(`/api/v1/projects/${scene.name}/pipeline`);
    const production = /(name: production.*)gates: \[\]/;
    const text = body.text.replace(production, '$1gates: [{ gate: approval, count: 1 }]');
    assert.equal((await api.post('/api/v1/projects', { text })).body.changed, true);
    scene.tag('v1.0.0', 'rhea');
    await scene.settle();
    return scene;
  }

  const approve = async (who: TestPerson, { name }: Scene, release: string) => {
    const path = `/api/v1/projects/${name}/environments/production/approve`;
    const { status, body } = await who.post(path, { release });
    return status === 200 ? 'approved' : (body as Loose).reason;
  };

  test('R22: not whoever signed its tag, nor whoever signed its commit', async () => {
    const scene = await shop();
    assert.equal(await approve(people.rhea, scene, '1'), 'APPROVER_IS_SIGNER');
    assert.equal(await approve(people.mara, scene, '1'), 'APPROVER_IS_SIGNER');
    assert.equal(await approve(people.olaf, scene, '1'), 'approved');
  });

  test('R22: nor whoever signed a commit between what runs there and the release', async () => {
    const scene = await shop();
    assert.equal(await approve(people.olaf, scene, '1'), 'approved');
    await scene.settle();
    const second = await signIn(api, await member(scene, 'second'));
    scene.commit('in between', second.handle);
    await scene.settle();
    scene.commit('the last', 'mara');
    await scene.settle();
    scene.tag('v1.1.0', 'rhea');
    await scene.settle();
    const { body } = await api.get(`/api/v1/projects/${scene.name}/releases`);
    const newest = String(Math.max(...body.releases.map(({ number }: Loose) => number)));
    assert.equal(await approve(second, scene, newest), 'APPROVER_IS_SIGNER');
    assert.equal(await approve(people.olaf, scene, newest), 'approved');
  });
});
