/** People sign in at an OpenID provider: authorization code with PKCE, state and nonce, by `openid-client`. */
import * as oidc from 'openid-client';
import { Failure } from '../../domain/base/failure.ts';
import type { Identity, IdentityProvider } from '../../ports/identities.ts';
import type { Outgoing } from '../../ports/outgoing.ts';
import { fetchOver } from './fetch-over.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** None for a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly name: string;
  readonly outgoing: Outgoing;
}

/** Keys and addresses of a provider change seldom. */
const knownForMs = 3_600_000;

export function createIdentityProvider(options: ProviderOptions): IdentityProvider {
  const { issuer, name } = options;
  let known: { until: number; config: Promise<oidc.Configuration> } | undefined;
  const configuration = (): Promise<oidc.Configuration> => {
    if (known === undefined || Date.now() > known.until) {
      const config = discover(options);
      const current = (known = { until: Date.now() + knownForMs, config });
      config.catch(() => (current.until = 0));
    }
    return known.config;
  };
  return {
    issuer,
    name,
    async begin(redirectUri) {
      const config = await configuration();
      const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, state, nonce, verifier };
    },
    async finish(url, { state, nonce, verifier }) {
      const config = await configuration();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(config, new URL(url), checks).catch(explain);
      return identityOf(config, tokens);
    },
  };
}

async function discover({ issuer, clientId, clientSecret, outgoing }: ProviderOptions): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const config = await oidc
    .discovery(url, clientId, clientSecret, clientSecret === undefined ? oidc.None() : asSupported(clientSecret), {
      [oidc.customFetch]: fetchOver(outgoing),
      // Whether that host may be asked without TLS is for `outgoing` to say.
      execute: url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    })
    .catch((thrown: unknown) => {
      throw (
        failureIn(thrown) ??
        new Failure('outgoing/failed', `${url.host} is no OpenID provider that can be used`, { cause: thrown })
      );
    });
  // Without it the token's signature would not be checked where TLS brought it.
  oidc.enableNonRepudiationChecks(config);
  return config;
}

/** Basic is what a provider supports unless it says otherwise. */
function asSupported(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (...request) => {
    const methods = request[0].token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? basic : post)(...request);
  };
}

async function identityOf(
  config: oidc.Configuration,
  tokens: Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>,
): Promise<Identity> {
  const claims = tokens.claims()!;
  const told =
    claims['email'] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
      ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub).catch(explain)
      : claims;
  const email = told['email_verified'] === true && typeof told['email'] === 'string' ? told['email'] : undefined;
  return { issuer: claims.iss, subject: claims.sub, email };
}

/** What the provider said stays inside: it is told to nobody who might have made it up. */
function explain(thrown: unknown): never {
  throw (
    failureIn(thrown) ??
    new Failure('request/unauthenticated', 'the OpenID provider did not confirm this sign-in', {
      reason: 'OIDC_NOT_CONFIRMED',
      hint: 'Begin again at /sign-in.',
      cause: thrown,
    })
  );
}

/** What our own request said, inside what the library made of it. */
function failureIn(thrown: unknown): Failure | undefined {
  if (thrown instanceof Failure) return thrown;
  return thrown instanceof Error && thrown.cause !== undefined ? failureIn(thrown.cause) : undefined;
}
