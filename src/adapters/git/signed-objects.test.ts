import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SignedObject } from '../../domain/trigger/signed-object.ts';
import { readSignedCommit } from './signed-commit.ts';
import { readSignedTag } from './signed-tag.ts';
import { ObjectRefused } from './stored-headers.ts';

const id = 'a'.repeat(40);
const ada = 'Ada Example <ada@example.org> 1700000000 +0200';
const head = [`tree ${id}`, `parent ${id}`, `author ${ada}`, `committer ${ada}`];
const armor = ['-----BEGIN SSH SIGNATURE-----', 'U1NI', '-----END SSH SIGNATURE-----'];
const commit = [...head, `gpgsig ${armor.join('\n ')}`, '', 'a change', ''].join('\n');
const tag = [`object ${id}`, 'type commit', 'tag v1.0.0', `tagger ${ada}`, '', 'one', ...armor, ''].join('\n');

/** Undefined for a refusal; any other exception fails the test. */
function read(type: 'commit' | 'tag', content: Buffer): SignedObject | undefined {
  try {
    return type === 'commit' ? readSignedCommit(id, content) : readSignedTag(id, content).tag;
  } catch (error) {
    if (error instanceof ObjectRefused) return undefined;
    throw error;
  }
}

/** The object again, from what was read of it: nothing may get lost or be counted twice. */
function joined(object: SignedObject): string {
  const [payload, signature] = [object.payload, object.signature ?? ''].map((part) =>
    Buffer.from(part).toString('latin1'),
  );
  if (object.kind === 'tag' || signature === '') return `${payload}${signature}`;
  const header = `gpgsig ${signature!.trimEnd().replaceAll('\n', '\n ')}\n`;
  return payload!.replace('\n\n', `\n${header}\n`);
}

test('the sound commit and the sound tag are read, and give themselves again', () => {
  for (const [type, text] of [
    ['commit', commit],
    ['tag', tag],
  ] as const) {
    const object = read(type, Buffer.from(text));
    assert.ok(object?.signature !== undefined);
    assert.equal(joined(object), text);
  }
});

test('whatever is changed in an object, what is read is all of it: signed bytes and signature', () => {
  const seeds = fc.constantFrom<['commit' | 'tag', string]>(['commit', commit], ['tag', tag]);
  const pieces = fc.constantFrom(
    '\n',
    ' ',
    '\n ',
    '\n\n',
    '\0',
    '\r',
    'gpgsig ',
    'parent ',
    armor[0]!,
    '<',
    'encoding x\n',
    '-',
  );
  const edits = fc.array(fc.tuple(fc.nat(600), fc.nat(3), fc.oneof(pieces, fc.string({ maxLength: 4 }))), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(seeds, edits, ([type, text], changes) => {
      let changed = text;
      for (const [place, without, put] of changes) {
        const at = place % (changed.length + 1);
        changed = changed.slice(0, at) + put + changed.slice(at + without);
      }
      const content = Buffer.from(changed);
      const object = read(type, content);
      if (object === undefined) return;
      const signature = Buffer.from(object.signature ?? '');
      const folded = signature.toString('latin1').split('\n').length - 1;
      const around = object.kind === 'commit' && object.signature !== undefined ? 'gpgsig '.length + folded - 1 : 0;
      assert.equal(object.payload.length + signature.length + around, content.length, JSON.stringify(changed));
    }),
    { numRuns: 3_000 },
  );
});

test('arbitrary lines of headers are read or refused', () => {
  const lines = [
    ...head,
    ...armor,
    '',
    ' more',
    'gpgsig x',
    'gpgsig-sha256 x',
    'mergetag x',
    'encoding latin1',
    'tag v1',
  ];
  const objects = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 14 });
  fc.assert(
    fc.property(fc.constantFrom('commit', 'tag'), objects, (type, text) => {
      const object = read(type as 'commit' | 'tag', Buffer.from(text.join('\n')));
      if (object?.kind === 'commit')
        assert.equal(
          Buffer.from(object.payload).includes('gpgsig'),
          text.slice(text.indexOf('')).join('').includes('gpgsig'),
        );
    }),
    { numRuns: 2_000 },
  );
});

test('objects of a megabyte that are made to be slow are judged within two seconds', () => {
  const size = 1_000_000;
  const bombs = [
    'x y\n'.repeat(size / 4),
    `${head.join('\n')}\nnote x${'\n '.repeat(size / 2)}\n\n`,
    `${head.join('\n')}\n${Array.from({ length: size / 10 }, (_, n) => `x${n} y\n`).join('')}\n`,
    `${head.join('\n')}\n\n${'\n'.repeat(size)}`,
    `tree ${id}\nauthor ${'<'.repeat(size)}\ncommitter ${ada}\n\n`,
    `${tag.slice(0, tag.indexOf('one'))}${'-----BEGIN PGP \n'.repeat(size / 16)}`,
    `object ${id}\ntype commit\ntag ${'a/'.repeat(size / 2)}b\ntagger ${ada}\n\n`,
  ];
  for (const [index, bomb] of bombs.entries()) {
    const begin = performance.now();
    for (const type of ['commit', 'tag'] as const) read(type, Buffer.from(bomb));
    assert.ok(performance.now() - begin < 2_000, `bomb ${index}`);
  }
});
