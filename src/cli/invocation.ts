/** What every command is: a function from an invocation to an exit code. */
import type { Config } from '../config.ts';
import type { Output } from './output.ts';

/** What a command gets: where it runs, where it writes, and what was written behind its name. */
export interface Invocation {
  readonly config: Config;
  readonly output: Output;
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** Answers the exit code: 0 done, 1 unexpected, 2 usage, 3 refused, 4 not allowed, 5 deployment failed, 6 a check found something, 7 gave up waiting, 8 pending, 130 interrupted. */
export type Act = (invocation: Invocation) => Promise<number>;

/** What a command does is loaded when it is asked for. */
export type Load = () => Promise<{ readonly act: Act }>;
