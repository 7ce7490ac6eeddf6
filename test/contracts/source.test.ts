import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { createGitSource } from '../../src/adapters/git/source.ts';
import { Failure, type FailureCode } from '../../src/domain/base/failure.ts';
import type { RefTip, RepositoryRef, Source } from '../../src/ports/source.ts';
import { type GitWorld, gitWorld } from './git-world.ts';

let world: GitWorld;
let source: Source;
let repository: RepositoryRef;
let ownCopy: string;

beforeEach(() => {
  world = gitWorld();
  source = createGitSource({ directory: join(world.root, 'copies') });
  repository = { key: 'prj_shop', url: world.init('origin') };
  ownCopy = join(world.root, 'copies', 'prj_shop.git');
});
afterEach(() => world.remove());

const failsWith = (code: FailureCode, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Failure, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, text);
  return true;
};

const tipOf = (tips: readonly RefTip[], ref: string) => tips.find((tip) => tip.ref === ref);
const origin = (...args: string[]) => world.git('origin', args);

/** Every path below a directory with what it is: text of a file, `-> target`, or `/`; `*` marks executables. */
function listing(directory: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, below)).sort()) {
    const path = join(below, name);
    const stat = lstatSync(join(directory, path));
    if (stat.isDirectory()) Object.assign(found, { [`${path}/`]: '/' }, listing(directory, path));
    else if (stat.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(directory, path))}`;
    else found[path] = `${(stat.mode & 0o100) === 0 ? '' : '*'}${readFileSync(join(directory, path), 'latin1')}`;
  }
  return found;
}

/** Stores objects in our own copy directly, past every check of a fetch. */
function plant(args: readonly string[], input: string | Buffer): string {
  return world.git('.', [`--git-dir=${ownCopy}`, ...args], { input });
}

function plantTree(lines: readonly string[]): string {
  const entries = lines.map((line) => {
    const [, mode, id, name] = /^(\d+) ([0-9a-f]+) (.*)$/s.exec(line) as unknown as [string, string, string, string];
    return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);
  });
  return plant(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], Buffer.concat(entries));
}

function plantCommit(tree: string): string {
  const person = 'Mallory <m@example.org> 1700000000 +0000';
  return plant(
    ['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'],
    `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nplanted\n`,
  );
}

describe('fetch', () => {
  test('branches and tags are answered with the commits they lead to', async () => {
    const first = world.commit('origin', { a: '1' });
    origin('tag', 'light');
    origin('tag', '-a', '-m', 'one', 'v1.0.0');
    origin('branch', 'feature/x');
    const second = world.commit('origin', { a: '2' });
    assert.deepEqual(await source.fetch(repository), [
      { ref: 'refs/heads/feature/x', commit: first },
      { ref: 'refs/heads/main', commit: second },
      { ref: 'refs/tags/light', commit: first },
      { ref: 'refs/tags/v1.0.0', commit: first, tagObject: origin('rev-parse', 'v1.0.0') },
    ]);
  });

  test('an empty repository has no tips', async () => {
    assert.deepEqual(await source.fetch(repository), []);
  });

  test('a tag of a tag leads to the commit at its end; tags of files and trees are left out', async () => {
    const commit = world.commit('origin', { a: '1' });
    origin('tag', '-a', '-m', 'inner', 'inner');
    origin('tag', '-a', '-m', 'outer', 'outer', 'inner');
    origin('tag', 'blob', 'HEAD:a');
    origin('tag', '-a', '-m', 'blob', 'blob-annotated', 'HEAD:a');
    origin('tag', 'tree', 'HEAD^{tree}');
    const tips = await source.fetch(repository);
    assert.deepEqual(
      tips.map((tip) => tip.ref),
      ['refs/heads/main', 'refs/tags/inner', 'refs/tags/outer'],
    );
    assert.deepEqual(tipOf(tips, 'refs/tags/outer'), {
      ref: 'refs/tags/outer',
      commit,
      tagObject: origin('rev-parse', 'outer'),
    });
  });

  test('only branches and tags are brought: no notes, replace refs or pull requests', async () => {
    const good = world.commit('origin', { a: 'good' });
    const evil = world.commit('origin', { a: 'evil' });
    origin('replace', good, evil);
    origin('notes', 'add', '-m', 'note', good);
    origin('update-ref', 'refs/pull/1/head', good);
    assert.deepEqual(
      (await source.fetch(repository)).map((tip) => tip.ref),
      ['refs/heads/main'],
    );
    await source.export(repository, good, join(world.root, 'out'));
    assert.deepEqual(listing(join(world.root, 'out')), { a: 'good' });
  });

  test('deleted branches vanish, rewound and moved ones follow, and what they named stays readable', async () => {
    const base = world.commit('origin', { a: '1' });
    origin('checkout', '-q', '-b', 'topic');
    const doomed = world.commit('origin', { a: '2' });
    origin('tag', 'moving');
    origin('checkout', '-q', 'main');
    const rewound = world.commit('origin', { b: '1' });
    await source.fetch(repository);
    origin('branch', '-D', 'topic');
    origin('reset', '-q', '--hard', base);
    origin('tag', '-f', 'moving', base);
    assert.deepEqual(await source.fetch(repository), [
      { ref: 'refs/heads/main', commit: base },
      { ref: 'refs/tags/moving', commit: base },
    ]);
    assert.equal((await source.commit(repository, rewound)).id, rewound);
    assert.equal((await source.commit(repository, doomed)).id, doomed);
  });

  test('a branch may turn into a folder of branches and back', async () => {
    world.commit('origin', { a: '1' });
    origin('branch', 'topic');
    await source.fetch(repository);
    origin('branch', '-m', 'topic', 'topic/one');
    assert.deepEqual(
      (await source.fetch(repository)).map((tip) => tip.ref),
      ['refs/heads/main', 'refs/heads/topic/one'],
    );
    origin('branch', '-m', 'topic/one', 'topic');
    assert.deepEqual(
      (await source.fetch(repository)).map((tip) => tip.ref),
      ['refs/heads/main', 'refs/heads/topic'],
    );
  });

  test('odd names of refs are read as they are', async () => {
    const commit = world.commit('origin', { a: '1' });
    const names = [
      '-dash',
      'ünï/çode',
      '--upload-pack=touch',
      '$(touch${IFS}x)',
      'a;b',
      "quote'd",
      '%(refname)',
      'no\u00a0break',
      'HEAD',
    ];
    for (const name of names) origin('update-ref', `refs/heads/${name}`, commit);
    const tips = await source.fetch(repository);
    assert.deepEqual(tips.map((tip) => tip.ref).sort(), [...names, 'main'].map((name) => `refs/heads/${name}`).sort());
  });

  test('repositories with SHA-256 ids are read', async () => {
    mkdirSync(join(world.root, 'long'));
    world.git('long', ['init', '-q', '--object-format=sha256', '--initial-branch=main']);
    const commit = world.commit('long', { a: '1' });
    assert.equal(commit.length, 64);
    const long = { key: 'prj_long', url: join(world.root, 'long') };
    assert.deepEqual(await source.fetch(long), [{ ref: 'refs/heads/main', commit }]);
    assert.equal((await source.commit(long, commit)).subject, 'a change');
    await source.export(long, commit, join(world.root, 'out'));
    assert.deepEqual(listing(join(world.root, 'out')), { a: '1' });
  });

  test('hooks and configuration of the repository run nothing', async () => {
    const commit = world.commit('origin', { a: '1' });
    const trap = `touch '${join(world.root, 'sprung')}'`;
    for (const key of [
      'uploadpack.packObjectsHook',
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'core.alternateRefsCommand',
      'filter.x.smudge',
      'credential.helper',
    ]) {
      origin('config', key, trap);
    }
    for (const hook of [
      'post-checkout',
      'reference-transaction',
      'pre-auto-gc',
      'post-update',
      'pre-receive',
      'post-merge',
    ]) {
      for (const hooks of [join(repository.url, '.git', 'hooks')]) {
        mkdirSync(hooks, { recursive: true });
        writeFileSync(join(hooks, hook), `#!/bin/sh\n${trap}\n`);
        chmodSync(join(hooks, hook), 0o755);
      }
    }
    await source.fetch(repository);
    await source.export(repository, commit, join(world.root, 'out'));
    assert.equal(existsSync(join(world.root, 'sprung')), false);
  });

  test('hooks and configuration planted in our own copy run nothing', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const trap = `touch '${join(world.root, 'sprung')}'`;
    mkdirSync(join(ownCopy, 'hooks'));
    writeFileSync(join(ownCopy, 'hooks', 'reference-transaction'), `#!/bin/sh\n${trap}\n`);
    chmodSync(join(ownCopy, 'hooks', 'reference-transaction'), 0o755);
    const commit = world.commit('origin', { a: '2' });
    assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
    assert.equal(existsSync(join(world.root, 'sprung')), false);
  });

  test(
    'a repository of another user is read',
    { skip: process.getuid?.() !== 0 && 'only root can give files away' },
    async () => {
      const commit = world.commit('origin', { a: '1' });
      const { execFileSync } = await import('node:child_process');
      execFileSync('chown', ['-R', '12345', repository.url]);
      assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
    },
  );

  test('many fetches at once answer the same, in one process and in several', async () => {
    const commit = world.commit('origin', { a: '1' });
    const others = [1, 2].map(() => createGitSource({ directory: join(world.root, 'copies') }));
    const script = `
      import { createGitSource } from ${JSON.stringify(new URL('../../src/adapters/git/source.ts', import.meta.url).href)};
      const source = createGitSource({ directory: ${JSON.stringify(join(world.root, 'copies'))} });
      console.log(JSON.stringify(await source.fetch(${JSON.stringify(repository)})));`;
    const processes = [1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '-e', script]));
    const answers = await Promise.all([
      ...[source, ...others, source].map((one) => one.fetch(repository)),
      ...processes.map(async (one) => JSON.parse(await one)),
    ]);
    for (const answer of answers) assert.deepEqual(answer, [{ ref: 'refs/heads/main', commit }]);
    assert.deepEqual(readdirSync(join(world.root, 'copies')).sort(), [
      '.git-configuration',
      '.git-home',
      'prj_shop.git',
    ]);
  });

  test('packs are joined, so that fetching for ever does not pile them up', async () => {
    for (let round = 0; round < 25; round++) {
      world.commit('origin', { a: `${round}` });
      await source.fetch(repository);
    }
    const packs = readdirSync(join(ownCopy, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
    assert.ok(packs.length <= 20, `${packs.length} packs`);
  });

  test('a key that is not a plain name is refused', async () => {
    for (const key of ['', '.', '..', '../x', 'a/b', '-x', 'a\0b']) {
      await assert.rejects(source.fetch({ key, url: repository.url }), failsWith('source/invalid', /cannot name/));
    }
  });
});

