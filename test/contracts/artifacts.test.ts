import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createArtifacts } from '../../src/adapters/artifacts/artifacts.ts';
import { removeTree } from '../../src/adapters/artifacts/garbage.ts';
import { decodeHeader, encodeHeader, endOfArchive, padding } from '../../src/adapters/artifacts/tar-format.ts';
import type { Digest } from '../../src/domain/base/digest.ts';
import { hexOf } from '../../src/domain/base/digest.ts';
import { Failure, type FailureCode } from '../../src/domain/base/failure.ts';
import type { Artifacts } from '../../src/ports/artifacts.ts';

let root: string;
let store: string;
let artifacts: Artifacts;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'liftlock artifacts ')));
  store = join(root, 'store');
  artifacts = createArtifacts({ directory: store });
});
afterEach(() => removeTree(root));

const failsWith = (code: FailureCode, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Failure, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, text);
  return true;
};

type Tree = Readonly<Record<string, string>>;

/** `path/` makes a directory, content `-> x` a link, content starting with `*` an executable. */
function make(name: string, tree: Tree): string {
  const directory = join(root, name);
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const full = join(directory, path);
    mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
    if (path.endsWith('/')) continue;
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), full);
    else writeFileSync(full, content.replace(/^\*/, ''), { mode: content.startsWith('*') ? 0o755 : 0o644 });
  }
  return directory;
}

