/** Objects as an attacker would write them, past every check of a fetch, into our own copy. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGitSource } from '../../../src/adapters/git/source.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { ObjectReading, ObjectRefusal } from '../../../src/domain/trigger/signed-object.ts';
import type { RepositoryRef, SignedHistory, Source } from '../../../src/ports/source.ts';
import { type GitWorld, gitWorld } from '../git-world.ts';

let world: GitWorld;
let source: Source & SignedHistory;
let repository: RepositoryRef;
let [commit, tree, blob] = ['', '', ''];

before(async () => {
  world = gitWorld();
  source = createGitSource({ directory: join(world.root, 'copies') });
  repository = { key: 'prj_shop', url: world.init('origin') };
  commit = world.commit('origin', { a: '1' });
  tree = world.git('origin', ['rev-parse', 'HEAD^{tree}']);
  blob = world.git('origin', ['rev-parse', 'HEAD:a']);
  await source.fetch(repository);
});
after(() => world.remove());

function plant(type: string, content: string | Buffer): string {
  const copy = join(world.root, 'copies', 'prj_shop.git');
  return world.git('.', [`--git-dir=${copy}`, 'hash-object', '-w', '-t', type, '--literally', '--stdin'], {
    input: content,
  });
}

async function read(id: string): Promise<ObjectReading> {
  const [reading] = await source.objects(repository, [id]);
  return reading!;
}

const ada = 'Ada Example <ada@example.org> 1700000000 +0200';
const armor = '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n';
const pgp = '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n';
const header = (name: string, text: string) => `${name} ${text.trimEnd().replaceAll('\n', '\n ')}\n`;

interface CommitParts {
  readonly head?: string;
  readonly rest?: string;
  readonly message?: string;
}

/** A sound commit but for what the case says. */
function commitOf({ head, rest = '', message = 'a change\n' }: CommitParts = {}): string {
  return `${head ?? `tree ${tree}\nparent ${commit}\nauthor ${ada}\ncommitter ${ada}\n`}${rest}\n${message}`;
}

function tagOf(parts: { head?: string; message?: string } = {}): string {
  const { head, message = `one\n${armor}` } = parts;
  return `${head ?? `object ${commit}\ntype commit\ntag v1.0.0\ntagger ${ada}\n`}\n${message}`;
}

