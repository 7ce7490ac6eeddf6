import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Machine } from '../../ports/machine.ts';

const patienceMs = 5_000;

export function createMachine({ home, isEmbedded }: { home: string; isEmbedded: boolean }): Machine {
  return {
    async look() {
      const [git, disk, present] = await Promise.all([gitVersion(), statfs(home), stat(home)]);
      return {
        node: process.versions.node,
        git,
        freeBytes: disk.bavail * disk.bsize,
        home,
        isHomeOpen: (present.mode & 0o077) !== 0,
        isRoot: process.getuid?.() === 0,
        isEmbedded,
      };
    },
  };
}

async function gitVersion(): Promise<string | undefined> {
  return promisify(execFile)('git', ['--version'], { timeout: patienceMs }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
