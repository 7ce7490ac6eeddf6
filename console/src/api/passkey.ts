/** Passkeys of this browser. What it says when it does not come to one is told in words. */
import { Refused } from './call.ts';

/** Options come as JSON and answers go as JSON; browsers since 2025 turn both. */
interface JsonCredential extends Credential {
  toJSON(): unknown;
}

export async function makePasskey(options: unknown): Promise<unknown> {
  const publicKey = reader().parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return answerOf(() => navigator.credentials.create({ publicKey }));
}

export async function signWithPasskey(options: unknown): Promise<unknown> {
  const publicKey = reader().parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return answerOf(() => navigator.credentials.get({ publicKey }));
}

/** Why no passkey can be made or used on this page at all. */
export function noPasskeysHere(): string | undefined {
  if (!('PublicKeyCredential' in window)) return 'This browser has no passkeys, or the page did not come over TLS.';
  if (/^[\d.]+$|^\[/.test(location.hostname))
    return `Passkeys belong to a name, and ${location.hostname} is none. Open this page by a name, such as localhost.`;
  return undefined;
}

function reader(): typeof PublicKeyCredential {
  const why = noPasskeysHere();
  if (why !== undefined) throw refused(why);
  return PublicKeyCredential;
}

async function answerOf(ask: () => Promise<Credential | null>): Promise<unknown> {
  const credential = await ask().catch((error: unknown) => {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError') throw refused('the passkey was not given: it was called off, or nobody came');
    if (name === 'InvalidStateError') throw refused('this passkey is enrolled already');
    throw refused(`the browser could not use a passkey: ${String(error)}`);
  });
  if (credential === null) throw refused('the browser gave no passkey');
  return (credential as JsonCredential).toJSON();
}

function refused(detail: string): Refused {
  return new Refused({ status: 0, code: 'passkey/refused', detail });
}
