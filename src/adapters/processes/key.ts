import { Failure } from '../../domain/base/failure.ts';

/**
 * The directory name of a key: `/` becomes `+`, a capital letter `=` and its small form, so that two
 * keys never share a directory, not even on a file system that ignores case.
 * @throws Failure `input/invalid` when it is not a key.
 */
export function directoryName(key: string): string {
  const name = key.replaceAll('/', '+').replace(/[A-Z]/g, (letter) => `=${letter.toLowerCase()}`);
  if (!isKey(key) || name.length > 240) {
    throw new Failure('input/invalid', `"${key}" cannot name a run`, {
      hint: 'Use letters, digits, "_", "-" and ".", with "/" between parts, at most about 200 characters.',
    });
  }
  return name;
}

/** `undefined` for a directory that is not a run. */
export function keyOf(name: string): string | undefined {
  if (!/^[a-z0-9_.=+-]+$/.test(name)) return undefined;
  const key = name.replace(/=([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('+', '/');
  return isKey(key) ? key : undefined;
}

function isKey(key: string): boolean {
  return key.split('/').every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && part !== '.' && part !== '..');
}
