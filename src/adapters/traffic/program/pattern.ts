/** Regular expressions that two dialects read alike: PCRE over bytes (nginx) and RE2 over characters (Go). */

/**
 * Matches exactly this text. All but letters and digits is written as an escape of its number, so that nothing in it can mean anything,
 * to the expression or to the file that it stands in.
 */
export function literal(text: string, over: 'bytes' | 'characters'): string {
  if (over === 'bytes')
    return [...Buffer.from(text)]
      .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`))
      .join('');
  return [...text]
    .map((character) => {
      const number = character.codePointAt(0)!;
      return isPlain(number) ? character : `\\x{${number.toString(16)}}`;
    })
    .join('');
}

function isPlain(number: number): boolean {
  return (number >= 0x30 && number <= 0x39) || (number >= 0x41 && number <= 0x5a) || (number >= 0x61 && number <= 0x7a);
}

/** A `Cookie` header in which this cookie has this value; any value when absent. */
export function cookiePattern(name: string, value: string | undefined, over: 'bytes' | 'characters'): string {
  const wanted = value === undefined ? '' : `${literal(value, over)}[ \\t]*(?:;|$)`;
  return `(?:^|;)[ \\t]*${literal(name, over)}[ \\t]*=[ \\t]*${wanted}`;
}
