/** Names of a release in texts that are sent out: `{{release}}`. A name stands in a text as what it is, and never becomes a part of its syntax. */

export const placeholders = [
  'release',
  'release-id',
  'commit',
  'deployment',
  'side',
  'environment',
  'project',
] as const;
export type Placeholder = (typeof placeholders)[number];

/** These differ between the two sides of a rollout. */
const ofSide: readonly Placeholder[] = ['release', 'release-id', 'commit', 'deployment', 'side'];

const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

export function unknownPlaceholders(text: string): readonly string[] {
  return namesIn(text).filter((name) => !isPlaceholder(name));
}

/** Whether it asks something else about the new release than about the stable one. */
export function tellsSidesApart(text: string): boolean {
  return namesIn(text).some((name) => isPlaceholder(name) && ofSide.includes(name));
}

/** @throws TypeError for a name that is none: the file was read before, so that is a defect. */
export function filled(
  text: string,
  values: Readonly<Record<Placeholder, string>>,
  escape: (value: string) => string,
): string {
  return text.replace(pattern, (_, name: string) => {
    if (!isPlaceholder(name)) throw new TypeError(`{{${name}}} is no placeholder`);
    return escape(values[name]);
  });
}

/**
 * For strings of PromQL in single or double quotes, whose escapes are those of Go: whatever might end the string or mean something in
 * it is written by its number. In backquotes, where nothing is escaped, it then matches nothing.
 */
export function inPromql(value: string): string {
  return value.replace(/[^A-Za-z0-9_.:/-]/gu, (sign) => `\\U${sign.codePointAt(0)!.toString(16).padStart(8, '0')}`);
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

function isPlaceholder(name: string): name is Placeholder {
  return (placeholders as readonly string[]).includes(name);
}
