import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Arguments of a process; empty when it is gone, a zombie, or hidden from us. */
export async function commandLine(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0').filter((word) => word !== '');
  }
  return await new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (_error, output) => {
      resolve(
        output
          .trim()
          .split(' ')
          .filter((word) => word !== ''),
      );
    });
  });
}
