/** What the edge keeps on disk, so that its next process goes on where this one stopped. All of it is its owner's alone. */
import { join } from 'node:path';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Route } from '../../../ports/traffic.ts';
import { readJson, writeWhole } from '../whole-file.ts';

export interface EdgeState {
  readonly routes: readonly Route[];
  /** Of them, those at whose address somebody else listens, so that a successor does not think it is handed that one. */
  readonly notOpen?: readonly EnvironmentId[];
  /** Grows with each writing, so that a worker that was succeeded can say by which it leads. */
  readonly change?: number;
}

/** How the edge that runs is reached. */
export interface EdgeRecord {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
  readonly version: string;
  /** Names what this process hands on to its successor; absent from versions that handed nothing on. */
  readonly worker?: string;
}

function stateFile(directory: string): string {
  return join(directory, 'routes.json');
}

function recordFile(directory: string): string {
  return join(directory, 'edge.json');
}

export async function readState(directory: string): Promise<EdgeState> {
  return (await readJson<EdgeState>(stateFile(directory))) ?? { routes: [] };
}

export function readRecord(directory: string): Promise<EdgeRecord | undefined> {
  return readJson<EdgeRecord>(recordFile(directory));
}

export function writeState(directory: string, state: EdgeState): Promise<void> {
  return writeWhole(stateFile(directory), JSON.stringify(state));
}

export function writeRecord(directory: string, record: EdgeRecord): Promise<void> {
  return writeWhole(recordFile(directory), JSON.stringify(record));
}
