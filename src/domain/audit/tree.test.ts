import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sameBytes, toHex, utf8 } from './bytes.ts';
import { emptyTree, folded, grown, leafHash, nodeHash, rootOf, type Frontier } from './tree.ts';
import {
  consistencyPath,
  inclusionPath,
  perfectSubtrees,
  provesConsistency,
  provesInclusion,
  type Range,
} from './proof.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** The definition, word for word: RFC 9162, section 2.1.1. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hash(new Uint8Array());
  if (leaves.length === 1) return leafHash(hash, leaves[0]!);
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(hash, naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

function treeOf(leaves: readonly Uint8Array[]): Frontier {
  return leaves.reduce<Frontier>((tree, leaf) => grown(hash, tree, { leaf: leafHash(hash, leaf) }), emptyTree);
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => utf8(`leaf ${index}`));
const proofOf = (leaves: readonly Uint8Array[], path: readonly Range[]) =>
  path.map(({ from, to }) => naiveRoot(leaves.slice(from, to)));

test('the roots of the test vectors of Certificate Transparency', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const leaves = inputs.map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  assert.equal(toHex(rootOf(hash, emptyTree)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  roots.forEach((root, index) => assert.equal(toHex(rootOf(hash, treeOf(leaves.slice(0, index + 1)))), root));
});

test('a tree grown leaf by leaf has the root of the definition, and tells of every perfect subtree once', () => {
  for (let count = 0; count <= 70; count++) {
    const leaves = leavesOf(count);
    assert.deepEqual(rootOf(hash, treeOf(leaves)), naiveRoot(leaves), `${count} leaves`);
  }
  const told = new Map<string, Uint8Array>();
  const leaves = leavesOf(64);
  let tree = emptyTree;
  for (const leaf of leaves) {
    tree = grown(hash, tree, {
      leaf: leafHash(hash, leaf),
      onNode: ({ level, index }, root) => {
        assert.equal(told.has(`${level}/${index}`), false);
        told.set(`${level}/${index}`, root);
        assert.deepEqual(root, naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
      },
    });
  }
  assert.equal(told.size, 127);
});

test('every leaf of every tree up to 40 is proved, and a range of a path folds from its perfect subtrees', () => {
  for (let size = 1; size <= 40; size++) {
    const leaves = leavesOf(size);
    const root = naiveRoot(leaves);
    for (let index = 0; index < size; index++) {
      const path = inclusionPath(index, size);
      const proof = proofOf(leaves, path);
      const claim = { index, size, leaf: leafHash(hash, leaves[index]!), proof, root };
      assert.ok(provesInclusion(hash, claim), `${index} of ${size}`);
      for (const range of path) {
        const roots = perfectSubtrees(range).map((place) =>
          naiveRoot(leaves.slice(place.index * 2 ** place.level, (place.index + 1) * 2 ** place.level)),
        );
        assert.deepEqual(folded(hash, roots), naiveRoot(leaves.slice(range.from, range.to)));
      }
    }
  }
});

test('every pair of trees up to 40 is proved consistent', () => {
  for (let newer = 0; newer <= 40; newer++) {
    const leaves = leavesOf(newer);
    for (let older = 0; older <= newer; older++) {
      const claim = {
        older: { size: older, root: naiveRoot(leaves.slice(0, older)) },
        newer: { size: newer, root: naiveRoot(leaves) },
        proof: proofOf(leaves, consistencyPath(older, newer)),
      };
      assert.ok(provesConsistency(hash, claim), `${older} in ${newer}`);
    }
  }
});

const damages = fc.constantFrom(
  'bit',
  'dropped',
  'added',
  'swapped',
  'other leaf',
  'other index',
  'other size',
  'other root',
);

test('an inclusion proof with anything changed proves nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(59), fc.nat(), damages, (size, at, place, damage) => {
      const index = at % size;
      const leaves = leavesOf(size);
      const proof = proofOf(leaves, inclusionPath(index, size));
      const claim = { index, size, leaf: leafHash(hash, leaves[index]!), proof, root: naiveRoot(leaves) };
      const other = proof.toSpliced(place % proof.length, 1, hash(proof[place % proof.length]!));
      const changed = {
        bit: { ...claim, proof: other },
        dropped: { ...claim, proof: proof.toSpliced(place % proof.length, 1) },
        added: { ...claim, proof: [...proof, hash(utf8('more'))] },
        swapped: { ...claim, proof: proof.toReversed() },
        'other leaf': { ...claim, leaf: hash(claim.leaf) },
        'other index': { ...claim, index: (index + 1 + (place % (size - 1))) % size },
        'other size': { ...claim, size: index },
        'other root': { ...claim, root: hash(claim.root) },
      }[damage];
      fc.pre(damage !== 'swapped' || proof.length > 1);
      assert.equal(provesInclusion(hash, changed), false, damage);
    }),
  );
});

test('a tree in which one old leaf is another is never proved consistent with the old one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(), (older, more, place) => {
      const newer = older + more;
      const leaves = leavesOf(newer);
      const rewritten = leaves.with(place % older, utf8('rewritten'));
      const claim = {
        older: { size: older, root: naiveRoot(leaves.slice(0, older)) },
        newer: { size: newer, root: naiveRoot(rewritten) },
      };
      for (const one of [leaves, rewritten])
        assert.equal(provesConsistency(hash, { ...claim, proof: proofOf(one, consistencyPath(older, newer)) }), false);
    }),
  );
});

test('whatever is handed in as a proof is answered, not thrown at', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const number = fc.oneof(fc.nat(100), fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53, Infinity));
  fc.assert(
    fc.property(number, number, fc.array(bytes), bytes, bytes, (one, other, proof, left, right) => {
      const included = provesInclusion(hash, { index: one, size: other, leaf: left, proof, root: right });
      assert.equal(included, one === 0 && other === 1 && proof.length === 0 && sameBytes(left, right));
      const older = { size: one, root: left };
      provesConsistency(hash, { older, newer: { size: other, root: right }, proof });
    }),
  );
});

test('no path is asked for that cannot be', () => {
  assert.throws(() => inclusionPath(3, 3), RangeError);
  assert.throws(() => inclusionPath(-1, 3), RangeError);
  assert.throws(() => consistencyPath(4, 3), RangeError);
});
