import type { AttemptOutcome } from '../../domain/notification/attempt.ts';
import { textOf, titleOf } from '../../domain/notification/message.ts';
import { channelSecret, type Sending } from './sending.ts';
import type { World } from '../world.ts';

const timeoutMs = 60_000;

export async function sendByMail(world: World, sending: Sending, signal: AbortSignal): Promise<AttemptOutcome> {
  const { message, channel } = sending;
  const { settings } = channel;
  if (settings.kind !== 'email') throw new TypeError('not an e-mail channel');
  const { host, port, security, user, secret, from } = settings;
  const to = [...new Set([...settings.to, ...(settings.deciders ? await addressesOf(world, message.deciders) : [])])];
  if (to.length === 0) return { outcome: 'refused', because: 'none of those who could decide has an address' };
  const password = secret === undefined ? undefined : await channelSecret(world, sending, secret);
  await world.mail.send(
    {
      from,
      to,
      subject: titleOf(message),
      text: textOf(message),
      messageId: message.id,
      urgent: message.severity === 'page',
    },
    {
      host,
      port,
      security,
      login: user === undefined || password === undefined ? undefined : { user, password },
      timeoutMs,
      signal,
    },
  );
  return { outcome: 'delivered' };
}

/** The first address of each, of those who are still among us. */
async function addressesOf(world: World, handles: readonly string[]): Promise<readonly string[]> {
  const people = await world.store.transaction((tx) => tx.people.list());
  return people
    .filter(({ handle, disabledAt }) => disabledAt === undefined && handles.includes(handle))
    .flatMap(({ emails: [first] }) => (first === undefined ? [] : [first]));
}
