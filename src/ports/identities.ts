/** Who vouches for somebody elsewhere: OpenID providers for people, CI systems for programs. */

export interface IdentityProvider {
  readonly issuer: string;
  /** As people know it. */
  readonly name: string;
  /** Where to send a browser. What is answered besides must be kept, and come along with `finish`. @throws Failure `outgoing/failed`. */
  begin(redirectUri: string): Promise<SignInRequest>;
  /**
   * Who came back, at `url` with everything that the provider added to it.
   * @throws Failure `request/unauthenticated` when it is not the answer to what was begun, `outgoing/failed`.
   */
  finish(url: string, begun: Omit<SignInRequest, 'url'>): Promise<Identity>;
}

export interface SignInRequest {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Identity {
  readonly issuer: string;
  /** What the provider calls the person; it never goes to another. */
  readonly subject: string;
  /** Only one that the provider says it verified. */
  readonly email: string | undefined;
}

export interface CiIdentities {
  /** What the token says of itself, before anything is believed; `undefined` for what is no token. */
  claimedIssuer(token: string): Promise<string | undefined>;
  /**
   * The claims of a token whose signature, issuer, audience and times are right.
   * @throws Failure `request/unauthenticated`, `outgoing/failed` when the issuer's keys cannot be had.
   */
  verify(token: string, expected: { issuer: string; audiences: readonly string[] }): Promise<CiClaims>;
}

export interface CiClaims {
  readonly jti: string;
  /** Milliseconds. */
  readonly expiresAt: number;
  readonly audiences: readonly string[];
  readonly all: Readonly<Record<string, unknown>>;
}
