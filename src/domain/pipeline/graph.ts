/** The order between environments: a directed graph whose edges run from an environment to those that come after it. */

/** As much of an environment as its place in the order needs. */
export interface Node {
  readonly name: string;
  readonly after: { readonly environments: readonly string[] };
}

/**
 * Every environment behind those it is `after`; where the graph leaves the order open, as written
 * (Kahn's algorithm, always taking the first written environment that is ready).
 * Names that no environment has are ignored. @throws RangeError when the environments form a cycle.
 */
export function promotionOrder<E extends Node>(environments: readonly E[]): readonly E[] {
  const names = new Set(environments.map(({ name }) => name));
  const placed = new Set<string>();
  const ordered: E[] = [];
  let waiting = environments;
  while (waiting.length > 0) {
    const next = waiting.find(({ after }) => after.environments.every((name) => placed.has(name) || !names.has(name)));
    if (next === undefined)
      throw new RangeError(`environments form a cycle: ${findCycles(waiting).map(formatCycle).join(', ')}`);
    placed.add(next.name);
    ordered.push(next);
    waiting = waiting.filter((environment) => environment !== next);
  }
  return ordered;
}

/** The environments that `name` is directly after, in the order it names them. */
export function predecessors<E extends Node>(environments: readonly E[], name: string): readonly E[] {
  const byName = new Map(environments.map((environment) => [environment.name, environment]));
  const named = byName.get(name)?.after.environments ?? [];
  return named.flatMap((before) => byName.get(before) ?? []);
}

/** The environments that are directly after `name`. */
export function successors<E extends Node>(environments: readonly E[], name: string): readonly E[] {
  return environments.filter(({ after }) => after.environments.includes(name));
}

/** Names of all environments on any way to `name`, itself left out unless it stands in a cycle. */
export function ancestors(environments: readonly Node[], name: string): ReadonlySet<string> {
  return reach(name, (from) => predecessors(environments, from));
}

/** Names of all environments on any way from `name` on, itself left out unless it stands in a cycle. */
export function descendants(environments: readonly Node[], name: string): ReadonlySet<string> {
  return reach(name, (from) => successors(environments, from));
}

/**
 * One cycle for each knot of environments that wait for each other, as names in promotion order with the first
 * repeated at the end: `['a', 'b', 'a']` when b is after a and a is after b. Shortest cycle of the knot's first environment.
 */
export function findCycles(environments: readonly Node[]): readonly (readonly string[])[] {
  const told = new Set<string>();
  const cycles: (readonly string[])[] = [];
  for (const { name } of environments) {
    if (told.has(name)) continue;
    const before = ancestors(environments, name);
    if (!before.has(name)) continue;
    cycles.push(shortestCycle(environments, name));
    for (const other of descendants(environments, name)) if (before.has(other)) told.add(other);
  }
  return cycles;
}

/** `a -> b -> a` */
export function formatCycle(cycle: readonly string[]): string {
  return cycle.join(' -> ');
}

function reach(name: string, step: (from: string) => readonly Node[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [name];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const next of step(from)) {
      if (reached.has(next.name)) continue;
      reached.add(next.name);
      open.push(next.name);
    }
  }
  return reached;
}

/** Breadth first, so that the first way back to `name` is a shortest one. */
function shortestCycle(environments: readonly Node[], name: string): readonly string[] {
  const ways: (readonly string[])[] = [[name]];
  const seen = new Set<string>();
  for (const way of ways) {
    const next = successors(environments, way.at(-1) ?? name).map((environment) => environment.name);
    if (next.includes(name)) return [...way, name];
    const unseen = next.filter((other) => !seen.has(other) && seen.add(other));
    ways.push(...unseen.map((other) => [...way, other]));
  }
  return [name];
}
