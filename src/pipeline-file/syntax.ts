/** YAML text to one document tree, or the one thing that keeps it from being YAML, in our words. */
import { parseAllDocuments } from 'yaml';
import type { Document, ParsedNode, YAMLParseError } from 'yaml';

export type Tree = Document.Parsed<ParsedNode> & { readonly contents: ParsedNode };

export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Parses YAML 1.2 (core schema). Answers only the first syntax error, because those behind it mostly follow from it.
 * Keys are not checked for being unique here, and aliases are not followed.
 */
export function parseTree(text: string): Tree | SyntaxProblem {
  const documents = parse(text);
  if (!Array.isArray(documents)) return documents;
  const [tree, second] = documents as readonly Document.Parsed[];
  if (!tree?.contents)
    return {
      offset: 0,
      message: 'the file holds nothing but comments',
      hint: '"liftlock init" writes one to start from',
    };
  const error = tree.errors[0];
  if (error !== undefined) return inOurWords(error, text);
  const directive = text.search(/^%/m);
  if (directive >= 0 && directive < tree.contents.range[0])
    return { offset: directive, message: 'YAML directives are not read', hint: 'remove the line' };
  if (second !== undefined) {
    return {
      offset: startOf(second, text),
      message: 'a second YAML document; a pipeline file holds one',
      hint: 'remove it and the --- or ... before it',
    };
  }
  return tree as Tree;
}

export function isProblem(answer: Tree | SyntaxProblem): answer is SyntaxProblem {
  return 'message' in answer;
}

function parse(text: string): ReturnType<typeof parseAllDocuments> | SyntaxProblem {
  try {
    return parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
  } catch {
    // The parser recurses; a text that exhausts the stack is the only known way to make it throw.
    return { offset: 0, message: 'the file is nested too deeply to be read' };
  }
}

function startOf(document: Document.Parsed, text: string): number {
  const marker = text.lastIndexOf('\n---', document.range[0]);
  return document.contents?.range[0] ?? (marker >= 0 ? marker + 1 : document.range[0]);
}

const words: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  TAB_AS_INDENT: ['a tab in the indentation', 'YAML is indented with spaces'],
  BAD_INDENT: ['the indentation does not fit the lines above', 'keys of one mapping start in the same column'],
  MULTILINE_IMPLICIT_KEY: ['a key runs over several lines', 'look for a missing ": " or a wrong indentation'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " on one line', 'put text that contains ": " in quotes'],
  MISSING_CHAR: ['something is missing here', 'look for a comma, a quote, a bracket or a space'],
  BAD_SCALAR_START: ['text may not start with this character', 'put it in quotes'],
  BAD_DQ_ESCAPE: [
    'unknown escape sequence in a double-quoted text',
    'use single quotes, or write \\\\ for a backslash',
  ],
  BLOCK_IN_FLOW: ['an indented block inside brackets', 'write the value in brackets too'],
  KEY_OVER_1024_CHARS: ['a key longer than 1024 characters'],
  BAD_DIRECTIVE: ['YAML directives are not read', 'remove the line'],
  UNEXPECTED_TOKEN: ['this cannot stand here', 'look for a missing comma, quote or line break before it'],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply to be read'],
  MULTIPLE_ANCHORS: ['two anchors on one value'],
  MULTIPLE_TAGS: ['two tags on one value', 'remove them; tags are not read'],
  ALIAS_PROPS: ['an alias with an anchor or a tag', 'write the alias alone'],
  BAD_ALIAS: ['this is not the name of an anchor', 'put text that starts with * or & in quotes'],
  TAG_RESOLVE_FAILED: ['YAML tags are not read', 'remove the tag'],
  BAD_COLLECTION_TYPE: ['YAML tags are not read', 'remove the tag'],
};

/** Errors that the parser gives one code and people tell apart. */
const finerWords: readonly (readonly [parserMessage: RegExp, message: string, hint: string])[] = [
  [
    /^Missing closing ["']/,
    'a quote is opened and not closed before here',
    'close it, or put text that contains a quote in the other kind of quotes',
  ],
  [
    /^Flow (map|sequence) in block/,
    'a bracket is opened and not closed before here',
    'lists and mappings in brackets are closed, and indented when they go on in the next line',
  ],
  [/^Implicit map keys need/, 'a key with no ":" behind it', 'look for a missing ":" or a missing space behind "-"'],
];

function inOurWords({ code, pos, message: parserMessage }: YAMLParseError, text: string): SyntaxProblem {
  // The parser points behind the end when something is missing there; the last line is what a person looks for.
  const offset = pos[0] >= text.length ? text.trimEnd().length : pos[0];
  const finer = finerWords.find(([pattern]) => pattern.test(parserMessage));
  if (finer !== undefined) return { offset, message: finer[1], hint: finer[2] };
  const [message, hint] = words[code] ?? ['this is not YAML'];
  return { offset, message, ...(hint === undefined ? {} : { hint }) };
}
