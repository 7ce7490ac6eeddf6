import { readFileSync } from 'node:fs';

/** The keeper of a command of ours. Linux only. */
export function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}
