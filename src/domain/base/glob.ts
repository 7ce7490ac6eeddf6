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
    const next = new Set<number>();
    for (const from of reachable) advance(token, characters, from, next);
    reachable = next;
    if (reachable.size === 0) return false;
  }
  return reachable.has(characters.length);
}

function tokens(pattern: string): readonly string[] {
  return pattern.match(/\*{2,}|[^]/gu) ?? [];
}

function advance(token: string, name: readonly string[], from: number, next: Set<number>): void {
  if (token.startsWith('*')) {
    for (let to = from; to <= name.length && !next.has(to); to++) {
      next.add(to);
      if (token === '*' && name[to] === '/') return;
    }
    return;
  }
  const character = name[from];
  if (character !== undefined && (token === character || (token === '?' && character !== '/'))) next.add(from + 1);
}
