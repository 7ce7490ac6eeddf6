/** What was filled in, as requests and commands want it. */
import { quoted } from '../../parts/action.ts';

export const option = (name: string, value = '') => (value === '' ? [] : [`--${name} ${quoted(value)}`]);
export const orDots = (value = '') => (value === '' ? '…' : quoted(value));

export function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Of a file's bytes, a character each. */
export function textOf(characters = ''): string {
  return new TextDecoder().decode(Uint8Array.from(characters, (one) => one.charCodeAt(0)));
}
