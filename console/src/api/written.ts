/**
 * What turns the direction of writing round, in text that others wrote: an approver would read another title, or another
 * statement, than the one that is recorded (CVE-2021-42574). The command line does the same (`src/cli/text/plain.ts`).
 *
 * Marks of one place (U+200E, U+200F, U+061C) stay: they move no letters, and texts from right to left need them.
 */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

/** JSON whose texts show such a character as `\u202e`. It stands in strings only, and nothing escapes it there. */
export function written(json: string): string {
  return json.replaceAll(turning, (control) => `\\\\u${control.codePointAt(0)!.toString(16)}`);
}
