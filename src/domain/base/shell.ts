/** A word of a line for `/bin/sh` that stands for itself, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A line for `/bin/sh` in which each of these is one word. */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