describe('what is read', () => {
  test('the payload of a signed commit is the commit without its signature header, wherever that stands', async () => {
    const unsigned = commitOf({ rest: 'encoding ISO-8859-1\n', message: 'caf\u00e9\n' });
    for (const place of ['encoding ISO-8859-1\n', '']) {
      const rest =
        place === '' ? `${header('gpgsig', armor)}encoding ISO-8859-1\n` : `${place}${header('gpgsig', armor)}`;
      const reading = await read(plant('commit', Buffer.from(commitOf({ rest, message: 'caf\u00e9\n' }), 'latin1')));
      assert.ok(reading.readable && reading.object.kind === 'commit');
      assert.equal(Buffer.from(reading.object.payload).toString('latin1'), unsigned);
      assert.equal(Buffer.from(reading.object.signature!).toString(), armor);
      assert.equal(reading.object.message, 'caf\u00e9\n');
      assert.deepEqual(reading.object.parents, [commit]);
      assert.deepEqual(reading.object.author, {
        name: 'Ada Example',
        email: 'ada@example.org',
        at: 1_700_000_000_000,
      });
    }
  });

  test('a merged tag inside a commit is left where it is, signature and all', async () => {
    const mergetag = header('mergetag', tagOf());
    const rest = `${mergetag}${mergetag}${header('gpgsig', pgp)}`;
    const reading = await read(plant('commit', commitOf({ rest })));
    assert.ok(reading.readable);
    assert.equal(Buffer.from(reading.object.payload).toString(), commitOf({ rest: `${mergetag}${mergetag}` }));
    assert.equal(Buffer.from(reading.object.signature!).toString(), pgp);
  });

  test('the payload of a signed tag ends where its signature begins', async () => {
    const reading = await read(plant('tag', tagOf()));
    assert.ok(reading.readable && reading.object.kind === 'tag');
    assert.equal(Buffer.from(reading.object.payload).toString(), tagOf({ message: 'one\n' }));
    assert.equal(Buffer.from(reading.object.signature!).toString(), armor);
    assert.deepEqual([reading.object.name, reading.object.commit, reading.object.message], ['v1.0.0', commit, 'one\n']);
  });

  test('objects without a signature are read and say that they have none', async () => {
    for (const id of [commit, plant('tag', tagOf({ message: 'one\n' }))]) {
      const reading = await read(id);
      assert.ok(reading.readable);
      assert.equal(reading.object.signature, undefined);
    }
  });

  test('answers stand in the order of the ids, repeated and absent ones included', async () => {
    const missing = 'f'.repeat(40);
    const readings = await source.objects(repository, [commit, missing, blob, commit, 'main']);
    assert.deepEqual(
      readings.map((reading) => (reading.readable ? reading.object.id : reading.code)),
      [commit, 'OBJECT_MISSING', 'OBJECT_OTHER_TYPE', commit, 'OBJECT_MISSING'],
    );
    assert.deepEqual(await source.objects(repository, []), []);
    const nowhere = await source.objects({ key: 'prj_none', url: '/nowhere' }, [commit]);
    assert.ok(!nowhere[0]!.readable && nowhere[0]!.code === 'OBJECT_MISSING');
  });

  test('in a SHA-256 repository the signature of a commit is the header gpgsig-sha256', async () => {
    world.git('.', ['init', '--quiet', '--object-format=sha256', '--initial-branch=main', 'long']);
    const long = { key: 'prj_long', url: join(world.root, 'long') };
    const id = world.commit('long', { a: '1' });
    await source.fetch(long);
    const text = world.git('long', ['cat-file', 'commit', id]).replace(/\n\n[^]*$/, '\n');
    const write = (type: string, content: string) =>
      world.git(
        '.',
        [
          `--git-dir=${join(world.root, 'copies', 'prj_long.git')}`,
          'hash-object',
          '-w',
          '-t',
          type,
          '--literally',
          '--stdin',
        ],
        { input: content },
      );
    const own = write('commit', `${text}${header('gpgsig-sha256', armor)}\na change\n`);
    const other = write('commit', `${text}${header('gpgsig', armor)}\na change\n`);
    const tag = write('tag', `object ${id}\ntype commit\ntag v1\ntagger ${ada}\n\none\n${armor}`);
    const shortTarget = write('tag', `object ${commit}\ntype commit\ntag v1\ntagger ${ada}\n\none\n${armor}`);
    const readings = await source.objects(long, [own, other, tag, shortTarget, id.slice(0, 40)]);
    assert.deepEqual(
      readings.map((reading) => (reading.readable ? 'read' : reading.code)),
      ['read', 'SIGNATURE_OTHER_FORMAT', 'read', 'OBJECT_MALFORMED', 'OBJECT_MISSING'],
    );
    const [first] = readings;
    assert.ok(first?.readable);
    assert.equal(Buffer.from(first.object.payload).toString(), `${text}\na change\n`);
  });
});

interface Case {
  readonly name: string;
  readonly type: 'commit' | 'tag';
  readonly content: () => string | Buffer;
  readonly code: ObjectRefusal;
}

const commitHead = (lines: (sound: { tree: string; parent: string; author: string; committer: string }) => string[]) =>
  commitOf({
    head: lines({
      tree: `tree ${tree}`,
      parent: `parent ${commit}`,
      author: `author ${ada}`,
      committer: `committer ${ada}`,
    })
      .map((line) => `${line}\n`)
      .join(''),
  });
const tagHead = (changes: Partial<Record<'object' | 'type' | 'tag' | 'tagger', string>>, more = '') => {
  const lines = { object: commit, type: 'commit', tag: 'v1.0.0', tagger: ada, ...changes };
  return tagOf({
    head: `${Object.entries(lines)
      .map(([name, value]) => `${name} ${value}\n`)
      .join('')}${more}`,
  });
};

