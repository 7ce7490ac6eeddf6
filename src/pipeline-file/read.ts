/** Reads a pipeline file: its text in, a pipeline or every problem out. */
import type { Pipeline } from '../domain/pipeline/pipeline.ts';
import { assemble } from './assemble.ts';
import { plainDocument } from './document.ts';
import type { PlacedProblem, PlainDocument } from './document.ts';
import { draftOf } from './draft.ts';
import { remarksOf } from './issues.ts';
import { judge } from './pipeline-rules.ts';
import { lineFinder, positionAt } from './position.ts';
import { formatPath } from './problem.ts';
import type { Remark, Problem } from './problem.ts';
import { pipelineFile } from './schema.ts';
import { isProblem, parseTree } from './syntax.ts';
import { textProblems, withoutMark } from './text.ts';

export type PipelineReading =
  | { readonly ok: true; readonly pipeline: Pipeline; readonly warnings: readonly Problem[] }
  /** At least one problem, in the order of the file. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the text of a pipeline file (YAML 1.2). `fileName` only appears in problems. Never throws.
 * Text that is not YAML gives the problems of the text; everything else gives all problems at once.
 */
export function readPipeline(text: string, fileName: string): PipelineReading {
  const content = withoutMark(text);
  const tell = teller(content, fileName);
  const unreadable = textProblems(content);
  if (unreadable.length > 0)
    return { ok: false, problems: tell(unreadable.map((problem) => ({ ...problem, path: [] }))) };
  const tree = parseTree(content);
  if (isProblem(tree)) return { ok: false, problems: tell([{ ...tree, path: [] }]) };

  const document = plainDocument(tree, lineFinder(content));
  if (!document.complete) return { ok: false, problems: tell(document.problems) };
  const parsed = pipelineFile.safeParse(document.value);
  const { problems, warnings } = judge(draftOf(document.value));
  const found = withoutMisspelt([...remarksOf(parsed.error?.issues ?? []), ...problems], document.problems);
  const wrong = [...document.problems, ...placed(document, found)];
  if (parsed.success && wrong.length === 0)
    return { ok: true, pipeline: assemble(parsed.data), warnings: tell(placed(document, warnings)) };
  return { ok: false, problems: tell(oneForEachPath(wrong)) };
}

function placed(document: PlainDocument, remarks: readonly Remark[]): readonly PlacedProblem[] {
  return remarks.map(({ path, message, hint, atKey }) => ({
    path,
    message,
    offset: document.locate(path, atKey),
    ...(hint === undefined ? {} : { hint }),
  }));
}

/** What stands there misspelt, or under a key that could not be read, is not told a second time as missing. */
function withoutMisspelt(remarks: readonly Remark[], unread: readonly PlacedProblem[]): readonly Remark[] {
  const meant = new Set(remarks.flatMap((remark) => (remark.meant === undefined ? [] : [formatPath(remark.meant)])));
  const unclear = new Set(unread.map(({ path }) => formatPath(path)));
  return remarks.filter(({ path, message }) => {
    if (!message.startsWith('missing;')) return true;
    return !meant.has(formatPath(path)) && !unclear.has(formatPath(path.slice(0, -1)));
  });
}

/** The first problem of a path is the one to solve; others at the same path usually go away with it. */
function oneForEachPath(problems: readonly PlacedProblem[]): readonly PlacedProblem[] {
  const told = new Set<string>();
  return problems.filter(({ path, offset }) => {
    const place = `${offset} ${formatPath(path)}`;
    return !told.has(place) && told.add(place);
  });
}

/** Beyond this many, a file is not mistaken but something else. */
const mostTold = 200;

function teller(text: string, file: string): (problems: readonly PlacedProblem[]) => readonly Problem[] {
  return (problems) => {
    const sorted = [...problems].sort((left, right) => left.offset - right.offset);
    const told = sorted.slice(0, mostTold);
    const rest = sorted[mostTold];
    if (rest !== undefined)
      told.push({
        offset: rest.offset,
        path: [],
        message: `and ${sorted.length - mostTold} more problems from here on`,
      });
    return told.map(({ offset, path, ...words }) => ({
      file,
      ...positionAt(text, offset),
      path: formatPath(path),
      ...words,
    }));
  };
}
