/** What a look at an installation finds, in the same words on the command line and in the console. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** What mends it: a command, or a sentence; null when nothing has to be done. */
  readonly todo: string | null;
}

export type Result = Omit<Finding, 'check'>;

export function ok(found: string): Result {
  return { result: 'ok', found, todo: null };
}

export function warning(found: string, todo: string): Result {
  return { result: 'warning', found, todo };
}

export function problem(found: string, todo: string): Result {
  return { result: 'problem', found, todo };
}