describe('what goes wrong', () => {
  test('a missing path is unreachable and says so', async () => {
    const url = join(world.root, 'gone');
    await assert.rejects(
      source.fetch({ key: 'k', url }),
      failsWith('source/unreachable', /gone: there is nothing at that path/),
    );
    await assert.rejects(
      source.fetch({ key: 'k', url: `file://${encodeURI(url)}` }),
      failsWith('source/unreachable', /nothing at that path/),
    );
  });

  test('a directory that is no repository, and a file, are invalid', async () => {
    mkdirSync(join(world.root, 'plain'));
    writeFileSync(join(world.root, 'plain', 'file'), 'text');
    await assert.rejects(
      source.fetch({ key: 'k', url: join(world.root, 'plain') }),
      failsWith('source/invalid', /does not appear to be a git repository/),
    );
    await assert.rejects(
      source.fetch({ key: 'k', url: join(world.root, 'plain', 'file') }),
      failsWith('source/invalid', /file/),
    );
  });

  test('addresses that are none, or use another transport, are refused before anything runs', async () => {
    for (const url of [
      '',
      'relative/path',
      '--upload-pack=touch x',
      'ext::sh -c true',
      'git://example.org/x',
      'ftp://example.org/x',
      'a\nb',
      '/a\0b',
      'https://',
      'host::x',
    ]) {
      await assert.rejects(
        source.fetch({ key: 'k', url }),
        failsWith('source/invalid', /not a repository address/),
        url,
      );
    }
  });

  test('a closed port is unreachable, and the credentials of the address are in no message', async () => {
    const port = await closedPort();
    const url = `http://ada:s3cret%2Ftoken@127.0.0.1:${port}/x.git?access_token=querysecret`;
    await assert.rejects(source.fetch({ key: 'k', url }), (error: unknown) => {
      failsWith('source/unreachable', new RegExp(`127\\.0\\.0\\.1:${port}`))(error);
      const everything = `${(error as Failure).message} ${(error as Failure).hint} ${(error as Failure).stack} ${JSON.stringify(error)}`;
      assert.doesNotMatch(everything, /s3cret|querysecret|ada:/);
      return true;
    });
    await assert.rejects(
      source.fetch({ key: 'k', url: 'bad://u:hunter22@h/x' }),
      (error: unknown) => !String((error as Error).message).includes('hunter22'),
    );
  });

  test('a server that never answers is given up at the time limit, with its processes', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    after(() => silent.close());
    const hasty = createGitSource({ directory: join(world.root, 'copies'), timeoutMs: 300 });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x.git`;
    await assert.rejects(hasty.fetch({ key: 'k', url }), failsWith('source/unreachable', /took longer than 0.3 s/));
    await new Promise<void>((resolve) => void silent.close(() => resolve()));
  });

  test('a machine without git says what to do', async () => {
    const without = createGitSource({ directory: join(world.root, 'copies'), gitPath: join(world.root, 'no-git') });
    await assert.rejects(without.fetch(repository), failsWith('source/unreachable', /git could not be started/));
  });

  test('a repository with content that fsck refuses is invalid and brings nothing', async () => {
    const blob = world.git('origin', ['hash-object', '-w', '--stdin'], { input: 'x' });
    const tree = world.git('origin', ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], {
      input: Buffer.concat([Buffer.from('100644 .GIT\0'), Buffer.from(blob, 'hex')]),
    });
    const commit = world.git('origin', ['commit-tree', '-m', 'evil', tree]);
    origin('update-ref', 'refs/heads/main', commit);
    await assert.rejects(source.fetch(repository), failsWith('source/invalid', /hasDotgit/));
    await assert.rejects(source.commit(repository, commit), failsWith('source/unknown-commit', /not in our copy/));
  });

  test('a damaged repository is invalid', async () => {
    world.commit('origin', { a: '1' });
    const blob = origin('rev-parse', 'HEAD:a');
    const object = join(repository.url, '.git', 'objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(object, 0o644);
    writeFileSync(object, 'garbage');
    await assert.rejects(source.fetch(repository), failsWith('source/invalid', /origin/));
  });
});

describe('credentials of an HTTP address', () => {
  let server: Server;
  const seen: { authorization: string | undefined; path: string }[] = [];
  beforeEach(async () => {
    seen.length = 0;
    const bare = join(world.root, 'origin', '.git');
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      seen.push({ authorization: request.headers.authorization, path });
      if (path.startsWith('/moved'))
        return void response.writeHead(302, { location: path.replace('/moved', '/repo') }).end();
      if (path.startsWith('/none')) return void response.writeHead(404).end();
      if (request.headers.authorization !== `Basic ${btoa('ada:p@ss word')}`) {
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      const file = join(bare, path.replace('/repo', ''));
      if (!existsSync(file) || statSync(file).isDirectory()) return void response.writeHead(404).end();
      response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const at = (userinfo: string, path: string) => ({
    key: 'web',
    url: `http://${userinfo}127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
  });

  test('they reach the server', async () => {
    const commit = world.commit('origin', { a: '1' });
    origin('update-server-info');
    assert.deepEqual(await source.fetch(at('ada:p%40ss%20word@', '/repo')), [{ ref: 'refs/heads/main', commit }]);
  });

  test('wrong ones, missing ones, a missing repository and a redirect are unreachable with a hint', async () => {
    for (const [address, hint] of [
      [at('ada:wrong-one@', '/repo'), /credentials/],
      [at('', '/repo'), /credentials/],
      [at('', '/none'), /address/],
      [at('', '/moved'), /moved/],
    ] as const) {
      await assert.rejects(source.fetch(address), (error: unknown) => {
        failsWith('source/unreachable', /could not fetch/)(error);
        assert.match((error as Failure).hint ?? '', hint, (error as Failure).message);
        assert.doesNotMatch((error as Failure).message, /wrong-one/);
        return true;
      });
    }
    assert.ok(!seen.some(({ path }) => path.startsWith('/repo') && !path.includes('info/refs')));
  });
});

