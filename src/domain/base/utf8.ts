/** Where the first whole character of a text begins whose beginning was cut off: after up to three bytes that continue another one. */
export function firstWholeCharacter(text: Uint8Array): number {
  let start = 0;
  while (start < 3 && ((text[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
