/**
 * Checks a whole log, entry by entry in the order in which it is read, against checkpoints whose signatures are known to be right.
 * Tells what is wrong and where it begins; needs nothing but what it is given.
 */
import { fromBase64, sameBytes, utf8 } from './bytes.ts';
import { markOf, type Checkpoint } from './checkpoint.ts';
import { differenceOf, openEvent, readLeaf, type AuditedEvent, type Openings, type OpenedEvent } from './leaf.ts';
import { emptyTree, grown, leafHash, rootOf, type Frontier, type HashBytes } from './tree.ts';

export interface LogEntry {
  readonly index: number;
  /** Null when there is nothing where the entry should be. */
  readonly leaf: string | null;
  /** What whoever keeps the log says that the hash of the leaf is; base64. */
  readonly hash?: string;
  readonly openings: Openings;
  /** The event as it is shown to readers elsewhere; compared when given. */
  readonly shown?: AuditedEvent;
}

export type ProblemCode =
  | 'ENTRY_MISSING'
  | 'ENTRY_OUT_OF_ORDER'
  | 'ENTRY_CHANGED'
  | 'ENTRY_UNREADABLE'
  | 'FIELD_CHANGED'
  | 'FIELD_ERASED'
  | 'EVENT_CHANGED'
  | 'LOG_TRUNCATED'
  | 'LOG_REWRITTEN'
  | 'LOG_SPLIT';

export interface Problem {
  readonly code: ProblemCode;
  /** The first entry concerned. */
  readonly entry: number;
  readonly message: string;
}

export interface LogFindings {
  /** In the order of the entries; the first is where the log begins to be wrong. Not all, when there are very many. */
  readonly problems: readonly Problem[];
  readonly entries: number;
  /** Of the entries read; absent when they did not follow each other. */
  readonly root: Uint8Array | undefined;
  /** How many entries the newest checkpoint that agrees with the log covers. */
  readonly covered: number;
  /** Checkpoints that agree with the log. */
  readonly checkpoints: number;
  /** Texts that were erased. */
  readonly erased: number;
}

export interface LogVerifier {
  add(entry: LogEntry): void;
  /** Where an entry should stand is something that cannot be read. */
  addUnreadable(): void;
  finish(): LogFindings;
}

/** The event by which an erasure is recorded; `places` in its data are `<event id><pointer>`. */
export const erasureKind = 'audit.erased';

const mostProblems = 1_000;

export function verifyLog(hash: HashBytes, checkpoints: readonly Checkpoint[]): LogVerifier {
  const bySize = Map.groupBy(checkpoints, ({ size }) => size);
  const marks = marksOf(checkpoints);
  const problems: Problem[] = [...splits(bySize)];
  const agreeing: number[] = [];
  const disagreeing: number[] = [];
  const erasures = new Map<string, number>();
  const recorded = new Set<string>();
  let tree: Frontier | undefined = emptyTree;
  let next = 0;
  let read = 0;

  const report = (code: ProblemCode, entry: number, message: string): void => {
    if (problems.length < mostProblems) problems.push({ code, entry, message });
  };

  function compare(): void {
    const there = tree === undefined ? undefined : bySize.get(tree.size);
    if (tree === undefined || there === undefined) return;
    const root = rootOf(hash, tree);
    for (const checkpoint of there) (sameBytes(checkpoint.root, root) ? agreeing : disagreeing).push(checkpoint.size);
  }

  function place({ index }: LogEntry): void {
    if (index > next) report('ENTRY_MISSING', next, `entry ${next} is missing: entry ${index} stands in its place`);
    if (index < next) report('ENTRY_OUT_OF_ORDER', index, `entry ${index} stands where entry ${next} should`);
    if (index !== next) tree = undefined;
    next = Math.max(next, index + 1);
  }

  function grow({ index, leaf, hash: claimed }: LogEntry & { leaf: string }): void {
    const computed = leafHash(hash, utf8(leaf));
    if (claimed !== undefined && !same(claimed, computed))
      report('ENTRY_CHANGED', index, `the text of entry ${index} is not the one that its hash was made of`);
    const mark = marks.get(index);
    if (mark !== undefined && !sameBytes(mark, markOf(computed)))
      report('ENTRY_CHANGED', index, `entry ${index} is not the one that was there when its checkpoint was signed`);
    if (tree !== undefined) tree = grown(hash, tree, { leaf: computed });
    compare();
  }

  function open({ index, openings, shown }: LogEntry, leaf: string): void {
    const opened = tryToOpen(hash, leaf, openings);
    if (opened === undefined)
      return report('ENTRY_UNREADABLE', index, `entry ${index} is not an event that this version understands`);
    for (const pointer of opened.wrong)
      report('FIELD_CHANGED', index, `${pointer.slice(1)} of entry ${index} is not the text that was recorded`);
    for (const pointer of opened.erased) erasures.set(`${opened.event.id}${pointer}`, index);
    for (const erasedPlace of placesIn(opened.event)) recorded.add(erasedPlace);
    const difference = shown === undefined ? undefined : differenceOf(opened.event, shown);
    if (difference !== undefined && opened.wrong.length === 0)
      report('EVENT_CHANGED', index, `${difference} of the event of entry ${index} was changed after it was recorded`);
  }

  compare();
  return {
    add(entry) {
      read += 1;
      place(entry);
      const { leaf } = entry;
      if (leaf === null) {
        tree = undefined;
        return report('ENTRY_MISSING', entry.index, `the event of entry ${entry.index} is gone`);
      }
      grow({ ...entry, leaf });
      open(entry, leaf);
    },
    addUnreadable() {
      report('ENTRY_UNREADABLE', next, `what stands where entry ${next} should cannot be read`);
      [tree, next, read] = [undefined, next + 1, read + 1];
    },
    finish() {
      for (const [erasedPlace, index] of erasures)
        if (!recorded.has(erasedPlace))
          report('FIELD_ERASED', index, `a text of entry ${index} was removed, and no erasure of it is recorded`);
      const covered = agreeing.reduce((most, size) => Math.max(most, size), 0);
      const all = [...problems, ...truncation(checkpoints, next), ...rewriting({ problems, covered, disagreeing })];
      return {
        problems: all.sort((one, other) => one.entry - other.entry),
        entries: read,
        root: tree === undefined ? undefined : rootOf(hash, tree),
        covered,
        checkpoints: agreeing.length,
        erased: erasures.size,
      };
    },
  };
}

