/**
 * Forgeries by somebody who may push, and who has one sound signature of a trusted key, or such a key himself. Most of
 * them `git verify-commit` or `git verify-tag` takes; the table says which.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGitSource } from '../../../src/adapters/git/source.ts';
import { createSignatures } from '../../../src/adapters/signatures/signatures.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { PublicKey } from '../../../src/domain/trigger/signature.ts';
import { type GitWorld, gitWorld } from '../git-world.ts';
import { armored, dearmored, hasSshKeygen, ownEd25519 } from './ssh-keys.ts';

const signatures = createSignatures();
const key = ownEd25519();
const ada = 'Ada Example <ada@example.org> 1700000000 +0000';
const header = (armor: string) => `gpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}\n`;

/** The order of the group of Ed25519, RFC 8032 section 5.1. */
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

let world: GitWorld;
let source: ReturnType<typeof createGitSource>;
let keys: readonly PublicKey[];
let [commit, tree, blob] = ['', '', ''];
const repository = { key: 'prj_shop', url: '' };
const copy = () => join(world.root, 'copies', 'prj_shop.git');

before(async () => {
  world = gitWorld();
  source = createGitSource({ directory: join(world.root, 'copies') });
  const url = world.init('origin');
  commit = world.commit('origin', { a: '1' });
  tree = world.git('origin', ['rev-parse', 'HEAD^{tree}']);
  blob = world.git('origin', ['rev-parse', 'HEAD:a']);
  await source.fetch({ ...repository, url });
  keys = await signatures.readPublicKeys(key.publicKey);
  writeFileSync(join(world.root, 'allowed'), `ada ${key.publicKey}\n`);
});
after(() => world.remove());

interface Parts {
  readonly head: string;
  readonly body: string;
}

const commitParts = (changes: Partial<Parts> = {}): Parts => ({
  head: `tree ${tree}\nparent ${commit}\nauthor ${ada}\ncommitter ${ada}\n`,
  body: '\na change\n',
  ...changes,
});
const tagParts = (changes: Partial<Parts> = {}): Parts => ({
  head: `object ${commit}\ntype commit\ntag v1.0.0\ntagger ${ada}\n`,
  body: '\none\n',
  ...changes,
});

/** Signed by the trusted key, over everything: what is wrong with it is not the signature. */
function signedCommit(changes: Partial<Parts> = {}): string {
  const { head, body } = commitParts(changes);
  return `${head}${header(key.forge(head + body))}${body}`;
}

function signedTag(changes: Partial<Parts> = {}): string {
  const { head, body } = tagParts(changes);
  return `${head}${body}${key.forge(head + body)}`;
}

const soundArmor = () => key.forge(commitParts().head + commitParts().body);
const withArmor = (armor: string) => `${commitParts().head}${header(armor)}${commitParts().body}`;

/** The same signature with its number S raised by the order of the group: a second valid form where nobody looks. */
function raised(armor: string): string {
  const bytes = Buffer.from(dearmored(armor));
  const at = bytes.length - 32;
  const number = BigInt(`0x${Buffer.from(bytes.subarray(at)).reverse().toString('hex')}`) + groupOrder;
  Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse().copy(bytes, at);
  return armored(bytes);
}

interface Forgery {
  readonly name: string;
  readonly type: 'commit' | 'tag';
  readonly content: () => string;
  readonly code: string;
  /** What Git 2.39 with OpenSSH 9.2 says about it. */
  readonly git: 'good' | 'bad';
}

