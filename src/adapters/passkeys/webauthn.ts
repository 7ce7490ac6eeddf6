/** Passkeys by @simplewebauthn/server: no attestation is asked for, the person must have been verified. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Passkey } from '../../ports/approvals.ts';
import type { Passkeys, SigningPlace } from '../../ports/passkeys.ts';

/** Ed25519, ECDSA with P-256, RSA: what devices make. */
const algorithms = [-8, -7, -257];

/** Where nobody uses a passkey it is not loaded: with what it needs it is 270 modules, which hold 12 MB. */
const library = () => import('@simplewebauthn/server');

export function createPasskeys(): Passkeys {
  return {
    async enrolmentOptions({ person, place, known }) {
      const { generateRegistrationOptions } = await library();
      const options = await generateRegistrationOptions({
        rpName: 'Liftlock',
        rpID: hostOf(place),
        userName: person.handle,
        userDisplayName: person.name === '' ? person.handle : person.name,
        userID: bytes(Buffer.from(person.id)),
        challenge: challengeOf(place),
        attestationType: 'none',
        supportedAlgorithmIDs: algorithms,
        excludeCredentials: known.map(credentialOf),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      });
      return options as unknown as Json;
    },
    async enrolled(answer, place) {
      const { verifyRegistrationResponse } = await library();
      const { verified, registrationInfo } = await understood(() =>
        verifyRegistrationResponse({
          response: answer as unknown as RegistrationResponseJSON,
          expectedChallenge: place.challenge,
          expectedOrigin: place.origin,
          expectedRPID: hostOf(place),
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms,
        }),
      );
      if (!verified) throw refused('it did not prove that it was made for this challenge');
      const { id, publicKey, counter, transports } = registrationInfo.credential;
      return {
        credential: id,
        publicKey: Buffer.from(publicKey).toString('base64url'),
        counter,
        transports: transports ?? [],
      };
    },
    async signingOptions({ place, known }) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({
        rpID: hostOf(place),
        challenge: challengeOf(place),
        allowCredentials: known.map(credentialOf),
        userVerification: 'required',
      });
      return options as unknown as Json;
    },
    async signed(answer, { place, passkey }) {
      const { verifyAuthenticationResponse } = await library();
      const { verified, authenticationInfo } = await understood(() =>
        verifyAuthenticationResponse({
          response: answer as unknown as AuthenticationResponseJSON,
          expectedChallenge: place.challenge,
          expectedOrigin: place.origin,
          expectedRPID: hostOf(place),
          requireUserVerification: true,
          credential: {
            id: passkey.credential,
            publicKey: bytes(Buffer.from(passkey.publicKey, 'base64url')),
            counter: passkey.counter,
          },
        }),
      );
      if (!verified) throw refused('its signature is not right');
      return authenticationInfo.newCounter;
    },
  };
}

function hostOf({ origin }: SigningPlace): string {
  return new URL(origin).hostname;
}

/** As bytes: text would be encoded once more. */
function challengeOf({ challenge }: SigningPlace): Uint8Array<ArrayBuffer> {
  return bytes(Buffer.from(challenge, 'base64url'));
}

function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}

function credentialOf({ credential, transports }: Passkey): { id: string; transports: string[] } {
  return { id: credential, transports: [...transports] };
}

/** The library throws for whatever it does not accept, malformed answers included. */
async function understood<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (thrown) {
    throw refused(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function refused(because: string, cause?: unknown): Failure {
  return new Failure('passkey/refused', `the passkey was refused: ${because}`, {
    reason: 'PASSKEY_REFUSED',
    hint: 'begin again; the page must be opened under the address of the server',
    cause,
  });
}
