/** What HAProxy and we find on disk when we start again. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { readJson, writeWhole } from '../whole-file.ts';
import { configurationOf, structureOf } from './configuration.ts';
import { entriesOf, mapFile, mapNames, mapText } from './maps.ts';
import { configurationFile } from './running.ts';
import type { State } from './state.ts';
import type { Tally } from './statistics.ts';

const nothing: State = { environments: [] };

export async function readState(directory: string): Promise<State> {
  return (await readJson<State>(join(directory, 'state.json'))) ?? nothing;
}

/** Before it is started again after the machine stopped, they are written from the state. */
const madeAnew = { sync: false };

/** All files from which a worker starts, maps first. Answers the name of the structure in them. */
export async function writeState(directory: string, state: State, key: Buffer): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const named = nameOf(state, key);
  for (const placed of state.environments) {
    const entries = entriesOf(placed);
    for (const name of mapNames)
      await writeWhole(join(directory, mapFile(placed.route.environment, name)), mapText(entries[name]), madeAnew);
  }
  await writeWhole(join(directory, configurationFile), configurationOf(state, { key, named }), madeAnew);
  await writeWhole(join(directory, 'state.json'), JSON.stringify(state));
  return named;
}

/** Of its structure: two states with the same name need no reload between them. */
export function nameOf(state: State, key: Buffer): string {
  return createHash('sha256').update(structureOf(state, { key })).digest('hex').slice(0, 32);
}

export async function forgetMaps(directory: string, environment: EnvironmentId): Promise<void> {
  for (const name of mapNames) await rm(join(directory, mapFile(environment, name)), { force: true });
}

export async function readTally(directory: string): Promise<Tally> {
  const known = await readJson<Tally>(join(directory, 'counts.json'));
  return known ?? { counter: randomBytes(8).toString('hex'), alive: {}, gone: {} };
}

/** A machine that stops takes the counters with it anyway. */
export function writeTally(directory: string, tally: Tally): Promise<void> {
  return writeWhole(join(directory, 'counts.json'), JSON.stringify(tally), { sync: false });
}
