import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';

type Placed = Pick<EnvironmentView, 'name' | 'after' | 'kind'>;

/**
 * Environments that are as far from the repository as each other stand below each other. What takes over from production
 * stands beside it: it follows, and is no step further.
 */
export function columnsOf<One extends Placed>(environments: readonly One[]): readonly (readonly One[])[] {
  const levels = new Map<string, number>();
  for (const { name, after, kind } of environments) {
    const before = Math.max(-1, ...after.map((one) => levels.get(one) ?? -1));
    levels.set(name, kind === 'disaster-recovery' && before >= 0 ? before : before + 1);
  }
  const columns: One[][] = [];
  for (const one of environments) (columns[levels.get(one.name) ?? 0] ??= []).push(one);
  return columns.filter((column) => column !== undefined);
}