const cases: readonly Case[] = [
  {
    name: 'two signatures in a commit',
    type: 'commit',
    content: () => commitOf({ rest: header('gpgsig', armor) + header('gpgsig', pgp) }),
    code: 'SIGNATURE_MULTIPLE',
  },
  {
    name: 'two signatures in a commit, with a header between them',
    type: 'commit',
    content: () => commitOf({ rest: `${header('gpgsig', armor)}note x\n${header('gpgsig', armor)}` }),
    code: 'SIGNATURE_MULTIPLE',
  },
  {
    name: 'a second signature for the other object format',
    type: 'commit',
    content: () => commitOf({ rest: header('gpgsig', armor) + header('gpgsig-sha256', armor) }),
    code: 'SIGNATURE_OTHER_FORMAT',
  },
  {
    name: 'a header that Git leaves out of what is signed because of how its name begins',
    type: 'commit',
    content: () => commitOf({ rest: `gpgsig-note tree ${blob}\n${header('gpgsig', armor)}` }),
    code: 'SIGNATURE_OTHER_FORMAT',
  },
  {
    name: 'a signature before the tree',
    type: 'commit',
    content: () => `${header('gpgsig', armor)}${commitOf()}`,
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'two trees',
    type: 'commit',
    content: () => commitHead(({ tree: line, ...rest }) => [line, line, rest.parent, rest.author, rest.committer]),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'a second tree after the signature',
    type: 'commit',
    content: () => commitOf({ rest: `${header('gpgsig', armor)}tree ${tree}\n` }),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'two authors',
    type: 'commit',
    content: () => commitHead(({ author, ...rest }) => [rest.tree, author, author, rest.committer]),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'a second author at the end',
    type: 'commit',
    content: () => commitOf({ rest: `author ${ada}\n` }),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'the same parent twice',
    type: 'commit',
    content: () => commitHead(({ parent, ...rest }) => [rest.tree, parent, parent, rest.author, rest.committer]),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'two encodings',
    type: 'commit',
    content: () => commitOf({ rest: 'encoding utf-8\nencoding latin1\n' }),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'a parent after the committer',
    type: 'commit',
    content: () => commitOf({ rest: `parent ${blob}\n` }),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'committer before author',
    type: 'commit',
    content: () => commitHead(({ author, committer, ...rest }) => [rest.tree, rest.parent, committer, author]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'no tree',
    type: 'commit',
    content: () => commitHead(({ parent, author, committer }) => [parent, author, committer]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'no committer',
    type: 'commit',
    content: () => commitHead(({ parent, author, ...rest }) => [rest.tree, parent, author]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'a tree that is named in capitals',
    type: 'commit',
    content: () => commitHead(({ author, committer }) => [`tree ${tree.toUpperCase()}`, author, committer]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'a parent of another length',
    type: 'commit',
    content: () =>
      commitHead(({ author, committer }) => [`tree ${tree}`, `parent ${commit}${'0'.repeat(24)}`, author, committer]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'a tree header that goes on in the next line',
    type: 'commit',
    content: () => commitHead(({ author, committer }) => [`tree ${tree}\n more`, author, committer]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'a header line without a name',
    type: 'commit',
    content: () => commitOf({ rest: 'nothing\n' }),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'headers without an end',
    type: 'commit',
    content: () => commitOf({ message: '' }).trimEnd(),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'an author of two lines in one',
    type: 'commit',
    content: () =>
      commitHead(({ committer, ...rest }) => [
        rest.tree,
        'author Ada <ada@example.org> <eve@example.org> 1700000000 +0000',
        committer,
      ]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'an author whose time is no time',
    type: 'commit',
    content: () =>
      commitHead(({ committer, ...rest }) => [rest.tree, 'author Ada <a@example.org> -1 +0000', committer]),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'a NUL byte in a message',
    type: 'commit',
    content: () => commitOf({ message: 'harmless\0but there is more\n' }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
  },
  {
    name: 'a NUL byte in a header',
    type: 'commit',
    content: () => commitOf({ rest: 'note a\0b\n' }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
  },
  {
    name: 'headers with the line ends of Windows',
    type: 'commit',
    content: () => commitOf().replace(/\n/g, '\r\n'),
    code: 'OBJECT_MALFORMED',
  },
  {
    name: 'one header with the line end of Windows',
    type: 'commit',
    content: () => commitOf({ rest: 'note x\r\n' }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
  },
  {
    name: 'a line of the message that is overwritten on a terminal',
    type: 'commit',
    content: () => commitOf({ message: 'add a back door\rfix a typing error\n' }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
  },
  {
    name: 'a message in an encoding that changes the meaning of plain letters',
    type: 'commit',
    content: () => commitOf({ rest: 'encoding utf-16le\n' }),
    code: 'OBJECT_ENCODING',
  },
  {
    name: 'a message in an encoding that nobody knows',
    type: 'commit',
    content: () => commitOf({ rest: 'encoding x-mine\n' }),
    code: 'OBJECT_ENCODING',
  },
  {
    name: 'a commit of two million bytes',
    type: 'commit',
    content: () => commitOf({ message: 'x'.repeat(2_000_000) }),
    code: 'OBJECT_TOO_LARGE',
  },
  { name: 'nothing at all', type: 'commit', content: () => '', code: 'OBJECT_MALFORMED' },
  {
    name: 'a tag of a tree',
    type: 'tag',
    content: () => tagHead({ object: tree, type: 'tree' }),
    code: 'TAG_TARGET_NOT_COMMIT',
  },
  {
    name: 'a tag of a file',
    type: 'tag',
    content: () => tagHead({ object: blob, type: 'blob' }),
    code: 'TAG_TARGET_NOT_COMMIT',
  },
  {
    name: 'a tag of a tag',
    type: 'tag',
    content: () => tagHead({ object: plant('tag', tagOf()), type: 'tag' }),
    code: 'TAG_TARGET_NOT_COMMIT',
  },
  {
    name: 'a tag that calls a tag a commit',
    type: 'tag',
    content: () => tagHead({ object: plant('tag', tagOf()) }),
    code: 'TAG_TARGET_DISAGREES',
  },
  {
    name: 'a tag that calls a file a commit',
    type: 'tag',
    content: () => tagHead({ object: blob }),
    code: 'TAG_TARGET_DISAGREES',
  },
  {
    name: 'a tag of what is not there',
    type: 'tag',
    content: () => tagHead({ object: 'f'.repeat(40) }),
    code: 'TAG_TARGET_MISSING',
  },
  {
    name: 'a tag with two signatures',
    type: 'tag',
    content: () => tagOf({ message: `one\n${pgp}${armor}` }),
    code: 'SIGNATURE_MULTIPLE',
  },
  {
    name: 'a tag whose message shows a signature before the real one',
    type: 'tag',
    content: () => tagOf({ message: `one\n-----BEGIN PGP MESSAGE----- \n${armor}` }),
    code: 'SIGNATURE_MULTIPLE',
  },
  {
    name: 'a tag with a signature in a header',
    type: 'tag',
    content: () => tagHead({}, header('gpgsig-sha256', armor)),
    code: 'SIGNATURE_OTHER_FORMAT',
  },
  { name: 'a tag with one more header', type: 'tag', content: () => tagHead({}, 'note x\n'), code: 'OBJECT_MALFORMED' },
  {
    name: 'a tag with two names',
    type: 'tag',
    content: () => tagHead({}, 'tag v2.0.0\n'),
    code: 'OBJECT_DUPLICATE_HEADER',
  },
  {
    name: 'a tag that nobody made',
    type: 'tag',
    content: () => tagOf({ head: `object ${commit}\ntype commit\ntag v1.0.0\n` }),
    code: 'OBJECT_MALFORMED',
  },
  ...['-v1', 'v1..2', 'v 1', 'v1\\2', '../v1', 'v1.lock', 'a//b', 'v1\u007f', ''].map((tag): Case => ({
    name: `a tag with the name ${JSON.stringify(tag)}`,
    type: 'tag',
    content: () => tagHead({ tag }),
    code: 'OBJECT_MALFORMED',
  })),
  {
    name: 'a tag with a NUL byte before its signature',
    type: 'tag',
    content: () => tagOf({ message: `one\0two\n${armor}` }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
  },
];

describe('what is not read', () => {
  for (const { name, type, content, code } of cases) {
    test(`${name}: ${code}`, async () => {
      const id = plant(type, content());
      const reading = await read(id);
      assert.ok(!reading.readable, 'it was read');
      assert.equal(reading.code, code, reading.because);
      assert.equal(reading.id, id);
      assert.match(reading.because, /^[^\n\r\0]{10,300}$/);
    });
  }
});

describe('merges', () => {
  test('the tree of a merge is the one that git merge commits, and our copy holds nothing new', async () => {
    world.git('origin', ['checkout', '--quiet', '-b', 'topic']);
    const theirs = world.commit('origin', { b: '2' });
    world.git('origin', ['checkout', '--quiet', 'main']);
    const ours = world.commit('origin', { c: '3' });
    world.git('origin', ['merge', '--quiet', '--no-edit', 'topic']);
    const merge = world.git('origin', ['rev-parse', 'HEAD']);
    await source.fetch(repository);
    const copy = join(world.root, 'copies', 'prj_shop.git', 'objects');
    const objectsBefore = readdirSync(copy, { recursive: true }).sort();
    const answer = await source.merge(repository, [ours, theirs]);
    assert.deepEqual(answer, { merged: true, tree: world.git('origin', ['rev-parse', 'HEAD^{tree}']) });
    assert.deepEqual(readdirSync(copy, { recursive: true }).sort(), objectsBefore);
    assert.deepEqual(await source.firstParents(repository, { from: commit, to: merge, limit: 10 }), {
      commits: [merge, ours],
      joins: true,
    });
    assert.deepEqual(await source.firstParents(repository, { from: theirs, to: merge, limit: 10 }), {
      commits: [merge, ours],
      joins: false,
    });
    assert.deepEqual(await source.firstParents(repository, { from: commit, to: merge, limit: 1 }), {
      commits: [merge],
      joins: false,
    });
    assert.deepEqual(await source.firstParents(repository, { from: merge, to: merge, limit: 5 }), {
      commits: [],
      joins: true,
    });
  });

  test('a conflict names the files, and strangers have nothing to merge', async () => {
    const side = (content: string, parent: string) => {
      world.git('origin', ['checkout', '--quiet', '--detach', parent]);
      return world.commit('origin', { 'dir/ä': content });
    };
    const [ours, theirs] = [side('1', commit), side('2', commit)];
    world.git('origin', ['checkout', '--quiet', '--orphan', 'stranger']);
    const stranger = world.commit('origin', { z: '1' });
    for (const [name, id] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const)
      world.git('origin', ['branch', name, id]);
    await source.fetch(repository);
    assert.deepEqual(await source.merge(repository, [ours, theirs]), {
      merged: false,
      because: 'they conflict in "dir/ä"',
    });
    assert.deepEqual(await source.merge(repository, [ours, stranger]), {
      merged: false,
      because: 'the two commits have no history in common',
    });
  });

  test('only full ids of commits that our copy has are merged or followed', async () => {
    const unknown = (error: unknown) => error instanceof Failure && error.code === 'source/unknown-commit';
    await assert.rejects(source.merge(repository, [commit, '--help']), unknown);
    await assert.rejects(source.merge(repository, [commit, blob]), unknown);
    await assert.rejects(source.firstParents(repository, { from: 'main', to: commit, limit: 5 }), unknown);
  });
});
