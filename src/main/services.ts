/** What goes on running on this machine when the control plane stops: services, and what leads requests to them. */
import { trafficKinds } from '../domain/pipeline/traffic-spec.ts';
import type { World } from '../engine/world.ts';

export async function runningServices(processes: World['processes']): Promise<readonly string[]> {
  const runs = await processes.list('service/');
  return runs.filter(({ state }) => state.state === 'running').map(({ key }) => key);
}

export async function stopServices(processes: World['processes']): Promise<number> {
  const running = await runningServices(processes);
  await Promise.all(running.map((key) => processes.stop(key, 10_000)));
  // Last: while services end, their addresses still say so.
  for (const kind of trafficKinds)
    for (const { key, state } of await processes.list(`${kind}/`))
      if (state.state === 'running') await processes.stop(key, 2_000);
  return running.length;
}
