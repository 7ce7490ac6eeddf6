import type { NoteSigner } from '../domain/audit/note.ts';

/**
 * Keeps the key that signs the audit log, and what it signed last, where the database and its administrator do not reach. Each
 * control plane has its own.
 */
export interface Notary {
  /** The name under which a key signs is that of the log. */
  signer(name: string): NoteSigner;
  /** The newest checkpoint signed here, as a signed note; `undefined` before the first. */
  lastSigned(): Promise<string | undefined>;
  remember(checkpoint: string): Promise<void>;
}
