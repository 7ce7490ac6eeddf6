import { readdirSync } from 'node:fs';
import { identify, bootId, readStat } from './identity.ts';
import type { Identity, ProcessStat } from './identity.ts';

/**
 * A command leads its own session and process group, so the group bears the leader's number, and the
 * kernel does not hand that number out again while a member is left. A process that leaves the group
 * (`setsid`, `set -m`) is no longer ours: it is neither counted nor signalled.
 */
export function groupLives(leader: Identity): boolean {
  if (leader.boot !== bootId() || !groupExists(leader.pid)) return false;
  const holder = identify(leader.pid);
  if (holder !== undefined) return holder.start === leader.start;
  return process.platform === 'linux' ? groupMembers(leader.pid).length > 0 : true;
}

/** Signals every member, if the group is still the one that `leader` led. */
export function signalGroup(leader: Identity, signal: NodeJS.Signals): void {
  if (!groupLives(leader)) return;
  try {
    process.kill(-leader.pid, signal);
  } catch {
    // Gone since, or running as another user (set-user-id), which we may not signal.
  }
}

/** Linux only; zombies left out. */
export function groupMembers(group: number): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined)
    .filter((stat) => stat.group === group && stat.session === group);
}

function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
