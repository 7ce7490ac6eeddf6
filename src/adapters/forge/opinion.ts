/** What the three forges have in common. */
import type { Ask } from './ask-forge.ts';

export interface Opinion {
  readonly by: string;
  readonly decision: 'approve' | 'request-changes';
  readonly at: number;
}

/** The request that brought a commit to the branch; `undefined` when none did. */
export type FindChange = (
  ask: Ask,
  of: { readonly repository: string; readonly commit: string; readonly branch: string },
) => Promise<{ readonly number: number; readonly opinions: () => Promise<readonly Opinion[]> } | undefined>;

export interface Said {
  readonly by: string;
  /** `undefined`: withdrawn or dismissed; it takes back what the person said before. */
  readonly decision: Opinion['decision'] | undefined;
  /** An approval counts on the head that was merged only. */
  readonly onHead: boolean;
  readonly at: number;
}

/** The last word of each person who is no author; what was said of an older head approves nothing. */
export function lastWords(said: readonly Said[], authors: ReadonlySet<string>): readonly Opinion[] {
  const last = new Map<string, Said>();
  for (const one of said.toSorted((left, right) => left.at - right.at)) last.set(one.by, one);
  return [...last.values()].flatMap(({ by, decision, onHead, at }) =>
    decision === undefined || authors.has(by) || (decision === 'approve' && !onHead) ? [] : [{ by, decision, at }],
  );
}

/** @throws RangeError for what is no time: a review without one has no place among the others. */
export function timeOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new RangeError(`${text} is not a time`);
  return at;
}
