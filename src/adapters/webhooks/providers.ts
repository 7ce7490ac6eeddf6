/** How each forge signs what it sends, and how it names a delivery. */
import type { Instant } from '../../domain/base/time.ts';
import type { WebhookProvider } from '../../domain/trigger/webhook.ts';

type Header = (name: string) => string | undefined;

/** What the sender claims, before anything is believed. */
export type Claim =
  /** HMAC-SHA256 over `before` and the body: one of these, in bytes. */
  | { readonly by: 'hmac'; readonly key: 'text' | 'base64'; readonly before: string; readonly macs: readonly Buffer[] }
  /** The secret itself: what was sent is not signed by it. */
  | { readonly by: 'token'; readonly token: string };

export interface ProviderRules {
  /** `undefined` with the reason when nothing was sent that could be checked. */
  readonly claim: (header: Header, now: Instant) => Claim | string;
  readonly delivery: (header: Header) => string | undefined;
}

/** How far a signed time may be from ours. */
const toleranceMs = 5 * 60_000;

export const rulesOf: Readonly<Record<WebhookProvider, ProviderRules>> = {
  github: {
    claim: (header) => hexMac(header('x-hub-signature-256'), 'sha256='),
    delivery: (header) => header('x-github-delivery'),
  },
  gitlab: {
    // Once it signs, the old token no longer counts: who holds an old request could leave the signature out.
    claim: (header, now) =>
      header('webhook-signature') === undefined ? gitlabToken(header) : standardWebhook(header, now),
    delivery: (header) => header('webhook-id') ?? header('x-gitlab-event-uuid'),
  },
  gitea: {
    claim: (header) => hexMac(header('x-gitea-signature'), ''),
    delivery: (header) => header('x-gitea-delivery'),
  },
  forgejo: {
    claim: (header) => hexMac(header('x-forgejo-signature') ?? header('x-gitea-signature'), ''),
    delivery: (header) => header('x-forgejo-delivery') ?? header('x-gitea-delivery'),
  },
  bitbucket: {
    claim: (header) => hexMac(header('x-hub-signature'), 'sha256='),
    delivery: (header) => header('x-request-uuid') ?? header('x-request-id'),
  },
};

function hexMac(value: string | undefined, prefix: string): Claim | string {
  if (value === undefined) return 'it carries no signature';
  const hex = value.startsWith(prefix) ? value.slice(prefix.length) : '';
  if (!/^[0-9a-f]{64}$/i.test(hex)) return 'its signature is not one of HMAC-SHA256';
  return { by: 'hmac', key: 'text', before: '', macs: [Buffer.from(hex, 'hex')] };
}

function gitlabToken(header: Header): Claim | string {
  const token = header('x-gitlab-token');
  return token === undefined ? 'it carries neither a signature nor a token' : { by: 'token', token };
}

/** https://www.standardwebhooks.com: `v1,<base64>`, several of them while a key is being changed. */
function standardWebhook(header: Header, now: Instant): Claim | string {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
  if (id === undefined || time === undefined || !/^\d{1,12}$/.test(time)) return 'it is signed without an id or a time';
  if (Math.abs(Number(time) * 1_000 - now) > toleranceMs) return 'it was signed at another time than now';
  const macs = (signatures ?? '').split(' ').flatMap((signature) => {
    const base64 = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1];
    return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
  });
  if (macs.length === 0) return 'its signature is not one of version 1';
  return { by: 'hmac', key: 'base64', before: `${id}.${time}.`, macs: macs.slice(0, 5) };
}
