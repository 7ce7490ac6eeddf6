import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coAuthors, independence, unknownAuthors, type Contributor } from './independence.ts';

const ann = { handle: 'ann', emails: ['ann@example.org', 'Ann.Smith@Example.COM'] };
const bob = { handle: 'bob', emails: ['bob@example.org'] };
const commit = 'c'.repeat(40);
const author = (email: string): Contributor => ({ as: 'author', name: 'Somebody', email, commit });

test('R22: an author, a co-author, a signer and a requester are not independent, and each is told as what he is', () => {
  const hands: readonly [Contributor, RegExp][] = [
    [author('ann@example.org'), /^ann is an author of cccccccccc$/],
    [{ ...author('ann.smith@example.com'), as: 'co-author' }, /^ann is a co-author of cccccccccc$/],
    [{ as: 'signer', name: 'ann', handle: 'ann', commit }, /^ann is a signer of cccccccccc$/],
    [{ as: 'requester', name: 'ann', handle: 'ann' }, /^ann is who asked for it$/],
  ];
  for (const [hand, told] of hands) {
    const answer = independence(ann, [author('eve@example.org'), hand]);
    assert.ok(!answer.independent && answer.as === hand.as);
    assert.match(answer.because, told);
    assert.deepEqual(independence(bob, [hand]), { independent: true });
  }
});

test('R22: an e-mail is the same in any capitals, whatever stands around it', () => {
  const letters = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(letters, letters, fc.boolean(), (local, domain, loud) => {
      const email = `${local}@${domain}.org`;
      const written = ` ${loud ? email.toUpperCase() : email}\t`;
      assert.equal(independence({ handle: 'x', emails: [email] }, [author(written)]).independent, false);
      assert.equal(independence({ handle: 'x', emails: [`other.${email}`] }, [author(written)]).independent, true);
    }),
  );
});

test('R22: an author without an address is nobody, not everybody', () => {
  assert.equal(independence({ handle: 'x', emails: ['', ' '] }, [author('')]).independent, true);
});

test('R22: the name in a commit proves nothing', () => {
  assert.equal(independence(ann, [{ as: 'author', name: 'ann', email: 'mallory@example.org' }]).independent, true);
});

test('R22: authors whom nobody knows are told, each e-mail once', () => {
  const contributors = [
    author('eve@example.org'),
    author('EVE@example.org'),
    author('bob@example.org'),
    { as: 'requester', name: 'zed', handle: 'zed' } as const,
  ];
  assert.deepEqual(
    unknownAuthors([ann, bob], contributors).map(({ email }) => email),
    ['eve@example.org'],
  );
});

test('R22: co-authors are found wherever the lines stand, in any capitals', () => {
  const message = [
    'Add a greeting',
    '',
    'Co-authored-by: Bob Builder <bob@example.org>',
    'CO-AUTHORED-BY:Eve<eve@example.org>',
    '  co-authored-by : Dan <dan@example.org> (he paired)',
    'Nobody was Co-authored-by: x <y@example.org>',
    'Signed-off-by: Zed <zed@example.org>',
    '',
    'and a last paragraph',
  ].join('\r\n');
  assert.deepEqual(coAuthors(message), [
    { name: 'Bob Builder', email: 'bob@example.org' },
    { name: 'Eve', email: 'eve@example.org' },
    { name: 'Dan', email: 'dan@example.org' },
  ]);
  assert.deepEqual(coAuthors('Add a greeting'), []);
});

test('R22: any message is read in time that its length explains', () => {
  fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (message) => coAuthors(message).length <= message.length));
  const long = `co-authored-by:${' '.repeat(200_000)}<`;
  const before = performance.now();
  assert.deepEqual(coAuthors(long), []);
  assert.ok(performance.now() - before < 2_000);
});
