import { malformed } from './refused.ts';

/** @throws Refused unless this is the one way in which these bytes are written in base64. */
export function strictBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw malformed('its base64 is not what an encoder writes');
  return bytes;
}

/** Lines of base64 as armor has them. @throws Refused */
export function strictBase64Lines(lines: readonly string[]): Buffer {
  if (!lines.every((line) => line.length > 0 && line.length <= 76))
    throw malformed('a line of its armor is empty or too long');
  return strictBase64(lines.join(''));
}
