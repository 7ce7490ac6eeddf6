/** Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body. https://www.standardwebhooks.com */
import { createHmac } from 'node:crypto';

/** The headers that say who sent a body, and that it is not a repetition. `seconds` since 1970. */
export function standardHeaders(
  secret: string,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Readonly<Record<string, string>> {
  const mac = createHmac('sha256', keyIn(secret)).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${mac}` };
}

/** `whsec_` and base64, as such secrets are handed out, or the secret's own bytes. */
function keyIn(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}
