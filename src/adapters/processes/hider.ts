/** Takes what must not be seen out of a stream of output, before it is on disk. */

export interface Hider {
  /** What may be written of the output so far; what could be the beginning of something hidden is kept back. */
  push(output: Buffer): Buffer;
  /** What was kept back, when nothing more comes. */
  end(): Buffer;
}

const mark = Buffer.from('[hidden]');
const none = Buffer.alloc(0);
/** Forms are told apart by so many bytes; shorter ones are not hidden. */
const keyBytes = 4;

/**
 * `forms`: every form in which it may come. One pass over the output, one look into a table for each byte, however many forms there are.
 */
export function createHider(forms: readonly string[]): Hider {
  const patterns = forms.map((form) => Buffer.from(form)).filter((form) => form.length >= keyBytes);
  if (patterns.length === 0) return { push: (output) => output, end: () => none };
  const byKey = Map.groupBy(patterns, (pattern) => pattern.readUInt32BE());
  const byFirst = Map.groupBy(patterns, (pattern) => pattern[0]!);
  for (const same of byKey.values()) same.sort((left, right) => right.length - left.length);
  const longest = Math.max(...patterns.map(({ length }) => length));
  let kept: Buffer = none;

  const found = (data: Buffer, at: number): Buffer | undefined =>
    at + keyBytes > data.length
      ? undefined
      : byKey.get(data.readUInt32BE(at))?.find((pattern) => stands(data, at, pattern));

  /** Where the rest may be the beginning of a pattern that goes on in the next piece. */
  const undecidedFrom = (data: Buffer): number => {
    for (let at = Math.max(0, data.length - longest + 1); at < data.length; at++) {
      const rest = data.length - at;
      const begins = byFirst
        .get(data[at]!)
        ?.some((pattern) => pattern.length > rest && data.compare(pattern, 0, rest, at) === 0);
      if (begins === true) return at;
    }
    return data.length;
  };

  const clean = (data: Buffer, until: number): { shown: Buffer; next: number } => {
    const pieces: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < until) {
      const pattern = found(data, at);
      if (pattern === undefined) {
        at += 1;
        continue;
      }
      pieces.push(data.subarray(from, at), mark);
      at += pattern.length;
      from = at;
    }
    // A pattern may reach beyond `until`; then nothing of it is left.
    if (from < at) pieces.push(data.subarray(from, at));
    return { shown: Buffer.concat(pieces), next: at };
  };

  return {
    push(output) {
      const data = kept.length === 0 ? output : Buffer.concat([kept, output]);
      const { shown, next } = clean(data, undecidedFrom(data));
      kept = Buffer.from(data.subarray(next));
      return shown;
    },
    end() {
      const { shown } = clean(kept, kept.length);
      kept = none;
      return shown;
    },
  };
}

function stands(data: Buffer, at: number, pattern: Buffer): boolean {
  const end = at + pattern.length;
  return end <= data.length && data.compare(pattern, 0, pattern.length, at, end) === 0;
}
