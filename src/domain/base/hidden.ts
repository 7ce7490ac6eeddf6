/** Values that must not be seen, in every form in which programs usually print them. */

/** Shorter ones are in every text by chance: hiding them would blank out words, and give away that they were there. */
const leastHiddenLength = 6;
const leastLineLength = 12;
const mark = '[hidden]';

/**
 * As it is; escaped for JSON; percent-encoded, as a whole and as a form field; in hexadecimal; and in base64, alone or in the
 * middle of something longer such as `user:password`, with either alphabet. Of several lines also each line, because
 * programs indent and prefix them. Longest first.
 */
export function hiddenForms(values: readonly string[]): readonly string[] {
  const parts = values.flatMap((value) => [
    value,
    ...value.split(/\r?\n/).filter((line) => line.length >= leastLineLength),
  ]);
  const forms = [...new Set(parts.map((part) => part.trim()))]
    .filter((part) => part.length >= leastHiddenLength)
    .flatMap((part) => [part, ...encoded(part)]);
  return [...new Set(forms)]
    .filter((form) => form.length >= leastHiddenLength)
    .sort((left, right) => right.length - left.length);
}

/** The text without any of the forms. */
export function hide(text: string, forms: readonly string[]): string {
  return forms.reduce((rest, form) => rest.replaceAll(form, mark), text);
}

/** The same for every text in a record, however deep. */
export function hideIn<T>(value: T, forms: readonly string[]): T {
  if (typeof value === 'string') return hide(value, forms) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => hideIn(item, forms)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [hide(key, forms), hideIn(item, forms)])) as T;
}

function encoded(value: string): readonly string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  const bytes = new TextEncoder().encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  return [escaped, percent(value), form, hex, hex.toUpperCase(), ...base64Forms(bytes)];
}

/** Half of a surrogate pair cannot be encoded. */
function percent(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Base64 of three bytes each: where in its group the value begins decides how it looks; the ends that mix with neighbours are left out. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const text = btoa(String.fromCharCode(...padded));
    const begin = Math.ceil((before * 8) / 6);
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const inner = text.slice(begin, end);
    const url = inner.replaceAll('+', '-').replaceAll('/', '_');
    return inner.length < leastHiddenLength + 2 ? [] : [inner, url];
  });
}

const secretName =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PASS|TOKEN|SECRET|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH)(?:_|$)/i;

/** What of a variable must not be seen although nobody called it a secret: by its name, and passwords in addresses. */
export function secretsIn(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(variables).flatMap(([name, value]) => [
    ...(secretName.test(name) ? [value] : []),
    ...passwordsIn(value),
  ]);
}

function passwordsIn(value: string): readonly string[] {
  return [...value.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:([^\s/@]+)@/gi)].flatMap(([, password]) => [
    password!,
    decoded(password!),
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address for people: without user and password, parameters and fragment, for tokens have been seen in all of them. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^?#]*).*$/is, '$1$2');
}
