/** When a promotion that runs may lose its pass: until users notice something of it, what shuts stops it (R24, R27). */
import { windowAt } from '../base/calendar.ts';
import { earliest, type Instant } from '../base/time.ts';
import type { EnvironmentFacts } from '../promotion/facts.ts';
import type { Promotion } from '../promotion/promotion.ts';

/** The next time that a window closes. `undefined` while nothing runs: what waits is judged when it starts. */
export function nextClosing({ open, spec, now }: EnvironmentFacts, started?: Promotion): Instant | undefined {
  if (started === undefined && !open.some(({ progress }) => progress.state === 'running')) return undefined;
  const windows = spec.gates.flatMap((gate) => (gate.gate === 'window' ? [windowAt(gate.window, now)] : []));
  return earliest(...windows.map((window) => (window.open ? window.closesAt : undefined)));
}