describe('after a kill', () => {
  test('git killed in the middle of a fetch leaves a copy that the next fetch completes', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const big = world.commit('origin', { big: Buffer.alloc(3_000_000, 7), a: '2' });
    const script = `
      import { createGitSource } from ${JSON.stringify(new URL('../../src/adapters/git/source.ts', import.meta.url).href)};
      const source = createGitSource({ directory: ${JSON.stringify(join(world.root, 'copies'))} });
      await source.fetch(${JSON.stringify(repository)});`;
    for (const killAtLine of [1, 2]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const pids = await until(() => {
        const lines = linesOf(join(world.root, 'copies', 'prj_shop.lock'));
        return lines.length > killAtLine || child.exitCode !== null ? lines.slice(1).map(Number) : undefined;
      });
      child.kill('SIGKILL');
      for (const pid of pids) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // It had ended already.
        }
      }
      await gone;
    }
    assert.equal(tipOf(await source.fetch(repository), 'refs/heads/main')?.commit, big);
    assert.equal((await source.commit(repository, big)).id, big);
  });

  test('stale locks, half packs, half copies and a dead holder are cleared away', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const copies = join(world.root, 'copies');
    for (const path of [
      'packed-refs.lock',
      'HEAD.lock',
      'config.lock',
      'refs/heads/main.lock',
      'objects/pack/tmp_pack_abc',
      'shallow.lock',
    ]) {
      writeFileSync(join(ownCopy, path), '');
    }
    mkdirSync(join(copies, 'prj_shop.git.123.new'));
    writeFileSync(join(copies, 'prj_shop.lock'), `${await deadPid()} token x\n`);
    const commit = world.commit('origin', { a: '2' });
    assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
    assert.deepEqual(readdirSync(copies).sort(), ['.git-configuration', '.git-home', 'prj_shop.git']);
    assert.ok(!readdirSync(ownCopy, { recursive: true }).some((path) => /lock$|tmp_/.test(String(path))));
  });

  test('a lock of a living holder is waited for, then reported', async () => {
    world.commit('origin', { a: '1' });
    const hasty = createGitSource({ directory: join(world.root, 'copies'), timeoutMs: 5_000 });
    await hasty.fetch(repository);
    const impatient = createGitSource({ directory: join(world.root, 'copies'), timeoutMs: 200 });
    writeFileSync(join(world.root, 'copies', 'prj_shop.lock'), `${process.ppid} token x\n`);
    await assert.rejects(impatient.fetch(repository), failsWith('source/unreachable', /another process/));
  });

  test('a half-made copy is made again', async () => {
    const commit = world.commit('origin', { a: '1' });
    mkdirSync(join(ownCopy, 'objects'), { recursive: true });
    writeFileSync(join(ownCopy, 'HEAD'), '');
    assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
  });

  test('a damaged copy is replaced by a fresh one', async () => {
    const commit = world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const packs = join(ownCopy, 'objects', 'pack');
    for (const name of readdirSync(packs)) {
      chmodSync(join(packs, name), 0o644);
      truncateSync(join(packs, name), 20);
    }
    assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
    assert.equal((await source.commit(repository, commit)).id, commit);
    for (const name of readdirSync(packs)) rmSync(join(packs, name));
    assert.deepEqual(await source.fetch(repository), [{ ref: 'refs/heads/main', commit }]);
  });
});

