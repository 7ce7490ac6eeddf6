// Runs one program in place of this process: same terminal, same signals, same way of ending.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/**
 * Resolves to the child's exit code, 128 + N when signal N ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { started?: (pid: number) => void }} options
 * @returns {Promise<number>}
 */
export function runChild(command, args, { started, ...options } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  if (child.pid !== undefined) started?.(child.pid);
  // While a child runs, signals are its business: it decides how long stopping takes.
  const forward = (signal) => child.kill(signal);
  for (const signal of forwarded) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of forwarded) process.off(name, forward);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
