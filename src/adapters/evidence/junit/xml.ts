import { SaxesParser } from 'saxes';

export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close(name: string): void;
  comment(text: string): void;
}

export interface XmlReader {
  /** What is wrong with the document, once something is; nothing may be written after that. */
  write(text: string): string | undefined;
  end(): string | undefined;
}

const deepest = 100;
const mostAttributes = 1_000;

/** Characters between two pieces of markup; the parser keeps them in memory, some of them at many times their size. */
const longestStretch = 16 * 2 ** 20;

/** Past this many, a document is not careless but broken; each one costs an error object. */
const mostBlemishes = 1_000;

/**
 * Reads well-formed XML without a DOCTYPE (so without entities of its own). Forgiven, because test runners
 * print whatever a test printed: control characters, `]]>` in text and character entities that XML does not know. None of
 * them can change which elements there are.
 */
export function readXml(handlers: XmlHandlers): XmlReader {
  const parser = new SaxesParser();
  let problem: string | undefined;
  let depth = 0;
  let blemishes = 0;
  let attributesHere = 0;
  let stretch = 0;
  const isBroken = (because: string) => void (problem ??= because);

  parser.on('doctype', () => isBroken('has a DOCTYPE, which Liftlock does not read'));
  parser.on('error', (error) => {
    if (!isForgiven(error) || (blemishes += 1) > mostBlemishes)
      isBroken(`is not well-formed XML: ${error.message.slice(0, 200)}`);
  });
  parser.on('attribute', () => {
    attributesHere += 1;
    if (attributesHere > mostAttributes) isBroken(`has an element with more than ${mostAttributes} attributes`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    attributesHere = 0;
    stretch = 0;
    if (depth > deepest) isBroken(`nests deeper than ${deepest} elements`);
    if (problem === undefined) handlers.open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    stretch = 0;
    if (problem === undefined) handlers.close(localName(name));
  });
  parser.on('comment', (text) => problem ?? handlers.comment(text));

  function feed(text: string | null): string | undefined {
    try {
      stretch += text?.length ?? 0;
      if (stretch > longestStretch) isBroken('holds a single text longer than 16 MiB');
      if (text?.includes('\0') === true) isBroken('holds NUL bytes, so it was not written in full');
      if (problem === undefined) parser.write(text === null ? null : withoutControls(text));
    } catch (error) {
      isBroken(`is not well-formed XML: ${(error as Error).message.slice(0, 200)}`);
    }
    return problem;
  }
  return { write: inSteps(feed), end: () => feed(null) };
}

/** Small steps, so that a document that goes wrong is left soon and not only after everything that was read at once. */
function inSteps(feed: (text: string) => string | undefined): (text: string) => string | undefined {
  const step = 4_096;
  return (text) => {
    for (let from = 0; from < text.length; from += step) {
      const problem = feed(text.slice(from, from + step));
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function isForgiven(error: Error): boolean {
  return /: (?:the string "\]\]>" is disallowed in char data\.|malformed character entity\.)$/.test(error.message);
}

function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '\ufffd');
}

/** Dialects that use a namespace prefix mean the same elements. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
