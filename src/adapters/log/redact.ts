import { Failure } from '../../domain/base/failure.ts';

const secretKey = /pass(?:word|wd|phrase)|token|secret|authorization|cookie|credential|api[-_]?key|private[-_]?key/i;
const hidden = '[redacted]';
const deepest = 6;
const longestText = 8_192;
const mostItems = 100;

/**
 * A copy that can be logged: values under keys that sound secret and credentials inside URLs are replaced, errors
 * become records, and what is deep, long or endless is cut. It errs towards hiding too much; it cannot
 * know a secret that stands in plain text under a harmless key.
 */
export function loggable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[…]';
  if (value instanceof Error) return errorRecord(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return loggable([...value], depth);
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => loggable(item, depth + 1));
  return record(value, depth);
}

/** `https://user:word@host` and `?token=word` without the word. */
export function withoutCredentials(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
  return short
    .replace(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@?#]{1,500}@/gi, `$1${hidden}@`)
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{8,}/gi, `$1 ${hidden}`)
    .replace(/([?&;][^=&;\s]{0,40}(?:token|secret|password|key|signature)[^=&;\s]{0,40}=)[^&;\s]+/gi, `$1${hidden}`);
}

function record(value: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, mostItems)) {
    copy[key] = secretKey.test(key) ? hidden : loggable(valueOf(value, key), depth + 1);
  }
  return copy;
}

/** The stack tells where a bug is; a `Failure` is no bug and says enough without. */
function errorRecord(error: Error, depth: number): Record<string, unknown> {
  const { code, hint } = error as Error & { code?: unknown; hint?: unknown };
  const expected = error instanceof Failure && error.code !== 'unexpected/error';
  return {
    ...(code !== undefined && { code: loggable(code, depth + 1) }),
    message: withoutCredentials(String(error.message)),
    ...(hint !== undefined && { hint: loggable(hint, depth + 1) }),
    ...(!expected && error.stack !== undefined && { stack: withoutCredentials(String(error.stack)) }),
    ...(error.cause !== undefined && { cause: loggable(error.cause, depth + 1) }),
  };
}

function valueOf(owner: object, key: string): unknown {
  try {
    return (owner as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}
