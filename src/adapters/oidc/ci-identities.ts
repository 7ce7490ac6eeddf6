/** Identity tokens of CI systems (GitHub Actions, GitLab and their like): JWTs signed by keys that the issuer publishes, checked by `jose`. */
import type { JWTVerifyGetKey } from 'jose';
import { Failure } from '../../domain/base/failure.ts';
import type { CiIdentities } from '../../ports/identities.ts';
import type { Outgoing } from '../../ports/outgoing.ts';
import { fetchOver } from './fetch-over.ts';

/** Signatures only: with a shared secret the verifier could forge. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const oldest = '1h';
const toleranceSeconds = 30;
const mostIssuers = 50;

/** Where no machine shows a token it is not loaded. */
const library = () => import('jose');

export function createCiIdentities(outgoing: Outgoing): CiIdentities {
  const keys = new Map<string, Promise<JWTVerifyGetKey>>();
  const keysOf = (issuer: string): Promise<JWTVerifyGetKey> => {
    const known = keys.get(issuer);
    if (known !== undefined) return known;
    if (keys.size >= mostIssuers) keys.clear();
    const found = findKeys(outgoing, issuer);
    keys.set(issuer, found);
    found.catch(() => keys.delete(issuer));
    return found;
  };
  return {
    async claimedIssuer(token) {
      const { decodeJwt } = await library();
      try {
        return decodeJwt(token).iss;
      } catch {
        return undefined;
      }
    },
    async verify(token, { issuer, audiences }) {
      const expected = {
        issuer,
        audience: [...audiences],
        algorithms,
        maxTokenAge: oldest,
        clockTolerance: toleranceSeconds,
      };
      const { jwtVerify } = await library();
      const { payload } = await jwtVerify(token, await keysOf(issuer), {
        ...expected,
        requiredClaims: ['iss', 'aud', 'exp', 'iat', 'jti'],
      }).catch(explain);
      return {
        jti: payload.jti!,
        expiresAt: payload.exp! * 1000 + toleranceSeconds * 1000,
        audiences: [payload.aud!].flat(),
        all: payload,
      };
    },
  };
}

/** By OpenID Connect Discovery: the issuer itself says where its keys are. */
async function findKeys(outgoing: Outgoing, issuer: string): Promise<JWTVerifyGetKey> {
  const fetch = fetchOver(outgoing);
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const document = (await answer.json().catch(() => ({}))) as { issuer?: unknown; jwks_uri?: unknown };
  if (
    !answer.ok ||
    document.issuer !== issuer ||
    typeof document.jwks_uri !== 'string' ||
    !URL.canParse(document.jwks_uri)
  )
    throw new Failure('outgoing/failed', `${new URL(issuer).host} does not say where the keys of ${issuer} are`);
  const { createRemoteJWKSet, customFetch } = await library();
  return createRemoteJWKSet(new URL(document.jwks_uri), { [customFetch]: fetch });
}

async function explain(thrown: unknown): Promise<never> {
  const { errors } = await library();
  if (thrown instanceof Failure) throw thrown;
  const because = thrown instanceof errors.JOSEError ? thrown.code : 'unreadable';
  throw new Failure('request/unauthenticated', `the identity token is not good (${because})`, {
    reason: 'CI_TOKEN_INVALID',
    cause: thrown,
  });
}
