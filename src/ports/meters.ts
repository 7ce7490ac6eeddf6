import type { SideReading } from '../domain/verdict/metric.ts';

/**
 * Numbers from the world outside. What the network or an answer does is never thrown: the reading says it. Without data it is
 * inconclusive; a meter that gives no answer, a refusal, a redirect, too much, or what is no number, is an error.
 */
export interface Meters {
  /** An instant query of Prometheus' HTTP API; it must come to one number. */
  prometheus(asked: Asked & { readonly query: string }): Promise<SideReading>;
  /** The status of the answer to a GET, or the number in its JSON to which the names of `field` lead. */
  http(asked: Asked & { readonly field: readonly string[] }): Promise<SideReading>;
  /** The same, of a release at an address of its own: here no answer, and a number missing because of the status, are its failure. */
  release(asked: Omit<Asked, 'token'> & { readonly field: readonly string[] }): Promise<SideReading>;
}

interface Asked {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
