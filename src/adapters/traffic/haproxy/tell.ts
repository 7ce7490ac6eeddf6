/** What changes without a reload, said to a worker: who is in which slot, then whose the places are, then who is left out. */
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { bracketed } from '../authority.ts';
import { entriesOf, mapFile, mapNames } from './maps.ts';
import { tellServing, tellWorker, type Worker } from './master.ts';
import { backendOf, healthOf, lastResort, liveServer, serverName, type Placed, type SlotLoad } from './state.ts';
import { readStatistics } from './statistics.ts';

/** @returns what was not understood: nothing, unless the worker was started with another structure. */
export async function tellRoute(socket: string, worker: Worker, placed: Placed): Promise<readonly string[]> {
  const ready = await tellWorker(socket, worker, [...present(placed), ...newMaps(placed)]);
  const versions = versionsIn(ready);
  if (versions === undefined) return ready;
  const changed = await tellWorker(socket, worker, [...fillMaps(placed, versions), ...absent(placed)]);
  return [...ready, ...changed].filter((line) => !usual.test(line));
}

/**
 * Whose the places are, and how users stay, to whichever worker serves: in force after two exchanges. Answers which one it was;
 * `undefined` when it has another structure, or when none was reached.
 */
export async function tellShares(
  socket: string,
  { placed, structure }: { readonly placed: Placed; readonly structure: string },
): Promise<number | undefined> {
  const said = await tellServing(socket, ['show info', ...newMaps(placed)]).catch(() => []);
  const versions = versionsIn(said);
  if (versions === undefined || structureOfInfo(said) !== structure) return undefined;
  const refused = await tellServing(socket, fillMaps(placed, versions)).catch(() => ['']);
  return refused.length === 0
    ? Number(said.find((line) => line.startsWith('Pid: '))?.slice('Pid: '.length))
    : undefined;
}

/** The structure that a worker was started with, as `show info` tells it. */
export function structureOfInfo(lines: readonly string[]): string | undefined {
  return lines.find((line) => line.startsWith('description: '))?.slice('description: '.length);
}

/** A map is filled beside the one in force and takes its place in one step. */
function newMaps({ route }: Placed): readonly string[] {
  return mapNames.map((name) => `prepare map ${mapFile(route.environment, name)}`);
}

function versionsIn(said: readonly string[]): readonly string[] | undefined {
  const versions = said.flatMap((line) => /^New version created: (\d+)/.exec(line)?.[1] ?? []);
  return versions.length === mapNames.length ? versions : undefined;
}

function fillMaps(placed: Placed, versions: readonly string[]): readonly string[] {
  const entries = entriesOf(placed);
  return mapNames.flatMap((name, index) => {
    const [file, version] = [mapFile(placed.route.environment, name), versions[index]!];
    return [
      ...entries[name].map(([key, value]) => `add map @${version} ${file} ${key} ${value}`),
      `commit map @${version} ${file}`,
    ];
  });
}

const usual = /^(?:New version created: \d+|no need to change |(?:IP|port) changed from )/;

function present(placed: Placed): readonly string[] {
  return serversOf(placed).flatMap(({ name, isAsked, instance }) => {
    if (instance === undefined) return [];
    return [
      `set server ${name} addr ${bracketed(instance.host)} port ${instance.port}`,
      ...(isAsked ? [`enable health ${name}`] : []),
      `set server ${name} state ready`,
    ];
  });
}

/** Whoever is asked whether it is well would be cut off by maintenance, and in the end by its own silence: it only gets nothing new. */
function absent(placed: Placed): readonly string[] {
  return serversOf(placed).flatMap(({ name, isAsked, instance }) => {
    if (instance !== undefined) return [];
    return isAsked ? [`disable health ${name}`, `set server ${name} state drain`] : [`set server ${name} state maint`];
  });
}

function serversOf(placed: Placed) {
  return placed.slots.flatMap((_, at) =>
    Array.from({ length: placed.room }, (__, place) => {
      const name = `${backendOf(placed.route.environment, at)}/${serverName(place)}`;
      const instance = liveServer(placed, at, place);
      const isAsked = healthOf(placed, at) !== undefined;
      const last = isAsked ? [{ name: lastResort(name), isAsked: false, instance }] : [];
      return [{ name, isAsked, instance }, ...last];
    }).flat(),
  );
}

/** A worker that was replaced passes requests of its kept connections on from now. An environment that it does not know is left out. */
export async function tellToRelay(socket: string, worker: Worker, environment: EnvironmentId): Promise<void> {
  const file = mapFile(environment, 'users');
  const [first = ''] = await tellWorker(socket, worker, [`prepare map ${file}`]);
  const version = /^New version created: (\d+)/.exec(first)?.[1];
  if (version === undefined) return;
  await tellWorker(socket, worker, [`add map @${version} ${file} relay yes`, `commit map @${version} ${file}`]);
}

/** Ends what is still under way in an environment that is gone. */
export async function endSessions(socket: string, worker: Worker, placed: Placed): Promise<void> {
  const ours = new Set(backendsOf(placed));
  const sessions = (await tellWorker(socket, worker, ['show sess'])).flatMap((line) => {
    const [, id, backend = ''] = /^(0x[0-9a-f]+): .* be=(\S+) /.exec(line) ?? [];
    return id !== undefined && ours.has(backend) ? [id] : [];
  });
  for (let at = 0; at < sessions.length; at += atOnce)
    await tellWorker(
      socket,
      worker,
      sessions.slice(at, at + atOnce).map((id) => `shutdown session ${id}`),
    );
}

/** A line of commands has to fit into one buffer of HAProxy. */
const atOnce = 100;

/** The statistics of every backend of a worker and of its servers. @throws Error when it is about to end: the master then speaks in its place. */
export async function statisticsOf(socket: string, worker: Worker): Promise<ReadonlyMap<string, SlotLoad>> {
  const lines = await tellWorker(socket, worker, ['show stat -1 6 -1']);
  if (lines[0]?.startsWith('# pxname,') !== true) throw new Error(lines[0] ?? 'it said nothing');
  return readStatistics(lines);
}

export function backendsOf({ route, slots }: Placed): readonly string[] {
  return slots.map((_, at) => backendOf(route.environment, at));
}
