/** What of a machine belongs to a home, and its end as a reboot brings it. */
import { readFileSync, readdirSync } from 'node:fs';

/** Processes whose command line or working directory lies in the home, and their children. */
export function processesOf(home: string): readonly number[] {
  const text = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parent = new Map(all.map((pid) => [pid, /^PPid:\s*(\d+)$/m.exec(text(`/proc/${pid}/status`))?.[1] ?? '0']));
  const isOurs = (pid: string): boolean =>
    text(`/proc/${pid}/cmdline`).includes(home) || (parent.has(pid) && pid !== '1' && isOurs(parent.get(pid)!));
  return all.filter((pid) => Number(pid) !== process.pid && isOurs(pid)).map(Number);
}

/** At once, without a word. */
export function endAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went with its parent.
    }
}
