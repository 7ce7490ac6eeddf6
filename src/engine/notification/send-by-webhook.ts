import { judgeStatus, type AttemptOutcome } from '../../domain/notification/attempt.ts';
import { notificationEvent } from '../../domain/notification/message.ts';
import { channelSecret, type Sending } from './sending.ts';
import { standardHeaders } from './standard-signature.ts';
import type { World } from '../world.ts';

const timeoutMs = 15_000;
/** What is answered is of no interest; it only must not be without end. */
const mostBytes = 64 * 1024;

/** Signed as Standard Webhooks say. The id is that of the notification: a receiver that has seen it drops what comes again. */
export async function sendByWebhook(world: World, sending: Sending, signal: AbortSignal): Promise<AttemptOutcome> {
  const { message, channel } = sending;
  if (channel.settings.kind !== 'webhook') throw new TypeError('not a webhook');
  const { url, secret } = channel.settings;
  const body = JSON.stringify(notificationEvent(message));
  const answer = await world.outgoing.request({
    url: await addressIn(world, sending, url),
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      ...standardHeaders(await channelSecret(world, sending, secret), {
        id: message.id,
        seconds: Math.floor(world.clock.now() / 1_000),
        body,
      }),
    },
    body,
    timeoutMs,
    mostBytes,
    signal,
  });
  return judgeStatus(answer.status, answer.headers['retry-after']);
}

/** Addresses of some receivers are secrets themselves. A value lands behind the host, whatever it is. */
async function addressIn(world: World, sending: Sending, url: string): Promise<string> {
  const host = url.indexOf('/', 'https://'.length);
  let path = host === -1 ? '' : url.slice(host);
  for (const [mark, name] of path.matchAll(/\{([A-Z][A-Z0-9_]*)\}/g))
    path = path.replaceAll(mark, encodeURI(await channelSecret(world, sending, name!)).replaceAll('#', '%23'));
  return host === -1 ? url : url.slice(0, host) + path;
}
