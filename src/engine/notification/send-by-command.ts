import { hiddenForms } from '../../domain/base/hidden.ts';
import type { Duration } from '../../domain/base/time.ts';
import type { AttemptOutcome } from '../../domain/notification/attempt.ts';
import { notificationEvent, titleOf } from '../../domain/notification/message.ts';
import { channelSecret, type Sending } from './sending.ts';
import { asShutdown } from '../leases.ts';
import { outputOf, runTask } from '../tasks.ts';
import type { World } from '../world.ts';

const timeout = 60_000 as Duration;
const mostOutput = 1024 * 1024;
const mostSaid = 300;

/**
 * Started at most once for a round of a delivery: who is asked again finds the run that was. A command that fails is not
 * repeated, because nobody knows how far it came.
 */
export async function sendByCommand(
  world: World,
  sending: Sending,
  signal: AbortSignal,
): Promise<AttemptOutcome | 'interrupted'> {
  const { message, channel, delivery } = sending;
  if (channel.settings.kind !== 'command') throw new TypeError('not a command');
  const { command, secret } = channel.settings;
  const value = secret === undefined ? undefined : await channelSecret(world, sending, secret);
  const key = `notify/${delivery.id}/${delivery.round}`;
  const ended = await runTask(
    world,
    {
      key,
      command: fed(command),
      directory: await world.host.dataDirectory('notifications'),
      variables: {
        LIFTLOCK_NOTIFICATION: JSON.stringify(notificationEvent(message)),
        LIFTLOCK_NOTIFICATION_ID: message.id,
        LIFTLOCK_SEVERITY: message.severity,
        LIFTLOCK_TITLE: titleOf(message),
        ...(secret === undefined || value === undefined ? {} : { [secret]: value }),
      },
      hide: value === undefined ? [] : hiddenForms([value]),
      timeout,
      outputLimitBytes: mostOutput,
    },
    asShutdown(signal),
  );
  if (ended.ended === 'interrupted') return 'interrupted';
  if (ended.ended === 'cut-off') return { outcome: 'refused', because: ended.because };
  if (ended.exitCode === 0) return { outcome: 'delivered', status: 0 };
  const said = (await outputOf(world, key)).slice(-mostSaid);
  return {
    outcome: 'refused',
    because: `ended with exit code ${ended.exitCode}${said === '' ? '' : `: ${said}`}`,
    status: ended.exitCode,
  };
}

/** The notification on standard input as well, for programs that read from there. */
function fed(command: string): string {
  return `printf '%s\\n' "$LIFTLOCK_NOTIFICATION" | {\n${command}\n}`;
}
