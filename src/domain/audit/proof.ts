/** Inclusion and consistency proofs: which subtrees they are made of, and checking them (RFC 9162, sections 2.1.3 and 2.1.4). */
import { sameBytes } from './bytes.ts';
import { nodeHash, type HashBytes, type NodePlace } from './tree.ts';

/** Leaves `from` to `to`, the latter not included; never empty. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The subtrees whose roots prove that the leaf at `index` is in the tree of `size` leaves, from the leaf upwards. */
export function inclusionPath(index: number, size: number): readonly Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`there is no leaf ${index} in a tree of ${size}`);
  const path: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/** The subtrees whose roots prove that the tree of `older` leaves is the beginning of the one of `newer`; none when one of them says nothing. */
export function consistencyPath(older: number, newer: number): readonly Range[] {
  if (!(older >= 0 && older <= newer)) throw new RangeError(`a tree of ${older} leaves cannot begin one of ${newer}`);
  if (older === 0 || older === newer) return [];
  const path: Range[] = [];
  let [from, to] = [0, newer];
  // The older tree ends inside the range until it is a perfect subtree of it.
  while (older < to) {
    const middle = from + splitOf(to - from);
    if (older <= middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  // What starts at the first leaf is the older tree itself, which the checker knows.
  return (from === 0 ? path : [...path, { from, to }]).reverse();
}

/** The perfect subtrees a range of a path is made of, largest first; `folded` makes its root of theirs. */
export function perfectSubtrees({ from, to }: Range): readonly NodePlace[] {
  const places: NodePlace[] = [];
  for (let at = from; at < to;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    places.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return places;
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** RFC 9162, section 2.1.3.2. False for anything that is not a proof. */
export function provesInclusion(hash: HashBytes, { index, size, leaf, proof, root }: InclusionClaim): boolean {
  if (!isCount(size) || !isCount(index) || index >= size) return false;
  let [node, last] = [index, size - 1];
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(hash, sibling, computed);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else computed = nodeHash(hash, computed, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(computed, root);
}

export interface ConsistencyClaim {
  readonly older: { readonly size: number; readonly root: Uint8Array };
  readonly newer: { readonly size: number; readonly root: Uint8Array };
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162, section 2.1.4.2; the empty tree begins every tree. False for anything that is not a proof. */
export function provesConsistency(hash: HashBytes, { older, newer, proof }: ConsistencyClaim): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && sameBytes(older.root, hash(new Uint8Array()));
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [asOlder, asNewer] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [asOlder, asNewer] = [nodeHash(hash, sibling, asOlder), nodeHash(hash, sibling, asNewer)];
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else asNewer = nodeHash(hash, asNewer, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(asOlder, older.root) && sameBytes(asNewer, newer.root);
}

/** The largest power of two below `count`, which is at least 2. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function isPowerOfTwo(number: number): boolean {
  return number === splitOf(number + 1);
}
