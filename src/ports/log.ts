/** JSON lines: the message is constant, the fields vary. Secrets and people's data stay out. */
export interface Log {
  /** A release manager wants to know. */
  info(message: string, fields?: LogFields): void;
  /** Something went wrong and healed itself. */
  warn(message: string, fields?: LogFields): void;
  /** A person must act now. */
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;
