/**
 * What befalls a canary without killing anybody: an instance that hangs, one that the network is cut from, a full disk, a release
 * that never becomes ready, and one whose health check flaps. Run by hand, as root: `node test/scenarios/rollout-troubles-long.ts [part of a
 * trouble's name]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.ts';
import { endings, rolloutFaults, type Fault, type Told } from './rollout-faults.ts';
import { makeRolloutStage, type Behaviour } from './rollout-stage.ts';
import { answerOf, troubles } from './rollout-victims.ts';

const moments = ['start', '20 %', 'pause', '50 %'] as const;
const isRoot = process.getuid?.() === 0;
const found: string[] = [];
const say = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);

for (const victim of troubles.filter((one) => one.includes(process.argv[2] ?? ''))) {
  if (!victim.endsWith('frozen') && !isRoot) {
    process.stdout.write(`${victim}: left out, only root can do that\n`);
    continue;
  }
  const faults = moments.flatMap((at) => endings.map((ending): Fault => ({ victim, at, ending })));
  if (victim === 'disk full') await onSmallDisk(async () => void found.push(...(await rolloutFaults(faults, say))));
  else found.push(...(await rolloutFaults(faults, say)));
}
found.push(...(await withBehaviour({ startMs: 3_600_000 }, 'failed')));
found.push(...(await withBehaviour({ flaps: true }, 'succeeded')));
for (const sentence of found) process.stdout.write(`WRONG: ${sentence}\n`);
process.exitCode = found.length === 0 ? 0 : 1;

/** Everything of the stage, PostgreSQL included, is on it. */
async function onSmallDisk(act: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  const place = mkdtempSync(join(tmpdir(), 'liftlock-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600m,mode=755', 'tmpfs', place]);
  process.env['TMPDIR'] = place;
  try {
    await act();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    execFileSync('umount', ['-l', place]);
    rmSync(place, { recursive: true });
  }
}

async function withBehaviour(behaviour: Behaviour, expected: string): Promise<readonly string[]> {
  const stage = await makeRolloutStage(
    '{ strategy: canary, users: none, analysis: { minRequests: 10, warmUp: 100ms, dryRun: [latency] }, steps: [{ step: weight, percent: 50, for: 2s }] }',
  );
  try {
    await stage.ended(await stage.promote(await stage.release()));
    const requests = load(stage.url(), { connections: 3, pauseMs: 10 });
    const number = await stage.release(behaviour);
    const { outcome, reason } = await stage.ended(await stage.promote(number));
    const serves = await answerOf(stage.url());
    await requests.stop();
    const strange = Object.keys(requests.counts).filter((said) => !said.startsWith('200'));
    process.stdout.write(
      `${JSON.stringify({ behaviour, outcome, reason, serves, failed: requests.failed, strange })}\n`,
    );
    const right = outcome === expected && serves === `release ${outcome === 'succeeded' ? number : 1}`;
    return right && requests.failed === 0 && strange.length === 0
      ? []
      : [`${JSON.stringify(behaviour)}: ${outcome}, ${serves} serves, ${requests.failed} failed, ${strange.join()}`];
  } finally {
    await stage.remove();
  }
}