const forgeries: readonly Forgery[] = [
  { name: 'the sound commit', type: 'commit', content: () => signedCommit(), code: 'good', git: 'good' },
  { name: 'the sound tag', type: 'tag', content: () => signedTag(), code: 'good', git: 'good' },
  {
    name: 'a second signature behind the sound one',
    type: 'commit',
    content: () =>
      `${commitParts().head}${header(soundArmor())}${header(ownEd25519().forge('x'))}${commitParts().body}`,
    code: 'SIGNATURE_MULTIPLE',
    git: 'good',
  },
  {
    name: 'words behind the signature of a commit, which nobody signed',
    type: 'commit',
    content: () => withArmor(`${soundArmor()}Reviewed-by: Maintainer`),
    code: 'SIGNATURE_MALFORMED',
    git: 'good',
  },
  {
    name: 'trailers behind the signature of a tag, which nobody signed',
    type: 'tag',
    content: () => `${signedTag()}Artifact: sha256:${'0'.repeat(64)}\n`,
    code: 'SIGNATURE_MALFORMED',
    git: 'good',
  },
  {
    name: 'a header for the other object format, which nobody signed',
    type: 'commit',
    content: () => withArmor(soundArmor()).replace('gpgsig ', 'gpgsig-sha256 anything at all\ngpgsig '),
    code: 'SIGNATURE_OTHER_FORMAT',
    git: 'good',
  },
  {
    name: 'a header without a value, which nobody signed',
    type: 'commit',
    content: () => withArmor(soundArmor()).replace('gpgsig ', 'gpgsigned-by-everybody\ngpgsig '),
    code: 'OBJECT_MALFORMED',
    git: 'good',
  },
  {
    name: 'the same in the header of a tag',
    type: 'tag',
    content: () => {
      const { head, body } = tagParts();
      return `${head}gpgsig x\n${body}${key.forge(head + body)}`;
    },
    code: 'SIGNATURE_OTHER_FORMAT',
    git: 'good',
  },
  {
    name: 'a message that goes on behind a NUL byte',
    type: 'commit',
    content: () => signedCommit({ body: '\nfix a typing error\0and add a back door\n' }),
    code: 'OBJECT_AMBIGUOUS_BYTES',
    git: 'good',
  },
  {
    name: 'two authors, of whom readers take one or the other',
    type: 'commit',
    content: () =>
      signedCommit({ head: commitParts().head.replace('committer', `author Eve <e@x> 1 +0000\ncommitter`) }),
    code: 'OBJECT_DUPLICATE_HEADER',
    git: 'good',
  },
  {
    name: 'two trees, of which readers take one or the other',
    type: 'commit',
    content: () => signedCommit({ head: `${commitParts().head}tree ${tree}\n` }),
    code: 'OBJECT_DUPLICATE_HEADER',
    git: 'good',
  },
  {
    name: 'a tag that names two commits',
    type: 'tag',
    content: () => signedTag({ head: tagParts().head.replace('tagger', `object ${blob}\ntagger`) }),
    code: 'OBJECT_DUPLICATE_HEADER',
    git: 'good',
  },
  {
    name: 'a tag that calls a file a commit',
    type: 'tag',
    content: () => signedTag({ head: tagParts().head.replace(commit, blob) }),
    code: 'TAG_TARGET_DISAGREES',
    git: 'good',
  },
  {
    name: 'a tag that calls a commit a tag',
    type: 'tag',
    content: () => signedTag({ head: tagParts().head.replace('type commit', 'type tag') }),
    code: 'TAG_TARGET_DISAGREES',
    git: 'good',
  },
  {
    name: 'a tag of what is not there',
    type: 'tag',
    content: () => signedTag({ head: tagParts().head.replace(commit, 'f'.repeat(40)) }),
    code: 'TAG_TARGET_MISSING',
    git: 'good',
  },
  {
    name: 'a tag whose name leaves refs/tags',
    type: 'tag',
    content: () => signedTag({ head: tagParts().head.replace('v1.0.0', '../heads/main') }),
    code: 'OBJECT_MALFORMED',
    git: 'good',
  },
  {
    name: 'a tag with the signature of another tag before its own',
    type: 'tag',
    content: () => signedTag({ body: `\none\n${key.forge('x')}` }),
    code: 'SIGNATURE_MULTIPLE',
    git: 'good',
  },
  {
    name: 'a message that reads differently in its encoding',
    type: 'commit',
    content: () => signedCommit({ head: `${commitParts().head}encoding ISO-2022-JP\n` }),
    code: 'OBJECT_ENCODING',
    git: 'good',
  },
  {
    name: 'an author whose address stands twice',
    type: 'commit',
    content: () => signedCommit({ head: commitParts().head.replace('<ada', '<eve@example.org> <ada') }),
    code: 'OBJECT_MALFORMED',
    git: 'good',
  },
  {
    name: 'the signature in a second form of its number',
    type: 'commit',
    content: () => withArmor(raised(soundArmor())),
    code: 'SIGNATURE_BAD',
    git: 'good',
  },
  {
    name: 'the signature of a tag as the one of the commit with the same text',
    type: 'commit',
    content: () => withArmor(key.forge(tagParts().head + tagParts().body)),
    code: 'SIGNATURE_BAD',
    git: 'bad',
  },
  {
    name: 'the signed commit with a parent put in',
    type: 'commit',
    content: () => signedCommit().replace('author', `parent ${'e'.repeat(40)}\nauthor`),
    code: 'SIGNATURE_BAD',
    git: 'bad',
  },
  {
    name: 'the signed tag under another name',
    type: 'tag',
    content: () => signedTag().replace('tag v1.0.0', 'tag v2.0.0'),
    code: 'SIGNATURE_BAD',
    git: 'bad',
  },
  {
    name: 'the signed commit with a merged tag put in',
    type: 'commit',
    content: () =>
      signedCommit().replace('gpgsig', `mergetag ${tagParts().head.trimEnd().replaceAll('\n', '\n ')}\ngpgsig`),
    code: 'SIGNATURE_BAD',
    git: 'bad',
  },
  {
    name: 'a signature that was made for a file with the text of the commit',
    type: 'commit',
    content: () => withArmor(key.forge(commitParts().head + commitParts().body, { namespace: 'file' })),
    code: 'SIGNATURE_NAMESPACE',
    git: 'bad',
  },
];

