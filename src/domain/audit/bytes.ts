/** Bytes as text and back, without the platform's help. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...alphabet].map((character, value) => [character, value]));
const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** RFC 4648, section 4, padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let place = 0; place < bytes.length; place += 3) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(place, place + 3);
    const bits = (one << 16) | (two << 8) | three;
    const left = bytes.length - place;
    text += alphabet[(bits >> 18) & 63]! + alphabet[(bits >> 12) & 63]!;
    text += (left > 1 ? alphabet[(bits >> 6) & 63]! : '=') + (left > 2 ? alphabet[bits & 63]! : '=');
  }
  return text;
}

/** `undefined` unless the text is exactly what `toBase64` writes for some bytes: two texts never mean the same bytes. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let place = 0;
  for (const digit of digits) {
    buffer = ((buffer << 6) | values.get(digit)!) & 0xff_ff_ff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[place++] = (buffer >> bits) & 255;
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
