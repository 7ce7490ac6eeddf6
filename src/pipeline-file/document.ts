/** A YAML tree as plain data, with the place in the text of everything in it. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Pair, Scalar, YAMLMap } from 'yaml';
import { formatPath } from './problem.ts';
import type { Path } from './problem.ts';
import { hasControlCharacters } from './text.ts';
import type { Tree } from './syntax.ts';

export interface PlainDocument {
  /** Objects without a prototype, arrays, strings, numbers, booleans and null. */
  readonly value: unknown;
  readonly problems: readonly PlacedProblem[];
  /** False when a limit was passed and the rest was not read. */
  readonly complete: boolean;
  /** Offset of what stands at `path`, or of the nearest thing around it when nothing does. */
  locate(path: Path, atKey?: boolean): number;
}

export interface PlacedProblem {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

const deepest = 20;
const mostAliases = 20;
/** Values in all, aliases counted as often as they are used. */
const mostValues = 20_000;

interface Place {
  readonly key: number;
  readonly value: number;
}

interface Reading {
  readonly tree: Tree;
  readonly lineOf: (offset: number) => number;
  readonly places: Map<string, Place>;
  readonly problems: PlacedProblem[];
  aliases: number;
  values: number;
  /** Set when a limit was passed: nothing more is read. */
  stopped: boolean;
}

/** Turns the tree into data. `lineOf` answers the line of an offset, for messages that name a second place. */
export function plainDocument(tree: Tree, lineOf: (offset: number) => number): PlainDocument {
  const reading: Reading = { tree, lineOf, places: new Map(), problems: [], aliases: 0, values: 0, stopped: false };
  const start = tree.contents.range[0];
  const value = read(reading, tree.contents, { path: [], key: start });
  return {
    value,
    problems: reading.problems,
    complete: !reading.stopped,
    locate: (path, atKey) => locate(reading.places, path, atKey),
  };
}

interface Spot {
  readonly path: Path;
  /** Where the key, or for entries of lists the entry, starts. */
  readonly key: number;
}

function read(reading: Reading, node: unknown, spot: Spot): unknown {
  if (reading.stopped || !hasRange(node)) return null;
  const offset = isScalar(node) && node.value === null ? spot.key : node.range[0];
  reading.places.set(placeKey(spot.path), { key: spot.key, value: offset });
  if (++reading.values > mostValues) return stop(reading, offset, `more than ${mostValues} values, aliases included`);
  if (spot.path.length > deepest) return stop(reading, offset, `nested more than ${deepest} levels deep`);
  if (!isAlias(node) && node.tag !== undefined)
    complain(reading, { ...spot, key: offset }, { message: 'YAML tags are not read', hint: 'remove the tag' });
  if (isAlias(node)) return readAlias(reading, node, { ...spot, key: offset });
  if (isMap(node)) return readMap(reading, node, spot.path);
  if (isSeq(node))
    return node.items.map((item, index) =>
      read(reading, item, { path: [...spot.path, index], key: hasRange(item) ? item.range[0] : offset }),
    );
  return isScalar(node) ? readScalar(reading, node, { ...spot, key: offset }) : null;
}

function readAlias(reading: Reading, alias: Alias, spot: Spot): unknown {
  if (++reading.aliases > mostAliases) return stop(reading, spot.key, `more than ${mostAliases} aliases`);
  const target = alias.resolve(reading.tree);
  if (target === undefined) {
    complain(reading, spot, { message: `no anchor &${alias.source} stands before this alias` });
    return null;
  }
  return read(reading, target, spot);
}

function readMap(reading: Reading, map: YAMLMap, path: Path): unknown {
  const result: Record<string, unknown> = Object.create(null);
  const seen = new Map<string, number>();
  for (const pair of map.items) {
    if (reading.stopped) break;
    const key = readKey(reading, pair, path);
    if (key === undefined) continue;
    const spot = { path: [...path, key.name], key: key.offset };
    const first = seen.get(key.name);
    if (first !== undefined) {
      complain(reading, spot, {
        message: `the key is written twice, first in line ${reading.lineOf(first)}`,
        hint: 'remove one of them',
      });
      continue;
    }
    seen.set(key.name, key.offset);
    if (pair.value === null) reading.places.set(placeKey(spot.path), { key: key.offset, value: key.offset });
    result[key.name] = read(reading, pair.value, spot);
  }
  return result;
}

function readKey(reading: Reading, pair: Pair, path: Path): { name: string; offset: number } | undefined {
  const { key } = pair;
  if (!hasRange(key)) return undefined;
  const spot = { path, key: key.range[0] };
  if (!isScalar(key) || typeof key.value !== 'string') {
    complain(reading, spot, { message: 'a key that is not text', hint: 'put it in quotes' });
    return undefined;
  }
  if (key.value === '<<') {
    complain(reading, spot, {
      message: 'merge keys (<<) are not part of YAML 1.2',
      hint: 'write the keys out, or use an alias for a whole value',
    });
    return undefined;
  }
  if (hasControlCharacters(key.value) || /\n/.test(key.value) || key.value === '__proto__') {
    complain(reading, spot, { message: `${JSON.stringify(key.value)} cannot be a key` });
    return undefined;
  }
  return { name: key.value, offset: key.range[0] };
}

/** What is written must be what is read: `0755`, `1.10` and `True` would come back as something else. */
function readScalar(reading: Reading, scalar: Scalar, spot: Spot): unknown {
  const { value, source = '' } = scalar;
  if (typeof value === 'string' && hasControlCharacters(value))
    complain(reading, spot, { message: 'text with a control character in it' });
  if ((typeof value === 'number' || typeof value === 'boolean') && String(value) !== source) {
    const kind = Number.isFinite(Number(value)) ? `, or ${value} for the ${typeof value}` : '';
    const written = source.slice(0, 40);
    complain(reading, spot, {
      message: `${written} can be read in two ways`,
      hint: `write "${written}" in quotes for text${kind}`,
    });
  }
  return value;
}

interface Words {
  readonly message: string;
  readonly hint?: string;
}

function complain(reading: Reading, spot: Spot, words: Words): void {
  reading.problems.push({ offset: spot.key, path: spot.path, ...words });
}

function stop(reading: Reading, offset: number, message: string): null {
  reading.stopped = true;
  reading.problems.push({ offset, path: [], message });
  return null;
}

function hasRange(node: unknown): node is (Alias | Scalar | YAMLMap) & { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function placeKey(path: Path): string {
  return formatPath(path);
}

function locate(places: ReadonlyMap<string, Place>, path: Path, atKey = false): number {
  const place = places.get(placeKey(path));
  if (place !== undefined) return atKey ? place.key : place.value;
  return path.length === 0 ? 0 : locate(places, path.slice(0, -1));
}
