/** What goes on running on this machine when the control plane stops: services, and the edge before them. */
import type { World } from '../engine/world.ts';

export async function runningServices(processes: World['processes']): Promise<readonly string[]> {
  const runs = await processes.list('service/');
  return runs.filter(({ state }) => state.state === 'running').map(({ key }) => key);
}

export async function stopServices(processes: World['processes']): Promise<number> {
  const running = await runningServices(processes);
  await Promise.all(running.map((key) => processes.stop(key, 10_000)));
  // Last: while services end, their addresses still say so.
  for (const { key, state } of await processes.list('edge/'))
    if (state.state === 'running') await processes.stop(key, 2_000);
  return running.length;
}
