import type { WebhookId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { WebhookProvider } from '../domain/trigger/webhook.ts';

/** Says whether a delivery comes from somebody who knows the secret of a webhook. What it says is not read. */
export interface Webhooks {
  /** Shown once to whoever made the webhook. Derived from a key of this installation, so that no table holds it. */
  secretOf(webhook: WebhookId): string;
  /**
   * Reads the body as it came, byte for byte, in constant memory. Compares in constant time, and takes as long when there
   * is no webhook. @throws Failure `input/too-large`.
   */
  verify(delivery: Delivery, webhooks: readonly WebhookId[]): Promise<Verified>;
}

export interface Delivery {
  /** From the address, never from what was sent. */
  readonly provider: WebhookProvider;
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  readonly now: Instant;
}

export type Verified =
  /** `names`: any of them seen before means that it was delivered before. */
  | { readonly genuine: true; readonly webhook: WebhookId; readonly names: readonly string[] }
  /** For the log; the sender is not told. */
  | { readonly genuine: false; readonly because: string };
