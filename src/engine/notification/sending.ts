import { Failure } from '../../domain/base/failure.ts';
import { installationScope, type Channel } from '../../domain/notification/channel.ts';
import type { Message } from '../../domain/notification/message.ts';
import type { Delivery } from '../../ports/notifications.ts';
import type { World } from '../world.ts';

/** What an attempt is about. */
export interface Sending {
  readonly message: Message;
  readonly channel: Channel;
  readonly delivery: Delivery;
  /** Name of the project whose secrets the channel uses; of the installation when absent. */
  readonly project: string | undefined;
}

/** Read anew at every attempt. @throws Failure `secret/missing`; it may be set meanwhile, so the attempt is made again. */
export async function channelSecret(
  world: World,
  { project }: Pick<Sending, 'project'>,
  name: string,
): Promise<string> {
  const value = await world.secrets.read(
    { project: project ?? installationScope, environment: installationScope },
    name,
  );
  if (value !== undefined) return value;
  throw new Failure('secret/missing', `the secret ${name} of the channel is not there`, {
    hint: `liftlock secret set ${name}${project === undefined ? ' --installation' : ''}`,
  });
}
