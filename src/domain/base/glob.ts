/**
 * Matches a name against a glob: `*` stands for any characters but `/`, `**` for any characters,
 * `?` for one character that is not `/`. Everything else stands for itself.
 *
 * Dynamic programming over (pattern, name) positions: time is at most the product of their lengths,
 * so that no pattern can make it slow.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const characters = [...name];
  let reachable = new Set<number>([0]);
  for (const token of tokens(pattern)) {
    reachable = token.startsWith('*')
      ? acrossMany(token, characters, reachable)
      : acrossOne(token, characters, reachable);
    if (reachable.size === 0) return false;
  }
  return reachable.has(characters.length);
}

function tokens(pattern: string): readonly string[] {
  return pattern.match(/\*{2,}|[^]/gu) ?? [];
}

/** A walk ends where another one has been: both would go on alike. */
function acrossMany(token: string, characters: readonly string[], reachable: ReadonlySet<number>): Set<number> {
  const next = new Set<number>();
  for (const from of reachable) {
    for (let to = from; to <= characters.length && !next.has(to); to++) {
      next.add(to);
      if (token === '*' && characters[to] === '/') break;
    }
  }
  return next;
}

function acrossOne(token: string, characters: readonly string[], reachable: ReadonlySet<number>): Set<number> {
  const fits = (character: string | undefined) =>
    token === character || (token === '?' && character !== undefined && character !== '/');
  return new Set([...reachable].filter((from) => fits(characters[from])).map((from) => from + 1));
}
