/** Server programs that a machine may lack. */
import { spawnSync } from 'node:child_process';

const packages = { nginx: 'nginx-light', caddy: 'caddy' } as const;

/** Why tests that need it are skipped; `undefined` when it is there. */
export function missingProgram(name: keyof typeof packages): string | undefined {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: path } }).status === 0;
  return found ? undefined : `${name} is not installed (Debian: apt-get install ${packages[name]})`;
}
