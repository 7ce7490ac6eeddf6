/**
 * Tags that somebody pushes, made by real keys in real repositories, each with what it starts. Where `git verify-tag`
 * is satisfied with what must be refused, it is asked.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { observe } from '../../src/engine/trigger/observe.ts';
import { revokeSignerIn } from '../../src/engine/trigger/signers.ts';
import { signing } from '../../src/engine/trigger/sign-release.ts';
import type { ApiWorld } from '../world/api-server.ts';
import { hasSshKeygen, opensshSign } from '../contracts/signatures/ssh-keys.ts';
import { fingerprintOf, gitIsSatisfied, member, plantObject } from '../world/forging.ts';
import { makeScene, withTeam, type Scene, type Team } from '../world/signing.ts';

const accepted = 'accepted: release-manager-signature';

describe('tags', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  /** Its one commit is signed by a maintainer and has passed staging. */
  let scene: Scene;
  withTeam((cast) => ({ api, team } = cast));
  beforeEach(async () => {
    scene = await makeScene({ api, team });
    await api.work();
  });

  /** `make` answers the tag that is judged, by its name or by a full ref and the object. */
  function holds(expected: string, what: string, make: () => Promise<string> | string): void {
    test(`${expected}: ${what}`, async () => {
      const name = await make();
      await scene.look();
      assert.equal(await judged(name), expected);
    });
  }

  const judged = (name: string) => scene.verdict(`refs/tags/${name}`, scene.git('rev-parse', `refs/tags/${name}`));

  function tagged(name: string, by = 'rhea', target = 'HEAD'): string {
    scene.tag(name, by, target);
    return name;
  }

  holds(accepted, 'a version that a release manager signed, of what passed staging', () => tagged('v1.0.0'));
  holds(accepted, 'the next version', async () => {
    tagged('v1.0.0');
    await scene.look();
    return tagged('v1.1.0');
  });
  holds('TAG_NAME_NOT_A_VERSION VERSION_NOT_NEWER', 'a candidate', () => tagged('v1.0.0-rc.1'));
  holds('TAG_LIGHTWEIGHT', 'a name without an object', () => {
    scene.git('tag', 'v1.0.0');
    return 'v1.0.0';
  });
  holds('UNSIGNED', 'an annotated tag that nobody signed', () => {
    scene.git('tag', '-a', '-m', 'release', 'v1.0.0');
    return 'v1.0.0';
  });
  holds('SIGNER_NOT_RELEASE_MANAGER', 'a maintainer; Git is satisfied', () => {
    gitIsSatisfied(scene, scene.tag('v1.0.0', 'mara'), { command: 'verify-tag' });
    return 'v1.0.0';
  });
  holds('PLATFORM_SIGNATURE', 'the platform', () => tagged('v1.0.0', 'forge'));
  holds('SIGNER_UNKNOWN', 'a stranger', () => {
    team.makeKey(`stranger-${scene.name}`);
    return tagged('v1.0.0', `stranger-${scene.name}`);
  });
  holds('SIGNER_REVOKED', 'a key that was revoked after it had signed', async () => {
    const handle = await member(scene, 'revoked', { roles: ['release-manager'] });
    tagged('v1.0.0', handle);
    await scene.look();
    assert.equal(await judged('v1.0.0'), accepted);
    const signer = await fingerprintOf(scene, handle);
    await api.store.transaction((tx) => revokeSignerIn(api.world, tx, { signer, reason: 'lost', actor: 'tess' }));
    return 'v1.0.0';
  });
  holds('TAG_NAME_MISMATCH', 'a tag object republished as a newer version; Git is satisfied', () => {
    const object = scene.tag('v1.0.0', 'rhea');
    scene.git('update-ref', 'refs/tags/v2.0.0', object);
    scene.git('update-ref', '-d', 'refs/tags/v1.0.0');
    gitIsSatisfied(scene, 'v2.0.0', { command: 'verify-tag' });
    return 'v2.0.0';
  });
  holds('TAG_MOVED', 'a tag moved to another object; Git is satisfied', async () => {
    tagged('v1.0.0');
    await scene.look();
    scene.git(...team.as('rhea'), 'tag', '-f', '-s', '-m', 'moved', 'v1.0.0');
    gitIsSatisfied(scene, 'v1.0.0', { command: 'verify-tag' });
    return 'v1.0.0';
  });
  holds('TAG_MOVED', 'a tag deleted and made again', async () => {
    tagged('v1.0.0');
    await scene.look();
    scene.git('tag', '-d', 'v1.0.0');
    await scene.look();
    scene.git(...team.as('rhea'), 'tag', '-s', '-m', 'again', 'v1.0.0');
    return 'v1.0.0';
  });
  holds(accepted, 'a tag deleted and put back as it was', async () => {
    const object = scene.tag('v1.0.0', 'rhea');
    await scene.look();
    scene.git('tag', '-d', 'v1.0.0');
    await scene.look();
    scene.git('update-ref', 'refs/tags/v1.0.0', object);
    return 'v1.0.0';
  });
  holds('TAG_MOVED', 'a name that was a file before it was a release', async () => {
    scene.git('update-ref', 'refs/tags/v1.0.0', scene.git('rev-parse', 'HEAD:begin.txt'));
    await scene.look();
    return tagged('v1.0.0');
  });
  holds('TAG_NOT_A_COMMIT', 'a signed tag of a file; Git is satisfied', () => {
    gitIsSatisfied(scene, scene.tag('v1.0.0', 'rhea', 'HEAD:begin.txt'), { command: 'verify-tag' });
    return 'v1.0.0';
  });
  holds('TAG_NOT_A_COMMIT', 'a signed tag of a tag; Git is satisfied', () => {
    gitIsSatisfied(scene, scene.tag('v1.0.0', 'rhea', scene.tag('inner', 'rhea')), { command: 'verify-tag' });
    return 'v1.0.0';
  });
  holds('COMMIT_UNVERIFIED NOT_PASSED_STAGING', 'a signed tag of an unsigned commit; Git is satisfied', () => {
    scene.commit('unsigned');
    gitIsSatisfied(scene, scene.tag('v1.0.0', 'rhea'), { command: 'verify-tag' });
    return 'v1.0.0';
  });
  holds('COMMIT_UNVERIFIED NOT_PASSED_STAGING', 'a tag of a signed commit of a branch', () => {
    scene.git('checkout', '-q', '-b', 'feature');
    scene.commit('work', 'mara');
    return tagged('v1.0.0');
  });
  holds('NOT_PASSED_STAGING', 'a tag of a commit of main that has not been to staging', () => {
    scene.commit('new', 'mara');
    return tagged('v1.0.0');
  });
  holds('VERSION_NOT_NEWER', 'a version before the newest one', async () => {
    tagged('v1.1.0');
    await scene.look();
    return tagged('v1.0.9');
  });
  holds('MAIN_REWOUND COMMIT_UNVERIFIED', 'a tag while main is rewound', async () => {
    scene.commit('gone', 'mara');
    await scene.look();
    scene.git('reset', '-q', '--hard', 'HEAD^');
    return tagged('v1.0.0');
  });
  holds('PROJECT_MISMATCH', 'a tag that was made for another project', () =>
    withTrailer('v1.0.0', 'Project-Id: prj_00000000000000000000000000'),
  );
  holds('ARTIFACT_MISMATCH', 'a tag that was made for another artifact', () =>
    withTrailer('v1.0.0', `Artifact: sha256:${'0'.repeat(64)}`),
  );
  holds(accepted, 'a tag that says what release sign has it say', async () => {
    const { message } = await signing(api.world, { project: scene.name, release: 'latest', version: 'v1.0.0' });
    assert.match(message, /\nProject-Id: prj_/);
    scene.git(...team.as('rhea'), 'tag', '-s', '--cleanup=verbatim', '-m', message, 'v1.0.0');
    return 'v1.0.0';
  });
  holds('TAG_MOVED REPLAYED', 'the same signed bytes under another signature', async () => {
    const handle = await member(scene, 'twice', { roles: ['release-manager'], key: ['-t', 'ecdsa', '-b', '256'] });
    const object = scene.tag('v1.0.0', handle);
    await scene.look();
    const payload = `${scene
      .git('cat-file', 'tag', object)
      .replace(/-----BEGIN SSH SIGNATURE-----[^]*/, '')
      .trimEnd()}\n`;
    const armor = opensshSign(join(api.git.root, `key-${handle}`), payload);
    scene.git('update-ref', 'refs/tags/v1.0.0', plantObject(scene, 'tag', `${payload}${armor}`));
    return 'v1.0.0';
  });

  function withTrailer(name: string, trailer: string): string {
    scene.git(...team.as('rhea'), 'tag', '-s', '-m', `release ${name}`, '-m', trailer, name);
    return name;
  }

  async function running(environment: string): Promise<string | undefined> {
    const { environments } = (await api.get(`/api/v1/projects/${scene.name}/status`)).body;
    return environments.find((one: { name: string }) => one.name === environment).running?.release.commit;
  }

  test('R39: a tag that two looks at once came across is judged', async () => {
    const { world } = api;
    /** A look that has fetched, and waits to go on. */
    const halfway = async () => {
      const [fetched, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const fetch: typeof world.source.fetch = async (repository) => {
        const tips = await world.source.fetch(repository);
        fetched.resolve();
        await goesOn.promise;
        return tips;
      };
      const done = observe({ ...world, source: { ...world.source, fetch } }, scene.project);
      await fetched.promise;
      return () => (goesOn.resolve(), done);
    };
    tagged('v0.9.0');
    await scene.look();
    scene.commit('new', 'mara');
    const first = await halfway();
    tagged('v1.0.0');
    const second = await halfway();
    await first();
    await second();
    await scene.settle();
    assert.equal(await judged('v1.0.0'), accepted);
  });

  test('why tells of a refused tag in the words in which it was judged', async () => {
    await scene.settle();
    tagged('v1.0.0', 'mara');
    await scene.settle();
    const path = `/api/v1/projects/${scene.name}/why?release=${scene.head()}&environment=production`;
    const { sentence } = (await api.get(path)).body;
    assert.match(sentence, /v1\.0\.0 was seen and starts nothing: SIGNER_NOT_RELEASE_MANAGER: mara is maintainer here/);
  });

  for (const [what, move] of [
    [
      'another commit',
      (by: readonly string[]) => scene.git(...by, 'tag', '-f', '-s', '-m', 'moved', 'v1.0.0', 'HEAD^'),
    ],
    ['the same commit once more', (by: readonly string[]) => scene.git(...by, 'tag', '-f', '-s', '-m', 'x', 'v1.0.0')],
    ['a commit, without an object of its own', () => scene.git('tag', '-f', 'v1.0.0')],
    ['a file', () => scene.git('update-ref', 'refs/tags/v1.0.0', scene.git('rev-parse', 'HEAD:begin.txt'))],
  ] as const)
    test(`TAG_MOVED: what the tag named before it was moved to ${what} starts nothing any more either`, async () => {
      const path = `/api/v1/projects/${scene.name}/environments/production`;
      const commit = scene.commit('new', 'mara');
      await scene.settle();
      await api.post(`${path}/hold`, { reason: 'let us look' });
      const object = scene.tag('v1.0.0', 'rhea');
      await scene.settle();
      assert.equal(await scene.verdict('refs/tags/v1.0.0', object), accepted);
      move(team.as('rhea'));
      await scene.settle();
      assert.equal(await scene.verdict('refs/tags/v1.0.0', object), 'TAG_MOVED');
      assert.equal((await api.post(`${path}/release-hold`, { reason: 'looked' })).status, 200);
      await scene.settle();
      assert.equal(await running('production'), undefined);
      scene.tag('v1.0.1', 'rhea');
      await scene.settle();
      assert.equal(await running('production'), commit, 'a newer name starts it');
    });

  test('a tag counts as soon as its commit has passed staging, and then production runs it', async () => {
    const commit = scene.commit('new', 'mara');
    tagged('v1.0.0');
    await scene.look();
    assert.equal(await judged('v1.0.0'), 'NOT_PASSED_STAGING');
    await api.work();
    assert.equal(await judged('v1.0.0'), accepted);
    assert.equal(await running('production'), commit);
  });

  test('an unsigned commit of main is built for development and never reaches staging, whoever asks', async () => {
    const commit = scene.commit('unsigned');
    await scene.settle();
    assert.equal(await running('development'), commit);
    assert.notEqual(await running('staging'), commit);
    const path = `/api/v1/projects/${scene.name}`;
    const promoted = await api.post(`${path}/promotions`, { release: commit, environment: 'staging' });
    await api.work();
    const { state, outcome, reason } = (await api.get(`/api/v1/promotions/${promoted.body.promotion}`)).body;
    assert.deepEqual([state, outcome], ['ended', 'refused'], 'a person`s wish is no signature');
    assert.match(reason, /UNSIGNED: commit [0-9a-f]{10} carries no signature/);
    const why = (await api.get(`${path}/why?release=${commit}&environment=staging`)).body;
    assert.match(why.sentence, /UNSIGNED/);
  });

  test('a revoked key stops what it started and is not done, and says so', async () => {
    const handle = await member(scene, 'stops');
    const path = `/api/v1/projects/${scene.name}`;
    await api.post(`${path}/environments/staging/hold`, { reason: 'wait' });
    const commit = scene.commit('on its way', handle);
    await scene.settle();
    const { promotion } = (await api.post(`${path}/promotions`, { release: commit, environment: 'production' })).body;
    const waiting = (await api.get(`/api/v1/promotions/${promotion}`)).body;
    assert.equal(waiting.state, 'waiting');
    const signer = encodeURIComponent(await fingerprintOf(scene, handle));
    const revoked = await api.post(`/api/v1/signers/${signer}/revoke`, { reason: 'the laptop was stolen' });
    assert.ok(revoked.body.stopped.includes(promotion), JSON.stringify(revoked.body));
    await api.work();
    const { state, outcome, reason } = (await api.get(`/api/v1/promotions/${promotion}`)).body;
    assert.deepEqual([state, outcome], ['ended', 'refused']);
    assert.match(reason, /SIGNER_REVOKED: .* was revoked by tess at .*: the laptop was stolen/);
  });

  test('what was judged stands in the log before anything is deployed', async () => {
    tagged('v1.0.0');
    await scene.settle();
    const { events } = (await api.get(`/api/v1/events/list?project=${scene.name}&limit=200`)).body;
    const place = (kind: string, where: (event: { data: Record<string, unknown>; environment?: string }) => boolean) =>
      events.findIndex(
        (event: { kind: string; data: Record<string, unknown>; environment?: string }) =>
          event.kind === kind && where(event),
      );
    const judgement = place('trigger.accepted', ({ data }) => data['class'] === 'production');
    const started = place('promotion.started', ({ environment }) => environment === 'production');
    assert.ok(judgement >= 0 && started > judgement, `${judgement} ${started}`);
    const { data } = events[judgement];
    assert.match(data.payload, /^sha256:/);
    assert.match(data.policy, /^sha256:/);
    assert.match(data.fingerprint, /^SHA256:/);
    assert.equal(typeof data.registryVersion, 'number');
    assert.equal(data.object, scene.git('rev-parse', 'v1.0.0'));
    assert.deepEqual(data.codes, []);
  });
});
