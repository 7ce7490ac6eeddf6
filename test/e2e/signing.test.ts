/** Signing on the command line, from a first key to production: one person, one repository, a real control plane. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasSshKeygen } from '../contracts/signatures/ssh-keys.ts';
import { openStage, until, type Running, type Stage } from './stage.ts';

const pipeline = `version: 1
project: signed
source: { main: main, poll: 1s }
trust: { signatures: strict, separation: none }
environments:
  - { name: development, kind: development, verify: none, target: { kind: command, deploy: "" } }
  - { name: staging, kind: staging, after: [development], gates: [], verify: none, target: { kind: command, deploy: "" } }
  - { name: production, kind: production, after: [staging], gates: [], verify: none, target: { kind: command, deploy: "" } }
`;

describe('signing on the command line', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let stage: Stage;
  let server: Running;
  let me: string;
  before(async () => {
    stage = await openStage();
    const key = join(stage.scratch, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'mine', '-f', key]);
    for (const [name, value] of [
      ['gpg.format', 'ssh'],
      ['user.signingKey', key],
      ['commit.gpgSign', 'true'],
    ] as const)
      await stage.git('config', name, value);
    await stage.commit('the first', { 'liftlock.yaml': pipeline });
    server = stage.start(['up', '--port', '0']);
    await server.says(/Liftlock is up: signed/);
    const { people } = await json<{ people: readonly { handle: string }[] }>(['person', 'list']);
    me = people[0]!.handle;
  });
  after(() => stage.close());

  async function json<Document>(args: readonly string[]): Promise<Document> {
    const { code, stdout, stderr } = await stage.liftlock([...args, '--json']);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as Document;
  }

  interface Verified {
    readonly classes: readonly {
      readonly class: string;
      readonly accepted: boolean;
      readonly checks: readonly { readonly code: string; readonly passed: boolean }[];
    }[];
  }

  const accepted = async (ref: string) =>
    (await json<Verified>(['verify', ref])).classes.flatMap((one) => (one.accepted ? [one.class] : []));

  function runs(environment: string, commit: string): Promise<void> {
    return until(
      async () => {
        const { environments } = await stage.get<{
          environments: readonly { name: string; running: { release: { commit: string } } | null }[];
        }>('/api/v1/projects/signed/status');
        return environments.find(({ name }) => name === environment)!.running?.release.commit === commit;
      },
      () => `${environment} does not run ${commit}: ${server.stderr()}`,
    );
  }

  test('a key is added, what it signed reaches staging, a signed version reaches production', async () => {
    const commit = await stage.git('rev-parse', 'HEAD');
    await runs('development', commit);
    assert.deepEqual(await accepted('main'), ['development']);
    const unknown = await stage.liftlock(['verify', 'main']);
    assert.match(unknown.stdout, /✗ SIGNER_UNKNOWN +commit [0-9a-f]{10} is signed with SHA256:/);

    const added = await stage.liftlock(['signer', 'add', me, join(stage.scratch, 'key.pub')]);
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, new RegExp(`is a key of ${me}`));
    await runs('staging', commit);
    assert.deepEqual(await accepted('main'), ['development', 'staging']);

    const wrong = await stage.liftlock(['release', 'sign', 'latest', '--version', 'v1', '--yes']);
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /v1 is not vMAJOR\.MINOR\.PATCH/);
    const unasked = await stage.liftlock(['release', 'sign', 'latest', '--version', 'v1.0.0']);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /would release #1 the first[^]*nobody can be asked here/);

    const signed = await stage.liftlock(['release', 'sign', 'latest', '--version', 'v1.0.0', '--yes']);
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stdout, /v1\.0\.0 is signed on [0-9a-f]{10}/);
    assert.match(
      await stage.git('cat-file', 'tag', 'v1.0.0'),
      /\nProject-Id: prj_\w+\nArtifact: sha256:[0-9a-f]{64}\n-----BEGIN SSH/,
    );
    await runs('production', commit);
    assert.deepEqual(await accepted('v1.0.0'), ['staging', 'production']);
    const again = await stage.liftlock(['release', 'sign', 'latest', '--version', 'v1.0.0', '--yes']);
    assert.match(again.stderr, /v1\.0\.0 was used before/);
  });

  test('a revoked key starts nothing more', async () => {
    const { signers } = await json<{ signers: readonly { fingerprint: string; owner: string }[] }>(['signer', 'list']);
    assert.deepEqual(
      signers.map(({ owner }) => owner),
      [me],
    );
    const refused = await stage.liftlock(['signer', 'add', me, join(stage.scratch, 'key.pub')]);
    assert.equal(refused.code, 3);
    assert.equal(
      (await readFile(join(stage.scratch, 'key'), 'utf8')).startsWith('-----BEGIN OPENSSH PRIVATE KEY'),
      true,
    );
    const secret = await stage.liftlock(['signer', 'add', me, join(stage.scratch, 'key')]);
    assert.equal(secret.code, 2);
    assert.doesNotMatch(secret.stderr, /b3BlbnNzaC1rZXk/, 'a private key is never shown');
    const revoked = await stage.liftlock(['signer', 'revoke', signers[0]!.fingerprint, '--reason', 'lost', '--yes']);
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.deepEqual(await accepted('main'), ['development']);
    assert.match((await stage.liftlock(['signer', 'list'])).stdout, /revoked \d{4}-\d\d-\d\d by .*: lost/);
  });

  test('main moved back is frozen until it is acknowledged', async () => {
    const nothing = await stage.liftlock(['source', 'acknowledge', '--yes']);
    assert.equal(nothing.code, 3);
    assert.match(nothing.stderr, /there is nothing to acknowledge/);
    await stage.commit('second', { 'a.txt': 'a' });
    await runs('development', await stage.git('rev-parse', 'HEAD'));
    await stage.git('reset', '-q', '--hard', 'HEAD^');
    await until(
      async () => (await stage.liftlock(['verify', 'main'])).stdout.includes('✗ MAIN_REWOUND'),
      () => 'nobody noticed that main was moved back',
    );
    const acknowledged = await stage.liftlock(['source', 'acknowledge', '--reason', 'a mistake', '--yes']);
    assert.equal(acknowledged.code, 0, acknowledged.stderr);
    assert.doesNotMatch((await stage.liftlock(['verify', 'main'])).stdout, /✗ MAIN_REWOUND/);
    const accept = await stage.liftlock(['accept', await stage.git('rev-parse', 'HEAD')]);
    assert.equal(accept.code, 3);
    assert.match(accept.stderr, /does not ask for acceptances \(trust\.signatures: strict\)/);
  });
});
