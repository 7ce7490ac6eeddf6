/** Where the containers of an environment keep what outlives releases: one volume of the engine for each, shared by all of its instances. */
import { z } from 'zod';
import type { Deployment } from '../../../ports/target.ts';
import type { Engine } from './engine.ts';

/** Where an instance finds it; an image that runs as another user than root owns a directory of this name. */
export const dataPath = '/liftlock/data';

/** By the environment's id, so that one that bears its name later does not find it. */
export function volumeOf({ environment }: Pick<Deployment, 'environment'>, home: string): string {
  return `liftlock-${home}-${environment.id}`;
}

const listed = z.object({ Volumes: z.array(z.object({ Name: z.string() })).nullish() });

export async function listVolumes(engine: Engine, label: string): Promise<readonly string[]> {
  const query = { filters: JSON.stringify({ label: [label] }) };
  const { Volumes } = await engine.ask({ method: 'GET', path: '/volumes', query }, listed);
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** One that a container still has stays. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  await engine.tell({ method: 'DELETE', path: `/volumes/${name}`, also: [404, 409] });
}
