/**
 * A control group of the kernel for the processes of one run. Version 2 has one directory for all controllers, version 1 one
 * for each (Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ResourceSpec } from '../../domain/pipeline/resource-spec.ts';

export interface ControlGroup {
  /** What it limits; the rest of what was asked for could not be had. */
  readonly limits: readonly KernelLimit[];
  /** Why something could not be had. */
  readonly refusals: readonly string[];
  /** Everything that this process starts from now on belongs to it, too. */
  add(pid: number): void;
  /** How many processes the kernel ended because it was full. */
  memoryKills(): number;
}

const kernelLimits = ['memory', 'cpu', 'processes'] as const;
type KernelLimit = (typeof kernelLimits)[number];

/** What holds for all processes of a run together: only the kernel can see to that. */
export function kernelLimitsOf(spec: ResourceSpec): readonly KernelLimit[] {
  return kernelLimits.filter((name) => spec[name] !== undefined);
}

const usualRoot = '/sys/fs/cgroup';
const controllers: Readonly<Record<KernelLimit, string>> = { memory: 'memory', cpu: 'cpu', processes: 'pids' };
const periodUs = 100_000;

/** Makes it, as far as this machine and our rights allow. */
export function makeControlGroup(run: string, spec: ResourceSpec, root = usualRoot): ControlGroup {
  const refusals: string[] = [];
  const limits = kernelLimitsOf(spec).filter((limit) => {
    try {
      limitIn(root, run, { limit, amount: spec[limit]! });
      return true;
    } catch (error) {
      refusals.push((error as Error).message);
      return false;
    }
  });
  const places = new Set(limits.map((limit) => placeOf(root, run, limit)));
  return {
    limits,
    refusals,
    add: (pid) => places.forEach((place) => writeFileSync(join(place, 'cgroup.procs'), String(pid))),
    memoryKills: () => (limits.includes('memory') ? killsIn(root, run) : 0),
  };
}

/** Best effort: one in which a process is left stays. */
export function removeControlGroup(run: string, root = usualRoot): void {
  for (const limit of kernelLimits) {
    try {
      rmdirSync(placeOf(root, run, limit));
    } catch {
      // It never was, is gone already, or a process that left its service is still in it.
    }
  }
}

function limitIn(root: string, run: string, { limit, amount }: { limit: KernelLimit; amount: number }): void {
  const place = placeOf(root, run, limit);
  const above = isUnified(root) ? root : join(root, controllers[limit]);
  if (!existsSync(above)) throw new Error(`the kernel has no controller ${controllers[limit]} at ${above}`);
  if (isUnified(root)) {
    mkdirSync(join(root, 'liftlock'), { recursive: true });
    for (const parent of [root, join(root, 'liftlock')])
      writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controllers[limit]}`);
  }
  mkdirSync(place, { recursive: true });
  for (const [file, value] of settingsOf(limit, amount, isUnified(root))) writeFileSync(join(place, file), value);
  const [swap, none] = isUnified(root) ? ['memory.swap.max', '0'] : ['memory.memsw.limit_in_bytes', String(amount)];
  // A kernel that does not account for swap lacks the file.
  if (limit === 'memory' && existsSync(join(place, swap))) writeFileSync(join(place, swap), none);
}

function settingsOf(limit: KernelLimit, amount: number, unified: boolean): readonly (readonly [string, string])[] {
  if (limit === 'memory') return [[unified ? 'memory.max' : 'memory.limit_in_bytes', String(amount)]];
  if (limit === 'processes') return [['pids.max', String(amount)]];
  const quota = String(Math.round(amount * periodUs));
  if (unified) return [['cpu.max', `${quota} ${periodUs}`]];
  return [
    ['cpu.cfs_period_us', String(periodUs)],
    ['cpu.cfs_quota_us', quota],
  ];
}

function killsIn(root: string, run: string): number {
  const file = isUnified(root) ? 'memory.events' : 'memory.oom_control';
  try {
    const said = readFileSync(join(placeOf(root, run, 'memory'), file), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(said)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function isUnified(root: string): boolean {
  return existsSync(join(root, 'cgroup.controllers'));
}

/** Two homes may have runs of the same key. */
function placeOf(root: string, run: string, limit: KernelLimit): string {
  const name = `${basename(run).slice(0, 200)}.${createHash('sha256').update(run).digest('hex').slice(0, 12)}`;
  return join(root, isUnified(root) ? '' : controllers[limit], 'liftlock', name);
}
