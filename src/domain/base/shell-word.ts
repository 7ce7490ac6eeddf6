/** A word of a line for `/bin/sh` that stands for itself, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
