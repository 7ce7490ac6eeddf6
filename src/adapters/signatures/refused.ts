import type { SignatureRefusal } from '../../domain/trigger/signature.ts';

/** Why a signature or a key is not accepted; turned into an answer before anybody outside sees it. */
export class Refused extends Error {
  readonly code: SignatureRefusal;
  readonly hint: string | undefined;

  constructor(code: SignatureRefusal, because: string, hint?: string) {
    super(because);
    this.code = code;
    this.hint = hint;
  }
}

export function malformed(because: string): Refused {
  return new Refused('SIGNATURE_MALFORMED', because);
}

/** A name chosen by whoever made the signature, short and in one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60)).replaceAll(/[\u007f-\uffff]/g, '?');
}
