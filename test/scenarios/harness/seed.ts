/** Chance that repeats: the same seed, the same choices in the same order. */

export interface Chance {
  /** At least `from`, below `to`. */
  between(from: number, to: number): number;
  happens(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** A stream of its own: what is drawn from it does not shift what is drawn here. */
  branch(): Chance;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, plenty for schedules. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from));
  return {
    between,
    happens: (probability) => next() < probability,
    pick: (choices) => choices[between(0, choices.length)]!,
    branch: () => chanceOf(between(0, 2 ** 32)),
  };
}