describe('commits', () => {
  test('a commit is answered with everything it says', async () => {
    const first = world.commit('origin', { a: '1' });
    world.git('origin', ['commit', '--quiet', '--allow-empty', '-m', 'Two lines\nof subject\n\nBody — ünïcode 🚀\n'], {
      at: 1_700_000_000,
    });
    const second = origin('rev-parse', 'HEAD');
    await source.fetch(repository);
    assert.deepEqual(await source.commit(repository, second), {
      id: second,
      tree: origin('rev-parse', 'HEAD^{tree}'),
      parents: [first],
      author: { name: 'Ada Example', email: 'ada@example.org' },
      authoredAt: 1_700_000_000_000,
      subject: 'Two lines of subject',
      message: 'Two lines\nof subject\n\nBody — ünïcode 🚀\n',
    });
  });

  test('a message in another declared encoding is decoded, and so is the name', async () => {
    const tree = world.git('origin', ['mktree'], { input: '' });
    const raw = `tree ${tree}\nauthor J\xfcrgen <j@example.org> 1700000000 +0100\ncommitter J <j@example.org> 1700000000 +0100\nencoding ISO-8859-1\n\nGr\xfc\xdfe\n`;
    const id = world.git('origin', ['hash-object', '-w', '-t', 'commit', '--stdin'], {
      input: Buffer.from(raw, 'latin1'),
    });
    origin('update-ref', 'refs/heads/main', id);
    await source.fetch(repository);
    const commit = await source.commit(repository, id);
    assert.equal(commit.message, 'Grüße\n');
    assert.equal(commit.author.name, 'Jürgen');
  });

  test('anything but the full id of a commit we have is unknown', async () => {
    const commit = world.commit('origin', { a: '1' });
    await assert.rejects(source.commit(repository, commit), failsWith('source/unknown-commit', /not in our copy/));
    await source.fetch(repository);
    const others = [
      commit.slice(0, 12),
      'main',
      'HEAD',
      '--help',
      `${commit}^{tree}`,
      commit.toUpperCase(),
      '0'.repeat(40),
      origin('rev-parse', 'HEAD:a'),
      origin('rev-parse', 'HEAD^{tree}'),
      '',
    ];
    for (const id of others) {
      if (id === commit) continue;
      await assert.rejects(source.commit(repository, id), failsWith('source/unknown-commit', /not in our copy/), id);
      await assert.rejects(
        source.export(repository, id, join(world.root, 'out')),
        failsWith('source/unknown-commit', /not in our copy/),
        id,
      );
      await assert.rejects(
        source.isAncestor(repository, commit, id),
        failsWith('source/unknown-commit', /not in our copy/),
        id,
      );
    }
    assert.equal(existsSync(join(world.root, 'out')), false);
  });

  test('ancestry follows every parent', async () => {
    const base = world.commit('origin', { a: '1' });
    origin('checkout', '-q', '-b', 'side');
    const side = world.commit('origin', { b: '1' });
    origin('checkout', '-q', 'main');
    const main = world.commit('origin', { c: '1' });
    origin('merge', '-q', '--no-edit', 'side');
    const merge = origin('rev-parse', 'HEAD');
    await source.fetch(repository);
    for (const [ancestor, descendant, expected] of [
      [base, merge, true],
      [side, merge, true],
      [merge, merge, true],
      [merge, base, false],
      [side, main, false],
    ] as const) {
      assert.equal(await source.isAncestor(repository, ancestor, descendant), expected);
    }
  });

  test('the log holds what is new, newest first, and no more than asked for', async () => {
    const ids = [1, 2, 3, 4].map((step) => {
      world.git('origin', ['commit', '-q', '--allow-empty', '-m', `step ${step}`], { at: 1_700_000_000 + step });
      return origin('rev-parse', 'HEAD');
    });
    await source.fetch(repository);
    const subjects = async (range: { from?: string; to: string; limit: number }) =>
      (await source.log(repository, range)).map((commit) => commit.subject);
    assert.deepEqual(await subjects({ to: ids[3] as string, limit: 10 }), ['step 4', 'step 3', 'step 2', 'step 1']);
    assert.deepEqual(await subjects({ from: ids[1] as string, to: ids[3] as string, limit: 10 }), ['step 4', 'step 3']);
    assert.deepEqual(await subjects({ from: ids[1] as string, to: ids[3] as string, limit: 1 }), ['step 4']);
    assert.deepEqual(await subjects({ from: ids[3] as string, to: ids[1] as string, limit: 5 }), []);
    assert.deepEqual(await subjects({ to: ids[3] as string, limit: 0 }), []);
    await assert.rejects(
      source.log(repository, { from: '1'.repeat(40), to: ids[3] as string, limit: 5 }),
      failsWith('source/unknown-commit', /1111/),
    );
  });
});

