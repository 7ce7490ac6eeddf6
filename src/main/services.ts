/** What goes on running on this machine when the control plane stops: services, and what leads requests to them. */
import type { OwnContainers } from '../adapters/targets/docker/own-containers.ts';
import { trafficKinds } from '../domain/pipeline/traffic-spec.ts';
import type { World } from '../engine/world.ts';

interface Here {
  readonly processes: World['processes'];
  readonly containers: OwnContainers;
}

const graceMs = 10_000;

export async function hasServices({ processes, containers }: Here): Promise<boolean> {
  return (await runningServices(processes)).length + (await containers.running()).length > 0;
}

async function runningServices(processes: World['processes']): Promise<readonly string[]> {
  const runs = await processes.list('service/');
  return runs.filter(({ state }) => state.state === 'running').map(({ key }) => key);
}

export async function stopServices({ processes, containers }: Here): Promise<number> {
  const running = await runningServices(processes);
  const inContainers = await containers.running();
  await Promise.all([
    ...running.map((key) => processes.stop(key, graceMs)),
    ...inContainers.map((name) => containers.stop(name, graceMs)),
  ]);
  // Last: while services end, their addresses still say so.
  for (const kind of trafficKinds)
    for (const { key, state } of await processes.list(`${kind}/`))
      if (state.state === 'running') await processes.stop(key, 2_000);
  return running.length + inContainers.length;
}
