/** Commits and tags that Git itself signed, fetched, read and verified; and beside them what `git verify-commit` says. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGitSource } from '../../../src/adapters/git/source.ts';
import { createSignatures } from '../../../src/adapters/signatures/signatures.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { PublicKey } from '../../../src/domain/trigger/signature.ts';
import type { RepositoryRef } from '../../../src/ports/source.ts';
import { type GitWorld, gitWorld } from '../git-world.ts';
import { type GpgWorld, gpgWorld, hasGpg } from './openpgp-keys.ts';
import { hasSshKeygen, opensshSigner, ownEd25519 } from './ssh-keys.ts';

const signatures = createSignatures();

describe('objects that Git signed', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  let world: GitWorld;
  let repository: RepositoryRef;
  let source: ReturnType<typeof createGitSource>;
  let keys: readonly PublicKey[];
  let ssh: readonly string[];

  before(async () => {
    world = gitWorld();
    source = createGitSource({ directory: join(world.root, 'copies') });
    repository = { key: 'prj_shop', url: world.init('origin') };
    const signer = opensshSigner(world.root, 'ada', ['-t', 'ed25519']);
    keys = await signatures.readPublicKeys(signer.publicKey);
    const allowed = join(world.root, 'allowed');
    writeFileSync(allowed, `ada@example.org ${signer.publicKey}\n`);
    ssh = settings({
      'gpg.format': 'ssh',
      'user.signingKey': join(world.root, 'ada'),
      'gpg.ssh.allowedSignersFile': allowed,
    });
    world.commit('origin', { a: 'first' });
  });
  after(() => world.remove());

  const settings = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const git = (...args: readonly string[]) => world.git('origin', [...ssh, ...args]);
  const head = () => world.git('origin', ['rev-parse', 'HEAD']);
  const signed = (message: string, ...options: readonly string[]) => {
    git('commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-S', '-m', message, ...options);
    return head();
  };
  const raw = (id: string) =>
    execFileSync('git', ['cat-file', '--batch'], { cwd: join(world.root, 'origin'), input: `${id}\n` })
      .subarray(0, -1)
      .toString('latin1')
      .replace(/^[^\n]*\n/, '');
  const plant = (type: string, content: string) =>
    world.git('.', [`--git-dir=${copy()}`, 'hash-object', '-w', '-t', type, '--literally', '--stdin'], {
      input: Buffer.from(content, 'latin1'),
    });
  const copy = (key = 'prj_shop') => join(world.root, 'copies', `${key}.git`);

  /** `good`, or the code of the first refusal. */
  async function ours(id: string, trusted: readonly PublicKey[] = keys, from = repository): Promise<string> {
    const [reading] = await source.objects(from, [id]);
    if (!reading!.readable) return reading!.code;
    const [answer] = await signatures.verify([reading!.object], { keys: trusted, at: instant(Date.now()) });
    return answer!.good ? 'good' : answer!.code;
  }

  /** What Git says about the same object in our copy. */
  function gitSays(command: 'verify-commit' | 'verify-tag', id: string, key?: string): 'good' | 'bad' {
    const env = { PATH: process.env['PATH'], HOME: world.root, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
    return spawnSync('git', [...ssh, `--git-dir=${copy(key)}`, command, id], { env }).status === 0 ? 'good' : 'bad';
  }

  test('commits of every shape are good here and there', async () => {
    const plain = signed('a change\n');
    const silent = signed('', '--allow-empty-message');
    const windows = signed('a change\r\n\r\nwith line ends of another system\r\n');
    const quoting = signed('quote\n\n-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n');
    git('-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--allow-empty', '-S', '-m', 'caf\u00e9');
    const latin = head();
    git('checkout', '--quiet', '-b', 'topic');
    const topic = signed('topic\n');
    git('tag', '-s', '-m', 'merged', 'merged');
    git('checkout', '--quiet', 'main');
    signed('aside\n');
    git('merge', '--quiet', '--no-edit', '-S', 'merged');
    const merge = head();
    assert.match(raw(merge), /^mergetag object/m);
    await source.fetch(repository);
    for (const id of [plain, silent, windows, quoting, latin, topic, merge]) {
      assert.deepEqual([await ours(id), gitSays('verify-commit', id)], ['good', 'good'], raw(id));
    }
  });

  test('signed tags are good here and there, whatever their message says', async () => {
    git('tag', '-s', '-m', 'one', 'v1.0.0');
    git('tag', '-s', '-m', 'two\n\nProject-Id: prj_1\n', 'v2.0.0');
    git('tag', '-a', '-m', 'not signed', 'v3.0.0');
    await source.fetch(repository);
    const idOf = (tag: string) => world.git('origin', ['rev-parse', tag]);
    for (const [tag, here, there] of [
      ['v1.0.0', 'good', 'good'],
      ['v2.0.0', 'good', 'good'],
      ['v3.0.0', 'SIGNATURE_MISSING', 'bad'],
    ] as const)
      assert.deepEqual([await ours(idOf(tag)), gitSays('verify-tag', idOf(tag))], [here, there], tag);
  });

  test('what was changed after it was signed is bad here and there', async () => {
    const [one, two] = [signed('one\n'), signed('two\n')];
    git('tag', '-s', '-m', 'tagged', 'tagged');
    await source.fetch(repository);
    const signatureIn = (id: string) => /^gpgsig (?:.*\n)(?: .*\n)*/m.exec(raw(id))![0];
    const changed = [
      raw(one).replace('one\n', 'One\n'),
      raw(one).replace(/^author Ada/m, 'author Eve'),
      raw(one).replace(/^tree .*$/m, `tree ${world.git('origin', ['hash-object', '-t', 'tree', '/dev/null'])}`),
      raw(one).replace(/^parent .*$/m, `parent ${two}`),
      raw(one).replace(signatureIn(one), signatureIn(two)),
      raw(one).replace(/^committer .*\n/m, (line) => `${line}encoding latin1\n`),
      raw(one).replace('\n\n', '\n\n\n'),
      `${raw(one)} `,
    ];
    for (const content of changed) {
      assert.notEqual(content, raw(one));
      const id = plant('commit', content);
      assert.deepEqual([await ours(id), gitSays('verify-commit', id)], ['SIGNATURE_BAD', 'bad'], content);
    }
    const tag = raw(world.git('origin', ['rev-parse', 'tagged']));
    for (const content of [tag.replace(/^tag tagged$/m, 'tag v9.0.0'), tag.replace(/^object .*$/m, `object ${one}`)]) {
      const id = plant('tag', content);
      assert.deepEqual([await ours(id), gitSays('verify-tag', id)], ['SIGNATURE_BAD', 'bad'], content);
    }
  });

  test('unsigned commits and unknown keys are bad here and there', async () => {
    const unsigned = world.commit('origin', { a: 'unsigned' });
    opensshSigner(world.root, 'eve', ['-t', 'ecdsa']);
    git('-c', `user.signingKey=${join(world.root, 'eve')}`, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'eve');
    const byEve = head();
    await source.fetch(repository);
    assert.deepEqual([await ours(unsigned), gitSays('verify-commit', unsigned)], ['SIGNATURE_MISSING', 'bad']);
    assert.deepEqual([await ours(byEve), gitSays('verify-commit', byEve)], ['SIGNER_UNKNOWN', 'bad']);
  });

  test('Git says yes and Liftlock no: content that no signature covers, replaced objects, tags of something else', async (context) => {
    const good = signed('sound\n');
    const unsigned = world.commit('origin', { a: 'never signed' });
    git('tag', '-s', '-m', 'a file', 'file', 'HEAD:a');
    git('tag', '-s', '-m', 'inner', 'inner');
    git('tag', '-s', '-m', 'outer', 'outer', 'inner');
    await source.fetch(repository);
    const [file, outer] = ['file', 'outer'].map((tag) => world.git('origin', ['rev-parse', tag])) as [string, string];
    const smuggled = plant('commit', raw(good).replace(/^gpgsig /m, 'gpgsig-note release: approved\ngpgsig '));
    plant('commit', raw(good));
    world.git('.', [`--git-dir=${copy()}`, 'replace', unsigned, good]);
    const cases: readonly [id: string, command: 'verify-commit' | 'verify-tag', code: string][] = [
      [smuggled, 'verify-commit', 'SIGNATURE_OTHER_FORMAT'],
      [unsigned, 'verify-commit', 'SIGNATURE_MISSING'],
      [file, 'verify-tag', 'TAG_TARGET_NOT_COMMIT'],
      [outer, 'verify-tag', 'TAG_TARGET_NOT_COMMIT'],
    ];
    for (const [id, command, code] of cases) {
      assert.equal(await ours(id), code);
      context.diagnostic(`${code}: ${gitSays(command, id)} for ${command}`);
    }
  });

  test('a signature made for a commit is not one for a tag, nor the other way round', async () => {
    const forger = ownEd25519();
    const commit = raw(signed('sound\n'));
    const armor = /^gpgsig ((?:.*\n)(?: .*\n)*)/m.exec(commit)![1]!.replace(/^ /gm, '');
    const tag = `object ${head()}\ntype commit\ntag v5.0.0\ntagger Ada <a@example.org> 1700000000 +0000\n\nfive\n`;
    await source.fetch(repository);
    assert.equal(await ours(plant('tag', `${tag}${armor}`)), 'SIGNATURE_BAD');
    assert.equal(await ours(plant('tag', `${tag}${forger.forge(tag)}`)), 'SIGNER_UNKNOWN');
    const trusted = await signatures.readPublicKeys(forger.publicKey);
    assert.equal(await ours(plant('tag', `${tag}${forger.forge(tag)}`), trusted), 'good');
    assert.equal(
      await ours(plant('tag', `${tag}${forger.forge(tag, { namespace: 'file' })}`), trusted),
      'SIGNATURE_NAMESPACE',
    );
  });

  test('a SHA-256 repository is verified like any other', async () => {
    world.git('.', ['init', '--quiet', '--object-format=sha256', '--initial-branch=main', 'long']);
    const long = { key: 'prj_long', url: join(world.root, 'long') };
    world.commit('long', { a: '1' });
    world.git('long', [...ssh, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed']);
    world.git('long', [...ssh, 'tag', '-s', '-m', 'one', 'v1.0.0']);
    await source.fetch(long);
    const [commit, tag] = ['HEAD', 'v1.0.0'].map((name) => world.git('long', ['rev-parse', name])) as [string, string];
    assert.deepEqual([await ours(commit, keys, long), gitSays('verify-commit', commit, 'prj_long')], ['good', 'good']);
    assert.deepEqual([await ours(tag, keys, long), gitSays('verify-tag', tag, 'prj_long')], ['good', 'good']);
  });

  describe('with OpenPGP', { skip: hasGpg ? false : 'gpg is not installed' }, () => {
    let gpg: GpgWorld;

    before(() => {
      gpg = gpgWorld();
    });
    after(() => gpg.remove());

    test('commits and tags that Git signs with gpg are good, and changed ones are not', async () => {
      gpg.makeKey('ada', 'ed25519');
      const trusted = await signatures.readPublicKeys(gpg.exportKey('ada'));
      const run = (...args: readonly string[]) =>
        execFileSync(
          'git',
          ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'user.signingKey=ada@example.org', ...args],
          {
            cwd: join(world.root, 'origin'),
            env: { PATH: process.env['PATH'], HOME: gpg.home, GNUPGHOME: gpg.home, GIT_CONFIG_NOSYSTEM: '1' },
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        );
      run('commit', '--quiet', '--allow-empty', '-S', '-m', 'with OpenPGP');
      run('tag', '-s', '-m', 'with OpenPGP', 'v7.0.0');
      const [commit, tag] = [head(), world.git('origin', ['rev-parse', 'v7.0.0'])];
      run('verify-commit', commit);
      run('verify-tag', tag);
      await source.fetch(repository);
      assert.deepEqual([await ours(commit, trusted), await ours(tag, trusted)], ['good', 'good']);
      assert.equal(await ours(commit), 'SIGNER_UNKNOWN');
      const changed = plant('commit', raw(commit).replace('with OpenPGP', 'With OpenPGP'));
      assert.equal(await ours(changed, trusted), 'SIGNATURE_BAD');
    });
  });
});
