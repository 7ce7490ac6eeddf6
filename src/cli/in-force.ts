/** Whether the pipeline file that lies here is the one in force: committing it changes nothing, applying it does (R19). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../host/home.ts';
import type { Client } from './client.ts';

/** A sentence when the file here says something else than what is in force; `path` is the project's in the API. */
export async function differsFromForce(directory: string, client: Client, path: string): Promise<string | undefined> {
  const here = await readFile(join(projectRoot(directory), 'liftlock.yaml'), 'utf8').catch(() => undefined);
  if (here === undefined) return undefined;
  const { project, text } = await client.get<{ project: string; text: string }>(`${path}/pipeline`);
  if (text === here) return undefined;
  const { readPipeline } = await import('../pipeline-file/read.ts');
  const [file, inForce] = [readPipeline(here, 'liftlock.yaml'), readPipeline(text, 'liftlock.yaml')];
  // The file of another project, or one that is being written: nothing follows from it.
  if (!file.ok || !inForce.ok || file.pipeline.project !== project) return undefined;
  return JSON.stringify(file.pipeline) === JSON.stringify(inForce.pipeline)
    ? undefined
    : 'liftlock.yaml says something else than what is in force';
}
