import type { EnvironmentView } from '../../api/contract/environments.ts';

/** What requests are held to where something runs; environments with the same limits share a line. */
export function limitsText(
  environments: readonly Pick<EnvironmentView, 'name' | 'running' | 'limits'>[],
): readonly string[] {
  const held = new Map<string, string[]>();
  for (const { name, running, limits } of environments)
    if (running !== null && limits !== null) held.set(limits.sentence, [...(held.get(limits.sentence) ?? []), name]);
  return [...held].map(([sentence, names]) => `requests of ${names.join(', ')}: ${sentence}`);
}
