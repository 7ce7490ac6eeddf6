/** What a number says of a process. It may be another one by now than the one that was known by it. */

/** True when some process has this id, whoever's it is. */
export function isAlive(pid: number): boolean {
  return answerOf(pid) !== 'nobody';
}

/** True when a process has it that this user may signal, which one that he started is. */
export function isOurs(pid: number): boolean {
  return answerOf(pid) === 'ours';
}

function answerOf(pid: number): 'ours' | 'of another' | 'nobody' {
  // 0 and below are groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return 'nobody';
  try {
    process.kill(pid, 0);
    return 'ours';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'of another' : 'nobody';
  }
}
