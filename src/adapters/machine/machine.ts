import { execFile } from 'node:child_process';
import { access, constants, stat, statfs } from 'node:fs/promises';
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
        canLimit: await canLimit(),
        isEmbedded,
      };
    },
  };
}

const groups = '/sys/fs/cgroup';

/** Version 2 of the kernel's control groups names its controllers in one file, version 1 has a directory for each. */
async function canLimit(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const writable = async (path: string) => {
    await access(`${groups}/${path}`, constants.W_OK);
    return true;
  };
  return writable('cgroup.subtree_control')
    .catch(async () => (await Promise.all(['memory', 'cpu', 'pids'].map(writable))).every(Boolean))
    .catch(() => false);
}

async function gitVersion(): Promise<string | undefined> {
  return promisify(execFile)('git', ['--version'], { timeout: patienceMs }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
