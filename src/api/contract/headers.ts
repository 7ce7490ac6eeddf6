/** Headers of our own, and how names of people travel in them. */

/** On a POST: the same key with the same request has its effect once and gets the same answer. */
export const idempotencyKeyHeader = 'Idempotency-Key';
/** On an answer that was given before. */
export const replayHeader = 'Idempotent-Replay';
/** The person on whose behalf the local administrator acts. */
export const actorHeader = 'X-Liftlock-Actor';
export const requestIdHeader = 'X-Request-Id';

export const mostActorCharacters = 80;

/** Text as a header carries it: the bytes of its UTF-8 form, one character each. `fetch` refuses any other characters. */
export function encodeHeaderText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

/** The reverse; `undefined` when the bytes are not UTF-8. */
export function decodeHeaderText(header: string): string | undefined {
  const bytes = Uint8Array.from(header, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
