import type { MailSecurity } from '../domain/notification/channel.ts';

/** Letters by SMTP, to servers that people wrote down: the same addresses are refused as by `Outgoing`. */
export interface Mail {
  /**
   * Resolves when the server has taken it over for every address.
   * @throws Failure `mail/refused` when asking again will not help, `mail/failed` when it may, `outgoing/refused` for an
   * address that may not be asked.
   */
  send(letter: Letter, server: MailServer): Promise<void>;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Left of the `@`; the same at every attempt. */
  readonly messageId: string;
  readonly urgent: boolean;
}
