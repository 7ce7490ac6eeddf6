import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../domain/base/failure.ts';
import type { WebhookId } from '../../domain/base/id.ts';
import type { Delivery, Webhooks } from '../../ports/webhooks.ts';
import { rulesOf, type Claim } from './providers.ts';

/** What the largest of them sends; more is nobody's honest delivery. */
export const mostDeliveryBytes = 25 * 2 ** 20;

/** `whsec_` and 32 bytes in base64: the form that signing by Standard Webhooks asks for; the others take any text. */
const prefix = 'whsec_';

export function createWebhooks({ key }: { readonly key: Uint8Array }): Webhooks {
  const secretOf = (webhook: WebhookId) =>
    prefix + createHmac('sha256', key).update(`webhook ${webhook}`).digest('base64');
  return {
    secretOf,
    async verify(delivery, webhooks) {
      const rules = rulesOf[delivery.provider];
      const claim = rules.claim(delivery.header, delivery.now);
      if (typeof claim === 'string') return { genuine: false, because: claim };
      // Somebody is always compared with, so that the time says nothing about who is known.
      const secrets = webhooks.length === 0 ? [randomBytes(32).toString('base64')] : webhooks.map(secretOf);
      const { matches, digest } = await compare(delivery, claim, secrets);
      const webhook = webhooks[matches.indexOf(true)];
      if (webhook === undefined) return { genuine: false, because: 'no secret of this project vouches for it' };
      return { genuine: true, webhook, names: namesOf(rules.delivery(delivery.header), digest) };
    },
  };
}

/** All of them, whatever the first says. */
async function compare(
  { body }: Delivery,
  claim: Claim,
  secrets: readonly string[],
): Promise<{ matches: readonly boolean[]; digest: string }> {
  const digest = createHash('sha256');
  const macs = secrets.map((secret) =>
    claim.by === 'hmac' ? createHmac('sha256', keyOf(claim, secret)).update(claim.before) : undefined,
  );
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostDeliveryBytes)
      throw new Failure('input/too-large', `the delivery is larger than ${mostDeliveryBytes} bytes`);
    digest.update(chunk);
    for (const mac of macs) mac?.update(chunk);
  }
  const matches = secrets.map((secret, index) => {
    if (claim.by === 'token') return timingSafeEqual(hash(claim.token), hash(secret));
    const own = macs[index]!.digest();
    return claim.macs.map((mac) => timingSafeEqual(own, mac)).includes(true);
  });
  return { matches, digest: digest.digest('hex') };
}

function keyOf({ key }: Claim & { by: 'hmac' }, secret: string): Buffer | string {
  return key === 'text' ? secret : Buffer.from(secret.replace(prefix, ''), 'base64');
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Most forges do not sign the id that they give a delivery, so the same body is the same delivery as well. */
function namesOf(id: string | undefined, digest: string): readonly string[] {
  return [...(id === undefined ? [] : [`id:${id.slice(0, 200)}`]), `body:${digest}`];
}
