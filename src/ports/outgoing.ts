/**
 * Requests to addresses that people wrote down: forges, webhooks, custom gates, OpenID providers. They reach the outside
 * world only: neither this machine nor its network answers, unless the operator allows a host by name. Redirects are not
 * followed; an answer that is one is answered as it is.
 */
export interface Outgoing {
  /**
   * @throws Failure `outgoing/refused` for an address that may not be asked, `outgoing/failed` when nothing or too much
   * came back, or too late; it may pass.
   */
  request(request: OutgoingRequest): Promise<OutgoingAnswer>;
}

export interface OutgoingRequest {
  /** `https:`; `http:` for hosts that the operator allows. Without user name and password. */
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From the first moment to the last byte. */
  readonly timeoutMs: number;
  /** Of the answer's body, as sent: nothing is decompressed. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal;
}

export interface OutgoingAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