function listing(directory: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, below)).sort()) {
    const path = join(below, name);
    const stat = lstatSync(join(directory, path));
    if (stat.isDirectory()) Object.assign(found, { [`${path}/`]: '' }, listing(directory, path));
    else if (stat.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(directory, path))}`;
    else found[path] = `${(stat.mode & 0o100) === 0 ? '' : '*'}${readFileSync(join(directory, path), 'utf8')}`;
  }
  return found;
}

const storedPath = (digest: Digest) => join(store, `${hexOf(digest)}.tar.gz`);
const digestOf = async (name: string, tree: Tree) => (await artifacts.pack(make(name, tree), [])).digest;

const sample: Tree = {
  'bin/run': '*#!/bin/sh\necho hi\n',
  'empty/': '',
  'lib/deep/er/file.js': 'export {};\n',
  'lib/link': '-> deep/er/file.js',
  'lib/up': '-> ../bin/run',
  dangling: '-> nowhere',
  'ünïcode 🚀': 'x',
  'new\nline': 'y',
  '-dash': 'z',
};

describe('pack', () => {
  test('the digest is the SHA-256 of the tar that is stored', async () => {
    const stored = await artifacts.pack(make('a', sample), []);
    const tar = gunzipSync(readFileSync(storedPath(stored.digest)));
    assert.equal(stored.digest, `sha256:${createHash('sha256').update(tar).digest('hex')}`);
    assert.equal(stored.bytes, tar.length);
    assert.equal(stored.files, 5);
    assert.equal(await artifacts.has(stored.digest), true);
  });

  test('the digest of known content never changes', async () => {
    assert.equal(
      await digestOf('a', sample),
      'sha256:3bbae783bad79e3cb94b8809d07854e87a13d2d3f1a6fe47585b8a0ab6c03406',
    );
  });

  test('order of creation, time, owner, rights, umask and place do not matter', async () => {
    const first = await digestOf('a', sample);
    const second = make('elsewhere/much deeper', Object.fromEntries(Object.entries(sample).reverse()));
    for (const path of ['bin/run', 'lib/deep/er/file.js', 'lib', '.']) utimesSync(join(second, path), 1, 1);
    chmodSync(join(second, 'bin/run'), 0o700);
    chmodSync(join(second, '-dash'), 0o600);
    chmodSync(join(second, 'lib'), 0o700);
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', '12345:54321', second]);
    assert.equal((await artifacts.pack(second, [])).digest, first);
  });

  test('content, names, the executable bit, link targets and empty directories matter', async () => {
    const base: Tree = { a: 'x', b: '-> a', 'c/': '' };
    const others: Tree[] = [
      { ...base, a: 'y' },
      { ...base, a: '*x' },
      { ...base, b: '-> ./a' },
      { a: 'x', b: '-> a' },
      { A: 'x', b: '-> a', 'c/': '' },
      { ...base, b: 'a' },
      { ...base, 'c/d/': '' },
    ];
    const digests = await Promise.all([base, ...others].map((tree, index) => digestOf(`tree${index}`, tree)));
    assert.equal(new Set(digests).size, digests.length);
  });

  test('globs leave out files and whole directories', async () => {
    const tree: Tree = {
      'keep.js': '1',
      'drop.log': '2',
      'sub/drop.log': '3',
      'sub/keep': '4',
      'coverage/x/y': '5',
      'node_modules/m/i.js': '6',
      'a/b/c/tmp': '7',
      'a/tmp': '8',
      '.cache/z': '9',
    };
    const { digest, files } = await artifacts.pack(make('a', tree), [
      '**/*.log',
      'coverage/**',
      './node_modules/',
      'a/**/tmp',
      '.cache',
    ]);
    assert.equal(files, 2);
    assert.deepEqual(listing(await artifacts.unpack(digest)), {
      'a/': '',
      'a/b/': '',
      'a/b/c/': '',
      'keep.js': '1',
      'sub/': '',
      'sub/keep': '4',
    });
  });

  test('links that leave the directory are refused, however they go about it', async () => {
    const trees: Tree[] = [
      { x: '-> ..' },
      { x: '-> ../a' },
      { x: '-> /etc/passwd' },
      { 'd/x': '-> ../../y' },
      { 'd/x': '-> ./.././../y' },
      { 'a/f': '', 'p/q/s': '-> ../../a', t: '-> p/q/s/../../x' },
      { x: '-> x' },
      { x: '-> y', y: '-> x' },
      { x: '-> y/../../z', 'y/': '' },
    ];
    for (const [index, tree] of trees.entries()) {
      await assert.rejects(
        artifacts.pack(make(`t${index}`, tree), []),
        failsWith('artifact/invalid', /symbolic link/),
        JSON.stringify(tree),
      );
    }
    assert.equal(existsSync(store), false);
  });

  test('a link that leaves may be excluded', async () => {
    await artifacts.pack(make('a', { x: '-> /etc', y: '1' }), ['x']);
  });

  test('pipes and sockets are refused by name; hard links are files of their own', async () => {
    const directory = make('a', { one: 'same' });
    linkSync(join(directory, 'one'), join(directory, 'two'));
    assert.equal((await artifacts.pack(directory, [])).digest, await digestOf('b', { one: 'same', two: 'same' }));
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    await assert.rejects(
      artifacts.pack(directory, []),
      failsWith('artifact/invalid', /"pipe".*a socket, a pipe or a device/),
    );
    rmSync(join(directory, 'pipe'));
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(join(directory, 's'), resolve));
    await assert.rejects(artifacts.pack(directory, []), failsWith('artifact/invalid', /"s"/));
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });

  test(
    'a name that is not UTF-8 is refused',
    { skip: process.platform !== 'linux' && 'this file system has no such names' },
    async () => {
      const directory = make('a', {});
      writeFileSync(Buffer.concat([Buffer.from(`${directory}/caf`), Buffer.from([0xe9])]), '');
      await assert.rejects(artifacts.pack(directory, []), failsWith('artifact/invalid', /UTF-8/));
    },
  );

  test('a directory that is absent or a file is refused', async () => {
    await assert.rejects(artifacts.pack(join(root, 'gone'), []), failsWith('artifact/invalid', /cannot be read/));
    await assert.rejects(
      artifacts.pack(join(make('a', { f: '' }), 'f'), []),
      failsWith('artifact/invalid', /cannot be read/),
    );
  });

  test('a store that cannot be written to says so and leaves nothing', async () => {
    writeFileSync(join(root, 'file'), '');
    const blocked = createArtifacts({ directory: join(root, 'file', 'store') });
    await assert.rejects(
      blocked.pack(make('a', { f: '' }), []),
      failsWith('artifact/unwritable', /storing an artifact failed/),
    );
  });

  test('packing the same content many times at once stores it once', async () => {
    const directory = make('a', sample);
    const digests = await Promise.all(
      Array.from({ length: 5 }, async () => (await artifacts.pack(directory, [])).digest),
    );
    assert.equal(new Set(digests).size, 1);
    assert.deepEqual(readdirSync(store), [`${hexOf(digests[0] as Digest)}.tar.gz`]);
  });

  test('the tar of this machine reads the stored file', async () => {
    const long = `${'d'.repeat(150)}/${'é'.repeat(90)}/${'f'.repeat(200)}`;
    const { digest } = await artifacts.pack(make('a', { ...sample, [long]: 'long' }), []);
    mkdirSync(join(root, 'out'));
    execFileSync('tar', ['-xzf', storedPath(digest), '-C', join(root, 'out')]);
    assert.deepEqual(listing(join(root, 'out')), listing(join(root, 'a')));
  });

  test('sizes beyond eight GiB and long paths have headers', () => {
    const size = 9 * 1024 ** 3;
    const header = encodeHeader({ kind: 'file', path: 'p'.repeat(300), executable: true, size, target: '' });
    assert.equal(header.length, 3 * 512);
    assert.match(header.toString('latin1'), new RegExp(`\\n\\d+ size=${size}\\n`));
    assert.equal(decodeHeader(header.subarray(1024))?.executable, true);
  });
});

describe('unpack', () => {
  test('everything comes out as it went in, and read-only', async () => {
    const tree = {
      ...sample,
      [`${'d'.repeat(150)}/${'e'.repeat(150)}/${'f'.repeat(200)}`]: 'long',
      ['n'.repeat(100)]: 'just fits',
      big: 'big '.repeat(200_000),
    };
    const directory = make('a', tree);
    const unpacked = await artifacts.unpack((await artifacts.pack(directory, [])).digest);
    assert.deepEqual(listing(unpacked), listing(directory));
    const modes = { '.': 0o555, bin: 0o555, 'bin/run': 0o555, '-dash': 0o444, big: 0o444, empty: 0o555 };
    for (const [path, mode] of Object.entries(modes))
      assert.equal(statSync(join(unpacked, path)).mode & 0o777, mode, path);
  });

  test('an empty directory is content too', async () => {
    const { digest, files } = await artifacts.pack(make('a', {}), []);
    assert.equal(files, 0);
    assert.deepEqual(listing(await artifacts.unpack(digest)), {});
    assert.deepEqual(listing(await artifacts.unpack(digest)), {});
  });

  test('the directory is made once and shared', async () => {
    const digest = await digestOf('a', sample);
    const [first, second] = await Promise.all([artifacts.unpack(digest), artifacts.unpack(digest)]);
    const before = lstatSync(first).ino;
    assert.equal(first, second);
    assert.equal(await createArtifacts({ directory: store }).unpack(digest), first);
    assert.equal(lstatSync(first).ino, before);
  });

  test('what somebody wrote into it is not handed out again, and he is left alone', async () => {
    const digest = await digestOf('a', sample);
    const first = await artifacts.unpack(digest);
    const [name] = Object.keys(listing(first)).filter((path) => lstatSync(join(first, path)).isFile());
    for (const change of [
      () => writeFileSync(join(first, name!), 'changed', { flag: 'w' }),
      () => writeFileSync(join(first, 'added'), 'new'),
      () => rmSync(join(first, name!)),
    ]) {
      const before = await artifacts.unpack(digest);
      chmodSync(before, 0o755);
      if (before === first) chmodSync(join(first, name!), 0o644);
      change();
      const next = await artifacts.unpack(digest);
      assert.deepEqual(listing(next), listing(join(root, 'a')));
      assert.equal(await artifacts.unpack(digest), next, 'and that one is shared again');
    }
  });

  test('times that changed and content that did not are no reason to unpack again', async () => {
    const digest = await digestOf('a', sample);
    const first = await artifacts.unpack(digest);
    rmSync(`${first}.seen`);
    assert.equal(await artifacts.unpack(digest), first, 'as one that an earlier version unpacked');
    utimesSync(first, new Date(0), new Date(0));
    assert.equal(await artifacts.unpack(digest), first);
  });

  test('several processes may unpack at once', async () => {
    const digest = await digestOf('a', {
      ...sample,
      ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, `${index}`])),
    });
    const script = `
      import { createArtifacts } from ${JSON.stringify(new URL('../../src/adapters/artifacts/artifacts.ts', import.meta.url).href)};
      console.log(await createArtifacts({ directory: ${JSON.stringify(store)} }).unpack(${JSON.stringify(digest)}));`;
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => run(process.execPath, ['--input-type=module', '-e', script])),
    );
    const unpacked = join(store, hexOf(digest));
    assert.deepEqual(
      answers.map((answer) => answer.trim()),
      Array(4).fill(unpacked),
    );
    assert.equal(Object.keys(listing(unpacked)).length, Object.keys(listing(join(root, 'a'))).length);
    assert.deepEqual(
      readdirSync(store).sort(),
      ['', '.seen', '.tar.gz'].map((end) => `${hexOf(digest)}${end}`),
    );
  });

  test('what is not stored, or is no digest, is missing', async () => {
    await assert.rejects(
      artifacts.unpack(`sha256:${'0'.repeat(64)}` as Digest),
      failsWith('artifact/missing', /is not stored/),
    );
    await assert.rejects(
      artifacts.unpack('sha256:../../etc' as Digest),
      failsWith('artifact/missing', /not the digest/),
    );
    assert.equal(await artifacts.has(`sha256:${'0'.repeat(64)}` as Digest), false);
  });

  test('damaged, truncated, exchanged or empty content is corrupt and leaves nothing', async () => {
    const digest = await digestOf('a', { ...sample, big: 'big '.repeat(200_000) });
    const good = readFileSync(storedPath(digest));
    const tar = gunzipSync(good);
    const flipped = Buffer.from(tar);
    flipped[flipped.indexOf('echo hi')] = 88;
    const damages = {
      'half of it': good.subarray(0, good.length / 2),
      'the last bytes missing': good.subarray(0, -9),
      nothing: Buffer.alloc(0),
      'not gzip': Buffer.from('hello'),
      'another content': gzipSync(flipped),
      'a tar cut short': gzipSync(tar.subarray(0, 700)),
      'a tar without end': gzipSync(tar.subarray(0, -1024)),
      'something behind the end': gzipSync(Buffer.concat([tar, Buffer.alloc(512)])),
    };
    for (const [name, bytes] of Object.entries(damages)) {
      writeFileSync(storedPath(digest), bytes);
      await assert.rejects(artifacts.unpack(digest), failsWith('artifact/corrupt', /is damaged/), name);
      assert.deepEqual(readdirSync(store), [`${hexOf(digest)}.tar.gz`], name);
    }
    await artifacts.pack(join(root, 'a'), []);
    assert.deepEqual(listing(await artifacts.unpack(digest)), listing(join(root, 'a')));
  });

  test('an archive that reaches outside is corrupt, even when it hashes to its name', async () => {
    const victim = make('victim', {});
    const entry = (kind: 'file' | 'directory' | 'link', path: string, target = '') =>
      Buffer.concat([
        encodeHeader({ kind, path, target, executable: false, size: kind === 'file' ? 4 : 0 }),
        ...(kind === 'file' ? [Buffer.from('evil'), padding(4)] : []),
      ]);
    const attacks = [
      [entry('file', '../evil')],
      [entry('file', '/tmp/evil')],
      [entry('file', `${victim}/evil`)],
      [entry('directory', '..'), entry('file', '../evil')],
      [entry('link', 'x', victim), entry('file', 'x/evil')],
      [entry('directory', 'x'), entry('link', 'x', victim), entry('file', 'x/evil')],
      [entry('link', 'x', victim), entry('directory', 'x'), entry('file', 'x/evil')],
      [entry('file', 'a'), entry('file', 'a')],
      [entry('file', 'a/./b')],
      [entry('file', 'nowhere/b')],
    ];
    for (const [index, parts] of attacks.entries()) {
      const tar = Buffer.concat([...parts, endOfArchive]);
      const digest = `sha256:${createHash('sha256').update(tar).digest('hex')}` as Digest;
      mkdirSync(store, { recursive: true });
      writeFileSync(storedPath(digest), gzipSync(tar));
      await assert.rejects(artifacts.unpack(digest), failsWith('artifact/corrupt', /is damaged/), `attack ${index}`);
      assert.deepEqual(readdirSync(victim), []);
      rmSync(storedPath(digest));
    }
    assert.deepEqual(readdirSync(store), []);
    assert.deepEqual(readdirSync(root).sort(), ['store', 'victim']);
  });

  test('a process killed while it packs or unpacks leaves nothing that is taken for content', async () => {
    const tree = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`f${index}`, `${index}`.repeat(2_000)]));
    const digest = await digestOf('a', tree);
    const script = `
      import { createArtifacts } from ${JSON.stringify(new URL('../../src/adapters/artifacts/artifacts.ts', import.meta.url).href)};
      const artifacts = createArtifacts({ directory: ${JSON.stringify(store)} });
      if (process.argv[1] === 'pack') await artifacts.pack(${JSON.stringify(join(root, 'a'))}, []); else await artifacts.unpack(${JSON.stringify(digest)});`;
    for (const verb of ['unpack', 'pack']) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, verb], { stdio: 'ignore' });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const deadline = performance.now() + 20_000;
      while (
        !readdirSync(store).some((name) => name.startsWith(`.${verb}-`)) &&
        child.exitCode === null &&
        performance.now() < deadline
      )
        await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      await gone;
    }
    assert.deepEqual(listing(await artifacts.unpack(digest)), listing(join(root, 'a')));
    for (const name of readdirSync(store)) if (name.startsWith('.')) utimesSync(join(store, name), 1, 1);
    await artifacts.collectGarbage(new Set([digest]));
    assert.deepEqual(
      readdirSync(store).sort(),
      ['', '.seen', '.tar.gz'].map((end) => `${hexOf(digest)}${end}`),
    );
  });
});

describe('collectGarbage', () => {
  test('what is not named goes, what is named and what is not ours stays', async () => {
    const sweeping = createArtifacts({ directory: store, graceMs: 0 });
    const [kept, gone] = [await digestOf('a', sample), await digestOf('b', { x: 'x'.repeat(10_000) })];
    await artifacts.unpack(kept);
    await artifacts.unpack(gone);
    writeFileSync(join(store, 'README'), 'mine');
    const freed = await sweeping.collectGarbage(new Set([kept]));
    assert.ok(freed > 10_000, `${freed}`);
    const files = ['', '.seen', '.tar.gz'].map((end) => `${hexOf(kept)}${end}`);
    assert.deepEqual(readdirSync(store).sort(), [...files, 'README'].sort());
    assert.deepEqual(listing(await artifacts.unpack(kept)), listing(join(root, 'a')));
    assert.equal(await sweeping.collectGarbage(new Set([kept])), 0);
  });

  test('what was stored within the hour is spared, since its release may not be recorded yet', async () => {
    const digest = await digestOf('a', sample);
    assert.equal(await artifacts.collectGarbage(new Set()), 0);
    utimesSync(storedPath(digest), Date.now() / 1000 - 7200, Date.now() / 1000 - 7200);
    assert.ok((await artifacts.collectGarbage(new Set())) > 0);
    assert.equal(await artifacts.has(digest), false);
  });

  test('temporary files of this hour stay, older ones go', async () => {
    mkdirSync(store);
    writeFileSync(join(store, '.pack-young'), 'x');
    writeFileSync(join(store, '.pack-old'), 'x');
    mkdirSync(join(store, '.unpack-old', 'sub'), { recursive: true });
    writeFileSync(join(store, '.unpack-old', 'sub', 'f'), 'xy');
    chmodSync(join(store, '.unpack-old', 'sub'), 0o555);
    mkdirSync(join(store, '.garbage-young'));
    for (const name of ['.pack-old', '.unpack-old']) utimesSync(join(store, name), 1, 1);
    await artifacts.collectGarbage(new Set());
    assert.deepEqual(readdirSync(store), ['.pack-young']);
  });

  test('packing and unpacking kept content while it runs goes well', async () => {
    const sweeping = createArtifacts({ directory: store, graceMs: 0 });
    const directory = make('a', sample);
    const { digest } = await artifacts.pack(directory, []);
    const keep = new Set([digest]);
    const rounds = Array.from({ length: 10 }, async () => {
      await Promise.all([
        artifacts.pack(directory, []),
        sweeping.collectGarbage(keep),
        createArtifacts({ directory: store }).unpack(digest),
      ]);
    });
    await Promise.all(rounds);
    assert.deepEqual(listing(await artifacts.unpack(digest)), listing(directory));
  });

  test('a store that does not exist yet holds no garbage', async () => {
    assert.equal(await artifacts.collectGarbage(new Set()), 0);
  });
});

describe('any tree', () => {
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .map((text) => `n${text.replaceAll(/[/\0\ud800-\udfff]/gu, '_')}`)
    .filter((text) => Buffer.byteLength(text) <= 255);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const file = fc
    .tuple(fc.boolean(), fc.string({ maxLength: 2_000 }))
    .map(([executable, text]) => `${executable ? '*' : ''}t${text}`);
  const trees = fc.dictionary(path, file, { maxKeys: 8 }).filter((tree) => {
    const paths = Object.keys(tree);
    return !paths.some((one) => paths.some((other) => other.startsWith(`${one}/`)));
  });

  test('two copies made at different times in different orders have one digest, and come out as they went in', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(trees, fc.boolean(), async (tree, touched) => {
        round += 1;
        const one = make(`one${round}`, tree);
        const two = make(`two${round}`, Object.fromEntries(Object.entries(tree).reverse()));
        if (touched) utimesSync(two, round, round);
        const [first, second] = [await artifacts.pack(one, []), await artifacts.pack(two, [])];
        assert.equal(first.digest, second.digest);
        assert.deepEqual(listing(await artifacts.unpack(first.digest)), listing(one));
      }),
      { numRuns: 60 },
    );
  });

  test('five thousand files are packed and unpacked', async (context) => {
    const directory = make(
      'many',
      Object.fromEntries(
        Array.from({ length: 5_000 }, (_, index) => [`d${index % 50}/f${index}`, `content ${index}\n`.repeat(20)]),
      ),
    );
    const start = performance.now();
    const { digest, files } = await artifacts.pack(directory, []);
    const packed = performance.now();
    const unpacked = await artifacts.unpack(digest);
    const done = performance.now();
    await artifacts.unpack(digest);
    context.diagnostic(
      `pack ${Math.round(packed - start)} ms, unpack ${Math.round(done - packed)} ms, again ${(performance.now() - done).toFixed(1)} ms`,
    );
    assert.equal(files, 5_000);
    assert.equal(readFileSync(join(unpacked, 'd7/f4957'), 'utf8'), 'content 4957\n'.repeat(20));
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