function marksOf(checkpoints: readonly Checkpoint[]): ReadonlyMap<number, Uint8Array> {
  return new Map(
    checkpoints.flatMap(({ marks }) => (marks?.marks ?? []).map((mark, place) => [marks!.from + place, mark] as const)),
  );
}

/** One log cannot have looked in two ways at the same size, whoever signed it. */
function splits(bySize: ReadonlyMap<number, readonly Checkpoint[]>): readonly Problem[] {
  return [...bySize].flatMap(([size, [first, ...others]]): readonly Problem[] =>
    others.every(({ root }) => sameBytes(root, first!.root))
      ? []
      : [
          {
            code: 'LOG_SPLIT',
            entry: 0,
            message: `two signed checkpoints of ${size} entries differ: there are two logs`,
          },
        ],
  );
}

function truncation(checkpoints: readonly Checkpoint[], end: number): readonly Problem[] {
  const largest = checkpoints.reduce((most, { size }) => Math.max(most, size), 0);
  if (largest <= end) return [];
  const message = `the log ends before entry ${end}; a signed checkpoint covers ${largest} entries`;
  return [{ code: 'LOG_TRUNCATED', entry: end, message }];
}

/** Only when nothing before the checkpoint was named: then it can be narrowed down to between two checkpoints. */
function rewriting(known: {
  problems: readonly Problem[];
  covered: number;
  disagreeing: readonly number[];
}): readonly Problem[] {
  const [first] = known.disagreeing.toSorted((one, other) => one - other);
  const named = known.problems.some(({ code, entry }) => first !== undefined && entry < first && explains.has(code));
  if (first === undefined || named) return [];
  const from = known.covered < first ? known.covered : 0;
  const message = `what is recorded in entries ${from} to ${first - 1} is not what was there when their checkpoint was signed`;
  return [{ code: 'LOG_REWRITTEN', entry: from, message }];
}

/** Problems that make a root another. */
const explains: ReadonlySet<ProblemCode> = new Set([
  'ENTRY_CHANGED',
  'ENTRY_MISSING',
  'ENTRY_OUT_OF_ORDER',
  'ENTRY_UNREADABLE',
  'LOG_SPLIT',
]);

function tryToOpen(hash: HashBytes, leaf: string, openings: Openings): OpenedEvent | undefined {
  try {
    return openEvent(hash, readLeaf(leaf), openings);
  } catch {
    return undefined;
  }
}

function placesIn({ kind, data }: AuditedEvent): readonly string[] {
  const { places } = data;
  return kind === erasureKind && Array.isArray(places) ? places.filter((one) => typeof one === 'string') : [];
}

function same(base64: string, bytes: Uint8Array): boolean {
  const given = fromBase64(base64);
  return given !== undefined && sameBytes(given, bytes);
}
