/**
 * The Merkle tree of RFC 9162, section 2.1 (the one of RFC 6962): hashes of leaves and nodes, and growing it entry by
 * entry while remembering only the roots of its perfect subtrees.
 */
import { concatenated } from './bytes.ts';

/** SHA-256 of bytes: 32 bytes. Supplied from outside, so that the domain stays free of platform code. */
export type HashBytes = (content: Uint8Array) => Uint8Array;

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export function leafHash(hash: HashBytes, leaf: Uint8Array): Uint8Array {
  return hash(concatenated(leafPrefix, leaf));
}

export function nodeHash(hash: HashBytes, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(concatenated(nodePrefix, left, right));
}

/** Where a perfect subtree stands: it covers 2^level leaves from index × 2^level on. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/** All that must be known of a tree to append to it: the roots of its perfect subtrees, largest first. */
export interface Frontier {
  readonly size: number;
  readonly roots: readonly Uint8Array[];
}

export const emptyTree: Frontier = { size: 0, roots: [] };

/** The tree with one more leaf. `onNode` is told of every perfect subtree that the leaf completes, itself included. */
export function grown(
  hash: HashBytes,
  tree: Frontier,
  { leaf, onNode }: { leaf: Uint8Array; onNode?: (place: NodePlace, root: Uint8Array) => void },
): Frontier {
  const roots = [...tree.roots];
  let root = leaf;
  let place: NodePlace = { level: 0, index: tree.size };
  onNode?.(place, root);
  while (place.index % 2 === 1) {
    root = nodeHash(hash, roots.pop()!, root);
    place = { level: place.level + 1, index: (place.index - 1) / 2 };
    onNode?.(place, root);
  }
  return { size: tree.size + 1, roots: [...roots, root] };
}

export function rootOf(hash: HashBytes, { roots }: Frontier): Uint8Array {
  return folded(hash, roots) ?? hash(new Uint8Array());
}

/** The root above perfect subtrees that follow each other, largest first; `undefined` above none. */
export function folded(hash: HashBytes, roots: readonly Uint8Array[]): Uint8Array | undefined {
  const [last, ...before] = roots.toReversed();
  return last === undefined ? undefined : before.reduce((right, left) => nodeHash(hash, left, right), last);
}
