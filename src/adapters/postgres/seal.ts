import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keeps a text in the database that only holders of a key outside of it can read. */
export interface Seal {
  close(text: string): string;
  /** `undefined` when it was closed under another key, or was changed. */
  open(sealed: string): string | undefined;
}

const [nonceBytes, tagBytes] = [12, 16];

/** AES-256-GCM; the form is `v1.` and nonce, tag and text in base64url. @throws RangeError unless the key has 32 bytes. */
export function createSeal(key: Uint8Array): Seal {
  if (key.length !== 32) throw new RangeError(`the key of a seal has 32 bytes, not ${key.length}`);
  return {
    close(text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64url')}`;
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
