/** A server program of somebody else that leads an environment's requests: what an adapter knows about one. */
import { Failure } from '../../../domain/base/failure.ts';
import { findProgram } from '../find-program.ts';
import type { Kept } from './kept.ts';
import type { Parse } from './log-reading.ts';

export interface Program {
  readonly name: 'nginx' | 'caddy';
  readonly debianPackage: string;
  /** Words of the command that serves from a directory, in that directory, until it is ended. */
  readonly command: (path: string) => readonly string[];
  readonly parse: Parse;
  /** How many its configuration has. */
  readonly seats: number;
  /**
   * Writes the configuration for this route after the program itself found it right; answers whether that changed anything.
   * @throws Failure `traffic/refused` with what the program said; what was written before stays.
   */
  configure(place: Place, wish: Wish): Promise<boolean>;
  /** Resolves when requests are led as the configuration says. */
  reload(place: Place): Promise<void>;
  isUp(place: Place): Promise<boolean>;
  /** By side: how many requests are under way. */
  underWay(place: Place, kept: Kept): Promise<ReadonlyMap<string, number>>;
  /** Takes no more connections; resolves when nothing is under way any more, or when the signal says that it was long enough. */
  leave(place: Place, enough: AbortSignal): Promise<void>;
}

/**
 * While this file is in an environment's directory, every answer asks its client to come back on another connection. A server that reloads
 * closes idle connections, and a client that just then writes on one is not answered: so there are few of them when it does.
 */
export const closingFile = 'closing';

export interface Place {
  /** Of one environment. */
  readonly directory: string;
  /** The program's file. */
  readonly path: string;
}

export interface Wish {
  readonly kept: Kept;
  /** Makes the cookies of users. */
  readonly key: Uint8Array;
}

/** @throws Failure `traffic/refused` that says what to install. */
export function requireProgram(
  { name, debianPackage }: Pick<Program, 'name' | 'debianPackage'>,
  searchPath: string,
): string {
  const file = findProgram(name, searchPath);
  if (file !== undefined) return file;
  throw new Failure('traffic/refused', `${name} is not installed on this machine`, {
    hint: `Install it (Debian: apt-get install ${debianPackage}), or choose another \`traffic\`.`,
  });
}