describe('export', () => {
  const exported = async (commit: string) => {
    const out = join(world.root, 'out');
    await source.export(repository, commit, out);
    return listing(out);
  };

  test('the tree is written exactly as stored, whatever its attributes ask for', async () => {
    const commit = world.commit('origin', {
      '.gitattributes':
        'secret.txt export-ignore\nversion.txt export-subst\n*.txt text eol=crlf\n*.dat filter=evil ident\n',
      'secret.txt': 'kept\n',
      'version.txt': '$Format:%H$\n',
      'x.dat': '$Id$\n',
      empty: '',
      'sub/.gitignore': '*\n',
      'sub/binary': Buffer.from([0, 255, 13, 10, 10]),
    });
    await source.fetch(repository);
    assert.deepEqual(await exported(commit), {
      '.gitattributes':
        'secret.txt export-ignore\nversion.txt export-subst\n*.txt text eol=crlf\n*.dat filter=evil ident\n',
      empty: '',
      'secret.txt': 'kept\n',
      'sub/': '/',
      'sub/.gitignore': '*\n',
      'sub/binary': '\0\xff\r\n\n',
      'version.txt': '$Format:%H$\n',
      'x.dat': '$Id$\n',
    });
  });

  test('executables, links, odd names and submodules are kept', async () => {
    world.commit('origin', {
      run: '#!/bin/sh\n',
      'a\nb': 'newline',
      ünï: 'u',
      ' -x"': 'q',
      [`${'d'.repeat(120)}/${'f'.repeat(200)}`]: 'long',
    });
    origin('update-index', '--chmod=+x', 'run');
    const link = world.git('origin', ['hash-object', '-w', '--stdin'], { input: '../outside' });
    origin('update-index', '--add', '--cacheinfo', `120000,${link},link`);
    origin('update-index', '--add', '--cacheinfo', `160000,${origin('rev-parse', 'HEAD')},vendor/module`);
    origin('commit', '-q', '-m', 'more');
    await source.fetch(repository);
    assert.deepEqual(await exported(origin('rev-parse', 'HEAD')), {
      ' -x"': 'q',
      'a\nb': 'newline',
      [`${'d'.repeat(120)}/`]: '/',
      [`${'d'.repeat(120)}/${'f'.repeat(200)}`]: 'long',
      link: '-> ../outside',
      run: '*#!/bin/sh\n',
      'vendor/': '/',
      'vendor/module/': '/',
      ünï: 'u',
    });
  });

  test('names that are not UTF-8 keep their bytes', async () => {
    const blob = world.git('origin', ['hash-object', '-w', '--stdin'], { input: 'x' });
    const tree = world.git('origin', ['mktree', '-z'], {
      input: Buffer.concat([Buffer.from(`100644 blob ${blob}\tcaf\xe9\0`, 'latin1')]),
    });
    const commit = world.git('origin', ['commit-tree', '-m', 'x', tree]);
    origin('update-ref', 'refs/heads/main', commit);
    await source.fetch(repository);
    await source.export(repository, commit, join(world.root, 'out'));
    assert.deepEqual(readdirSync(join(world.root, 'out'), { encoding: 'buffer' }), [Buffer.from('caf\xe9', 'latin1')]);
  });

  test('only an empty or absent directory is written into', async () => {
    const commit = world.commit('origin', { a: '1' });
    await source.fetch(repository);
    mkdirSync(join(world.root, 'empty'));
    await source.export(repository, commit, join(world.root, 'empty'));
    assert.deepEqual(listing(join(world.root, 'empty')), { a: '1' });
    await assert.rejects(source.export(repository, commit, join(world.root, 'empty')), /not empty/);
    await source.export(repository, commit, join(world.root, 'deep', 'er'));
    assert.deepEqual(listing(join(world.root, 'deep', 'er')), { a: '1' });
  });

  test('a tree that would lead out of the directory, or into a .git, is refused and leaves nothing', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const blob = plant(['hash-object', '-w', '--stdin'], 'evil');
    const inner = plantTree([`100644 ${blob} config`]);
    const trees = [
      [`100644 ${blob} ..`],
      [`40000 ${inner} ..`],
      [`40000 ${inner} .`],
      [`40000 ${inner} .git`],
      [`40000 ${inner} .GIT`],
      [`40000 ${inner} .g\u200cit`],
      [`40000 ${inner} git~1`],
      [`40000 ${inner} .git. .`],
      [`100644 ${blob} ../escaped`],
      [`100644 ${blob} /${join(world.root, 'escaped').slice(1)}`],
      [`100600 ${blob} odd-mode/`],
    ];
    for (const lines of trees) {
      const commit = plantCommit(plantTree(lines));
      await assert.rejects(
        source.export(repository, commit, join(world.root, 'out')),
        failsWith('source/invalid', /refused/),
        lines.join(),
      );
      assert.equal(existsSync(join(world.root, 'out')), false);
      assert.equal(existsSync(join(world.root, 'escaped')), false);
    }
  });

  test('a symbolic link never becomes the parent of a file', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    mkdirSync(join(world.root, 'victim'));
    const blob = plant(['hash-object', '-w', '--stdin'], 'evil');
    const link = plant(['hash-object', '-w', '--stdin'], join(world.root, 'victim'));
    const inner = plantTree([`100644 ${blob} file`]);
    const attacks = [
      [`120000 ${link} x`, `40000 ${inner} x`],
      [`40000 ${inner} x`, `120000 ${link} x`],
      [`120000 ${link} x`, `100644 ${blob} x`],
      [`120000 ${link} x`, `100644 ${blob} x/file`],
      [`120000 ${link} x`, `160000 ${'1'.repeat(40)} x/sub`],
    ];
    for (const lines of attacks) {
      const commit = plantCommit(plantTree(lines));
      await assert.rejects(
        source.export(repository, commit, join(world.root, 'out')),
        failsWith('source/invalid', /tree/),
        lines.join(),
      );
      assert.deepEqual(readdirSync(join(world.root, 'victim')), []);
      assert.equal(existsSync(join(world.root, 'out')), false);
    }
  });

  test('content that is missing from our copy is a failure that leaves nothing', async () => {
    world.commit('origin', { a: '1' });
    await source.fetch(repository);
    const commit = plantCommit(plantTree([`100644 ${'1'.repeat(40)} lost`]));
    await assert.rejects(
      source.export(repository, commit, join(world.root, 'out')),
      failsWith('source/invalid', /missing/),
    );
    assert.equal(existsSync(join(world.root, 'out')), false);
  });

  test('five thousand files are fetched and written', async (context) => {
    const files = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`d${index % 50}/f${index}.txt`, `content ${index}\n`.repeat(20)]),
    );
    const commit = world.commit('origin', files);
    const [start, fetched] = [performance.now(), (await source.fetch(repository), performance.now())];
    const written = await exported(commit);
    context.diagnostic(
      `fetch ${Math.round(fetched - start)} ms, export with listing ${Math.round(performance.now() - fetched)} ms`,
    );
    assert.equal(Object.keys(written).length, 5_050);
    assert.equal(written['d7/f4957.txt'], files['d7/f4957.txt']);
  });

  test('any tree comes out as it went in', async () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .map((text) => `n${text.replaceAll(/[/\0\ud800-\udfff]/g, '_')}`);
    const trees = fc.dictionary(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      fc.string({ maxLength: 300 }),
      { maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async (files, salt) => {
        const paths = Object.keys(files);
        fc.pre(!paths.some((path) => paths.some((other) => other.startsWith(`${path}/`))));
        const key = `any_${salt}_${Math.abs(JSON.stringify(files).length)}`;
        const index = {
          input: paths
            .map(
              (path) =>
                `100644 ${world.git('origin', ['hash-object', '-w', '--stdin'], { input: files[path] ?? '' })}\t${path}\0`,
            )
            .join(''),
        };
        origin('read-tree', '--empty');
        world.git('origin', ['update-index', '-z', '--add', '--index-info'], index);
        const commit = world.git('origin', ['commit-tree', '-m', 'any', origin('write-tree')]);
        origin('update-ref', 'refs/heads/any', commit);
        await source.fetch(repository);
        const out = join(world.root, key);
        rmSync(out, { recursive: true, force: true });
        await source.export(repository, commit, out);
        for (const path of paths) assert.equal(readFileSync(join(out, path), 'utf8'), files[path]);
        // The listing shows a directory as `/`, which a file may contain as well.
        const written = Object.entries(listing(out)).filter(([path, content]) => content !== '/' || path in files);
        assert.equal(written.length, paths.length);
        rmSync(out, { recursive: true, force: true });
      }),
      { numRuns: 15 },
    );
  });
});

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(output).toString()) : reject(new Error(Buffer.concat(errors).toString())),
    );
  });
}

async function until<Value>(look: () => Value | undefined): Promise<Value> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('waited for 20 s in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Nothing for a file that is not there. */
function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid as number;
}
