/** Channels: where people want to be told, set here and not in the repository. */
import { Failure } from '../../domain/base/failure.ts';
import type { Channel, ChannelSettings, Route } from '../../domain/notification/channel.ts';
import type { NewEvent, Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import { newId, type World } from '../world.ts';

/** Each hears of every event. */
const mostChannels = 100;

export interface AddChannelRequest {
  readonly name: string;
  /** The whole installation when absent. */
  readonly project: string | undefined;
  readonly settings: ChannelSettings;
  readonly routes: readonly Route[];
  readonly actor: string;
}

/** @throws Failure `channel/exists`, or `channel/refused` when there are too many. */
export async function addChannelIn(world: World, tx: Transaction, request: AddChannelRequest): Promise<Channel> {
  const project = request.project === undefined ? undefined : await findProject(tx, request.project);
  const others = await tx.channels.list();
  if (others.length >= mostChannels)
    throw new Failure('channel/refused', `there are ${mostChannels} channels`, {
      hint: 'liftlock channel remove <name>',
    });
  await checkNames(tx, project, request.routes);
  const channel: Channel = {
    id: newId(world, 'chn'),
    name: request.name,
    project: project?.id,
    settings: request.settings,
    routes: request.routes,
    createdBy: request.actor,
    createdAt: world.clock.now(),
    disabled: undefined,
  };
  if (!(await tx.channels.insert(channel)))
    throw new Failure('channel/exists', `there is a channel ${channel.name} already`, {
      hint: 'liftlock channel list',
    });
  await tx.events.append(
    event(channel, 'channel.added', {
      at: channel.createdAt,
      actor: request.actor,
      data: {
        kind: channel.settings.kind,
        ...saidOf(channel.settings),
        routes: channel.routes.map((route) => ({ ...route })),
      },
    }),
  );
  return channel;
}

/** For the record: the host alone, because the rest of an address may be secret; a command whole, because it runs. */
function saidOf(settings: ChannelSettings): { host: string } | { command: string } {
  switch (settings.kind) {
    case 'webhook':
      return { host: new URL(settings.url).host };
    case 'email':
      return { host: `${settings.host}:${settings.port}` };
    case 'command':
      return { command: settings.command };
  }
}

/** A route to an environment that is misspelt would lead nowhere, and nobody would notice. */
async function checkNames(tx: Transaction, project: Project | undefined, routes: readonly Route[]): Promise<void> {
  const wanted = new Set(routes.flatMap(({ environments }) => environments));
  if (wanted.size === 0) return;
  const projects = project === undefined ? await tx.projects.list() : [project];
  const known = new Set<string>();
  for (const { id } of projects) for (const { spec } of await tx.environments.ofProject(id)) known.add(spec.name);
  const unknown = [...wanted].filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Failure('environment/unknown', `there is no environment ${unknown.join(', ')}`, {
      hint: `environments: ${[...known].join(', ')}`,
    });
}

/** @throws Failure `channel/unknown`. */
export async function findChannel(tx: Transaction, name: string): Promise<Channel> {
  const channel = await tx.channels.byName(name);
  if (channel !== undefined) return channel;
  throw new Failure('channel/unknown', `there is no channel ${name}`, { hint: 'liftlock channel list' });
}

/** What still waits for it is given up, and said to be. */
export async function removeChannelIn(
  world: World,
  tx: Transaction,
  { name, actor }: { name: string; actor: string },
): Promise<Channel> {
  const channel = await findChannel(tx, name);
  const at = world.clock.now();
  await tx.channels.remove(channel.id, at);
  await tx.events.append(event(channel, 'channel.removed', { at, actor, data: {} }));
  return channel;
}

/** The event that says so is what is told. @throws Failure `channel/refused` for one that is disabled. */
export async function testChannelIn(
  world: World,
  tx: Transaction,
  { name, actor }: { name: string; actor: string },
): Promise<{ channel: Channel; at: number }> {
  const channel = await findChannel(tx, name);
  if (channel.disabled !== undefined)
    throw new Failure('channel/refused', `${name} is disabled: ${channel.disabled.because}`, {
      hint: `liftlock channel remove ${name}, then add it again`,
    });
  const at = world.clock.now();
  await tx.events.append(event(channel, 'channel.tested', { at, actor, data: {} }));
  return { channel, at };
}

function event(
  { id, name, project }: Channel,
  kind: string,
  { at, actor, data }: Pick<NewEvent, 'at' | 'actor' | 'data'>,
): NewEvent {
  return { kind, actor, at, ...(project === undefined ? {} : { project }), data: { channel: id, name, ...data } };
}
