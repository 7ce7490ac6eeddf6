/** Server programs that a machine may lack. */
import { delimiter } from 'node:path';
import { findProgram } from '../../src/adapters/traffic/find-program.ts';

/** Distributions put servers where only root's PATH leads. */
export const searchPath = [process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter);

const packages = { nginx: 'nginx-light', caddy: 'caddy', haproxy: 'haproxy' } as const;

/** Why tests that need it are skipped; `undefined` when it is there. */
export function missingProgram(name: keyof typeof packages): string | undefined {
  const found = findProgram(name, searchPath) !== undefined;
  return found ? undefined : `${name} is not installed (Debian: apt-get install ${packages[name]})`;
}
