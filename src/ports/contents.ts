import type { Digest } from '../domain/base/digest.ts';

/** Bytes kept under their own SHA-256: what evidence was read from. Nothing is ever changed or removed. */
export interface Contents {
  /** Kept once, however often it is given; on disk when it answers. */
  put(content: Uint8Array): Promise<Digest>;
  /** Held against its digest. @throws Failure `evidence/content-missing`, `evidence/content-corrupt`. */
  get(digest: Digest): Promise<Uint8Array>;
}
