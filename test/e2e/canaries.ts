/** Values planted where secrets are, and the search for them, in forms written down apart from what hides them. */
import { randomBytes } from 'node:crypto';

export interface Canary {
  /** Where it was planted. */
  readonly name: string;
  readonly value: string;
}

const random = (bytes: number) => randomBytes(bytes).toString('hex');

/** Values of the shapes that secrets have. */
const shapes: readonly ((tag: string) => string)[] = [
  (tag) => `plain${tag}`,
  (tag) => `quo"te\\${tag}\\"end`,
  (tag) => `p%rc&nt=${tag}+/?#`,
  (tag) => `sp ace  ${tag} end`,
  (tag) => `ünï-${tag}-ßcode€`,
  (tag) => `$(${tag})\`'\${x}`,
  (tag) => Buffer.from(`binary ${tag}`).toString('base64'),
  (tag) =>
    `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`first ${tag}`).toString('base64')}\n${Buffer.from(`second ${tag} line`).toString('base64')}\n-----END PRIVATE KEY-----`,
];

export function makeCanaries(prefix: string, count: number): readonly Canary[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}_${index}`,
    value: shapes[index % shapes.length]!(random(9)),
  }));
}

/** Every form in which one could be seen, as far as we can think of them. */
export function formsOf(value: string): readonly string[] {
  const lines = value.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  return [...new Set(lines.flatMap((line) => [line, ...encodings(line)]))];
}

function encodings(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const base64 = ['', 'x', 'xx'].flatMap((before) => {
    // The same three bytes give the same four characters wherever the groups begin: the whole groups in the middle.
    const aligned = bytes.subarray((3 - before.length) % 3);
    return aligned.subarray(0, aligned.length - (aligned.length % 3)).toString('base64');
  });
  return [
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text)).slice(3, -3),
    encodeURIComponent(text),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

export interface Place {
  readonly name: string;
  readonly text: string;
}

/** `name of the canary in name of the place: what surrounds it`. */
export function sightings(
  canaries: readonly Canary[],
  places: readonly Place[],
  forms: (value: string) => readonly string[] = formsOf,
): readonly string[] {
  return canaries.flatMap(({ name, value }) => {
    const looked = forms(value);
    return places.flatMap((place) => {
      const form = looked.find((one) => place.text.includes(one));
      if (form === undefined) return [];
      const at = place.text.indexOf(form);
      return [`${name} in ${place.name}: …${place.text.slice(Math.max(0, at - 60), at + form.length + 20)}…`];
    });
  });
}
