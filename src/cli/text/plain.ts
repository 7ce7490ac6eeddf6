/**
 * Text that others wrote (titles of commits, names, output of programs) on somebody's terminal. A terminal obeys what it is
 * sent: it could be told to hide a line, to write over another, or to type (CWE-150).
 */

/** Our own styles, and no others: see `output.ts`. */
const ours = new RegExp(String.raw`^\u001b\[(?:0|1|2|3[123])m$`);
/** Colours and the like of other programs, and the returns in the line ends of other systems: left out, so that one can read. */
const harmless = String.raw`\u001b\[[\d;:]*m|\r(?=\n)`;
/** Controls but for tab and line feed, and what turns the direction of writing round (CVE-2021-42574). */
const others = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`;
const commands = new RegExp(`${harmless}|${others}`, 'g');

/** Everything that a terminal would obey is written out instead, as `\x1b`. */
export function plainText(text: string): string {
  return text.replaceAll(commands, (found, at: number) => {
    if (ours.test(found)) return found;
    const isLeftOut = found.length > 1 || (found === '\r' && text[at + 1] === '\n');
    return isLeftOut ? '' : writtenOut(found);
  });
}

function writtenOut(control: string): string {
  const code = control.codePointAt(0)!.toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

/** JSON says the same with these escaped; `JSON.stringify` escapes only what is below a blank. */
export function plainJson(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
