import { createDecoder } from './decoder.ts';

export type Parsed =
  | { readonly value: unknown; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

const deepest = 100;
/** Values and names together. With the limit of bytes it bounds what JSON.parse allocates: about 100 bytes for each. */
const mostEntries = 1_000_000;

/**
 * Parses JSON in bounded time and memory: nesting and number of values are counted in the text before anything is
 * built from it. A byte order mark, UTF-16 included, is read; PowerShell writes reports so.
 */
export function parseJson(content: Uint8Array): Parsed {
  const decoded = createDecoder()(content, true);
  if (decoded.problem !== undefined) return { problem: decoded.problem };
  const excess = excessOf(decoded.text);
  if (excess !== undefined) return { problem: excess };
  try {
    return { value: JSON.parse(decoded.text) as unknown };
  } catch (error) {
    // The message quotes the text, which may hold anything.
    const at = /position \d+/.exec((error as Error).message)?.[0];
    return { problem: `is not JSON${at === undefined ? '' : `, at ${at}`}` };
  }
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];

function excessOf(text: string): string | undefined {
  let depth = 0;
  let entries = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at + 1);
    else if (code === comma) entries += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      entries += 1;
      if (depth > deepest) return `nests deeper than ${deepest} levels`;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
    if (entries > mostEntries) return `holds more than ${mostEntries} values`;
  }
  return undefined;
}

/** The place of the closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at;
  }
  return text.length;
}
