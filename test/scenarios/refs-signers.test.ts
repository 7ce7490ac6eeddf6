/**
 * Who signed a commit of main, with real keys in real repositories, and what the commit starts. Where Git is satisfied
 * with what must be refused, it is asked.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setDisabledIn } from '../../src/engine/access/people.ts';
import { revokeSignerIn } from '../../src/engine/trigger/signers.ts';
import { makePerson, type ApiWorld } from '../world/api-server.ts';
import { gpgWorld, hasGpg } from '../contracts/signatures/openpgp-keys.ts';
import { hasSshKeygen, opensshSign } from '../contracts/signatures/ssh-keys.ts';
import {
  commitWith,
  expire,
  fingerprintOf,
  gitIsSatisfied,
  member,
  plant,
  unsignedChild,
  withSignature,
} from '../world/forging.ts';
import { addKey, judges, makeScene, withTeam, type Scene, type Team } from '../world/signing.ts';

const main = 'refs/heads/main';
const accepted = 'accepted: maintainer-signature';

describe('signers of commits of main', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let api: ApiWorld;
  let team: Team;
  withTeam((cast) => ({ api, team } = cast));

  /** Plays it in a repository of its own; `make` answers the commit that is judged. */
  function holds(expected: string, what: string, make: (scene: Scene) => Promise<string> | string): void {
    judges(() => ({ api, team }), { expected, what, make });
  }

  const maraSigns = (payload: string, namespace?: string) =>
    opensshSign(join(api.git.root, 'key-mara'), payload, namespace === undefined ? {} : { namespace });

  holds(accepted, 'the first commit, which a maintainer signed', (scene) => scene.head());
  holds(accepted, 'a commit that a maintainer signed', (scene) => scene.commit('change', 'mara'));
  holds(accepted, 'a commit whose own dates lie ten years back: ours count', (scene) =>
    commitWith(scene, team.as('mara'), { GIT_COMMITTER_DATE: '2016-01-01T00:00:00Z' }),
  );
  holds('UNSIGNED', 'a commit without a signature', (scene) => scene.commit('change'));
  holds('SIGNER_UNKNOWN', 'a key that is in no registry', (scene) => {
    team.makeKey(`stranger-${scene.name}`);
    return scene.commit('change', `stranger-${scene.name}`);
  });
  holds('SIGNER_NOT_MAINTAINER', 'a developer', (scene) => scene.commit('change', 'dev'));
  holds('SIGNER_NOT_MAINTAINER', 'a release manager', (scene) => scene.commit('change', 'rhea'));
  holds('SIGNER_NOT_MAINTAINER', 'a developer who calls himself mara; Git is satisfied', (scene) => {
    const names = ['-c', 'user.name=Mara', '-c', 'user.email=mara@example.org'];
    const commit = commitWith(scene, [...team.as('dev'), ...names], {});
    gitIsSatisfied(scene, commit);
    return commit;
  });
  holds('SIGNER_NOT_MAINTAINER', 'a maintainer of another project', async (scene) => {
    const handle = `other-${scene.name}`;
    await makePerson(api, ['maintainer'], { handle, project: (await makeScene({ api, team })).name });
    await addKey(api, { person: handle }, team.makeKey(handle));
    return scene.commit('change', handle);
  });
  holds('PLATFORM_SIGNATURE', 'a commit that the platform made', (scene) => scene.commit('change', 'forge'));
  holds('SIGNER_REVOKED', 'a revoked key; Git without its revocation file is satisfied', async (scene) => {
    const handle = await member(scene, 'revoked');
    const commit = scene.commit('change', handle);
    const signer = await fingerprintOf(scene, handle);
    const { world } = api;
    await world.store.transaction((tx) => revokeSignerIn(world, tx, { signer, reason: 'lost', actor: 'tess' }));
    gitIsSatisfied(scene, commit, { trusting: [handle] });
    return commit;
  });
  holds(
    'SIGNER_EXPIRED',
    'an expired key and a backdated commit; Git goes by the commit and is satisfied',
    async (scene) => {
      const handle = await member(scene, 'expired');
      await expire(scene, handle);
      const commit = commitWith(scene, team.as(handle), { GIT_COMMITTER_DATE: '2020-01-01T00:00:00Z' });
      gitIsSatisfied(scene, commit, { trusting: [handle], until: '20210101' });
      return commit;
    },
  );
  holds('SIGNER_DISABLED', 'somebody who has left', async (scene) => {
    const handle = await member(scene, 'gone');
    const { world } = api;
    await world.store.transaction((tx) => setDisabledIn(world, tx, { handle, disabled: true, actor: 'tess' }));
    return scene.commit('change', handle);
  });
  holds('SIGNATURE_BAD', 'the signature of another commit', (scene) => {
    const donor = scene.commit('donor', 'mara');
    const raw = scene.git('cat-file', 'commit', donor);
    scene.git('reset', '-q', '--hard', `${donor}^`);
    return plant(scene, `${raw.replace('donor', 'smuggled')}\n`);
  });
  holds('SIGNATURE_NAMESPACE', 'a signature that was made for files', (scene) => {
    const payload = unsignedChild(scene, 'for files');
    return plant(scene, withSignature(payload, maraSigns(payload, 'file')));
  });
  holds('SIGNATURE_X509', 'a certificate of S/MIME', (scene) =>
    plant(
      scene,
      withSignature(
        unsignedChild(scene, 'certified'),
        '-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n',
      ),
    ),
  );
  holds('SIGNATURE_MULTIPLE', 'two signatures; Git is satisfied', (scene) => {
    const payload = unsignedChild(scene, 'twice');
    const armor = maraSigns(payload);
    const commit = plant(scene, withSignature(withSignature(payload, armor), armor));
    gitIsSatisfied(scene, commit);
    return commit;
  });
  holds(
    'SIGNER_UNKNOWN',
    'a repository with a verification program of its own; Git runs it and is satisfied',
    (scene) => {
      team.makeKey(`evil-${scene.name}`);
      const commit = scene.commit('change', `evil-${scene.name}`);
      const program = join(api.git.root, 'yes');
      const good = `Good "git" signature for mara with ED25519 key SHA256:x`;
      writeFileSync(
        program,
        `#!/bin/sh\ncase "$*" in *find-principals*) echo mara ;; *) cat > /dev/null; echo '${good}' ;; esac\n`,
        {
          mode: 0o755,
        },
      );
      scene.git('config', 'gpg.ssh.program', program);
      gitIsSatisfied(scene, commit);
      return commit;
    },
  );
  holds('UNSIGNED', 'refs/replace puts a signed commit in the place of this one; Git is satisfied', (scene) => {
    const signed = scene.commit('signed', 'mara');
    scene.git('reset', '-q', '--hard', `${signed}^`);
    const unsigned = scene.commit('unsigned');
    scene.git('replace', unsigned, signed);
    gitIsSatisfied(scene, unsigned);
    return unsigned;
  });

  test('a key that comes later counts for what it has signed, and so does a role', async () => {
    const scene = await makeScene({ api, team });
    const handle = `late-${scene.name}`;
    const key = team.makeKey(handle);
    const commit = scene.commit('early', handle);
    const upon = scene.commit('upon', 'mara');
    await scene.look();
    assert.equal(await scene.verdict(main, commit), 'SIGNER_UNKNOWN');
    assert.equal(await scene.verdict(main, upon), 'FIRST_PARENT_UNVERIFIED');
    await makePerson(api, ['developer'], { handle });
    await addKey(api, { person: handle }, key);
    await scene.look();
    assert.equal(await scene.verdict(main, commit), 'SIGNER_NOT_MAINTAINER');
    await api.post('/api/v1/grants', { person: handle, role: 'maintainer', project: scene.name });
    await scene.look();
    assert.equal(await scene.verdict(main, commit), accepted);
    assert.equal(await scene.verdict(main, upon), accepted);
  });

  test(`${accepted}: OpenPGP counts as SSH does`, { skip: hasGpg ? false : 'gpg is not installed' }, async () => {
    const gpg = gpgWorld();
    try {
      const scene = await makeScene({ api, team });
      const handle = `pgp-${scene.name}`;
      const fingerprint = gpg.makeKey(handle, 'ed25519');
      await makePerson(api, ['maintainer'], { handle });
      await addKey(api, { person: handle }, gpg.exportKey(handle));
      const settings = ['-c', 'gpg.format=openpgp', '-c', `user.signingKey=${fingerprint}`];
      const commit = commitWith(scene, settings, { GNUPGHOME: gpg.home });
      await scene.look();
      assert.equal(await scene.verdict(main, commit), accepted);
    } finally {
      gpg.remove();
    }
  });
});