describe('forgeries', { skip: hasSshKeygen ? false : 'ssh-keygen is not installed' }, () => {
  for (const { name, type, content, code, git } of forgeries) {
    test(`${name}: ${code}`, async (context) => {
      const id = world.git('.', [`--git-dir=${copy()}`, 'hash-object', '-w', '-t', type, '--literally', '--stdin'], {
        input: content(),
      });
      assert.equal(await ours(id), code, content());
      const there = gitSays(type, id);
      // A newer Git may be deceived by fewer; it must never take what the one of the table refuses.
      if (git === 'good' && code !== 'good') context.diagnostic(`${there} for Git`);
      else assert.equal(there, git);
    });
  }

  test('words that nobody signed put a name into no message: what is read is what is signed', async () => {
    const id = world.git('.', [`--git-dir=${copy()}`, 'hash-object', '-w', '-t', 'tag', '--literally', '--stdin'], {
      input: signedTag({ body: '\none\n\nProject-Id: prj_1\n' }),
    });
    const [reading] = await source.objects(repository, [id]);
    assert.ok(reading?.readable && reading.object.kind === 'tag');
    assert.ok(Buffer.from(reading.object.payload).toString().endsWith(reading.object.message));
  });
});

async function ours(id: string): Promise<string> {
  const [reading] = await source.objects(repository, [id]);
  if (!reading!.readable) return reading!.code;
  const [answer] = await signatures.verify([reading!.object], { keys, at: instant(Date.now()) });
  return answer!.good ? 'good' : answer!.code;
}

function gitSays(type: 'commit' | 'tag', id: string): 'good' | 'bad' {
  const trust = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${join(world.root, 'allowed')}`];
  const env = { PATH: process.env['PATH'], HOME: world.root, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  return spawnSync('git', [...trust, `--git-dir=${copy()}`, `verify-${type}`, id], { env }).status === 0
    ? 'good'
    : 'bad';
}
