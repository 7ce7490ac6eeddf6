/** WebAuthn: keys that a browser or a device keeps for a person, and signs with only when the person says so. */
import type { Json } from '../domain/base/digest.ts';
import type { Passkey } from './approvals.ts';

export interface Passkeys {
  /** What a browser needs to make one (`PublicKeyCredentialCreationOptionsJSON`). */
  enrolmentOptions(wish: {
    readonly person: { readonly id: string; readonly handle: string; readonly name: string };
    readonly place: SigningPlace;
    readonly known: readonly Passkey[];
  }): Promise<Json>;
  /** @throws Failure `passkey/refused` unless the answer is to this challenge, from this place, and the person was there. */
  enrolled(answer: Json, place: SigningPlace): Promise<Enrolled>;
  /** What a browser needs to sign (`PublicKeyCredentialRequestOptionsJSON`). */
  signingOptions(wish: { readonly place: SigningPlace; readonly known: readonly Passkey[] }): Promise<Json>;
  /** Answers the key's new counter. @throws Failure `passkey/refused`, as `enrolled`, and for another key's signature. */
  signed(answer: Json, asked: { readonly place: SigningPlace; readonly passkey: Passkey }): Promise<number>;
}

/** What is asked of the browser: a challenge, at an address of ours. */
export interface SigningPlace {
  /** Base64url. */
  readonly challenge: string;
  /** `https://liftlock.example.org` */
  readonly origin: string;
}

export type Enrolled = Pick<Passkey, 'credential' | 'publicKey' | 'counter' | 'transports'>;
