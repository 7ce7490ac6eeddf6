import type { CommandSpec } from '../../ports/processes.ts';

/**
 * What the keeper is told, on its standard input: never on disk and never in its arguments, because an
 * environment may hold secrets.
 */
export type Order = Pick<
  CommandSpec,
  'command' | 'directory' | 'environment' | 'lifetime' | 'note' | 'hide' | 'resources'
>;

/** The keeper's end of a pipe on which it says why it could not start the command; silence is good news. */
export const reportDescriptor = 3;

/** The pause between SIGTERM and SIGKILL where nobody asked for another one. */
export const usualGraceMs = 5_000;

/** Longer timers fire at once. */
export const longestTimerMs = 2 ** 31 - 1;
