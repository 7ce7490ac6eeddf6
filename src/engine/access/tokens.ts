/** Tokens for programs: never good for more than their owner, for a time, and gone when he is. */
import type { Action } from '../../domain/access/matrix.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId, ProjectId, TokenId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { StoredToken } from '../../ports/access.ts';
import type { Transaction } from '../../ports/store.ts';
import { makeCredential } from './credentials.ts';
import type { World } from '../world.ts';

const longestTokenLife = (366 * 86_400_000) as Duration;
export const usualTokenLife = (90 * 86_400_000) as Duration;

export interface TokenRequest {
  readonly person: { readonly id: PersonId; readonly handle: string };
  readonly name: string;
  readonly projects: readonly ProjectId[] | undefined;
  readonly actions: readonly Action[] | undefined;
  readonly life: Duration;
  readonly actor: string;
}

/** The text is told once: what is stored does not give it back. */
export async function createTokenIn(
  world: World,
  tx: Transaction,
  request: TokenRequest,
): Promise<{ readonly token: StoredToken; readonly text: string }> {
  const { person, name, projects, actions, life, actor } = request;
  const { id, text, secretHash } = makeCredential(world, 'token');
  const now = world.clock.now();
  const token: StoredToken = {
    id,
    secretHash,
    name,
    person: person.id,
    machine: undefined,
    projects,
    actions,
    createdAt: now,
    expiresAt: plus(now, Math.min(life, longestTokenLife) as Duration),
    lastUsedAt: undefined,
    revokedAt: undefined,
  };
  await tx.tokens.insert(token);
  const data = { token: id, person: person.handle, expiresAt: token.expiresAt };
  await tx.events.append({ kind: 'token.created', actor, at: now, data });
  return { token, text };
}

/** @throws Failure `token/unknown`, also for a token of somebody else unless `others` is true. */
export async function revokeTokenIn(
  world: World,
  tx: Transaction,
  { token: id, actor, person, others }: { token: string; actor: string; person: PersonId | undefined; others: boolean },
): Promise<void> {
  const token = await tx.tokens.get(id as TokenId);
  if (token === undefined || (token.person !== person && !others))
    throw new Failure('token/unknown', `there is no token ${id}`, { hint: 'liftlock token list' });
  const now = world.clock.now();
  if (!(await tx.tokens.revoke(token.id, actor, now)))
    throw new Failure('token/refused', `token ${id} was revoked before`);
  await tx.events.append({ kind: 'token.revoked', actor, at: now, data: { token: token.id } });
}
