import type fc from 'fast-check';
import type { Command } from './command.ts';
import { commits, looks, progress, tags, ticks, twice, verifications, works } from './machine-commands.ts';
import { aborts, controls, decides, freezes, promotes, revisions, rollbacks, thaws } from './people-commands.ts';

/** Weighted by repetition, so that most of the time something is built, tagged or carried out. */
export const anyCommands: fc.Arbitrary<Command>[] = [
  ...times(2, commits),
  ...times(2, tags),
  ...times(3, progress),
  ...times(14, works),
  ...times(3, twice),
  ...times(3, ticks),
  ...times(4, decides),
  ...times(2, promotes),
  ...times(2, rollbacks),
  ...times(2, controls),
  ...times(2, verifications),
  looks,
  aborts,
  freezes,
  thaws,
  thaws,
  revisions,
];

function times(count: number, made: fc.Arbitrary<Command>): fc.Arbitrary<Command>[] {
  return Array.from({ length: count }, () => made);
}
