/** What was filled in, as requests and commands want it. */
import { quoted } from './action.ts';

export const option = (name: string, value = '') => (value === '' ? [] : [`--${name} ${quoted(value)}`]);
export const orDots = (value = '') => (value === '' ? '…' : quoted(value));

export function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Of a file, which is filled in as a character for each byte. */
export function bytesOf(characters = ''): Uint8Array {
  return Uint8Array.from(characters, (one) => one.charCodeAt(0));
}

export function textOf(characters = ''): string {
  return new TextDecoder().decode(bytesOf(characters));
}
