import { judge, sees } from '../../domain/access/judge.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId, TokenId } from '../../domain/base/id.ts';
import type { Duration } from '../../domain/base/time.ts';
import { exchangeIdentity as exchange } from '../../engine/access/machines.ts';
import { createTokenIn, revokeTokenIn, usualTokenLife } from '../../engine/access/tokens.ts';
import { useLinkIn } from '../../engine/access/sign-in.ts';
import type { Caller } from '../../engine/access/identify.ts';
import type { World } from '../../engine/world.ts';
import type { StoredToken } from '../../ports/access.ts';
import type { CiIdentities } from '../../ports/identities.ts';
import type { Transaction } from '../../ports/store.ts';
import {
  createToken,
  exchangeIdentity,
  listTokens,
  redeemLink,
  revokeToken,
  whoAmI,
  type TokenView,
} from '../contract/sign-in.ts';
import { command, direct, query, type Route } from '../route.ts';
import { namedRights } from './people.ts';

const dayMs = 86_400_000;

export function signInRoutes(identities: CiIdentities): readonly Route[] {
  return [
    direct(exchangeIdentity, async (world, { body }) => {
      const { token, text, machine } = await exchange(world, identities, body.token);
      return { body: JSON.stringify(viewNew({ token, text }, machine.handle)), headers: {} };
    }),
    query(whoAmI, ({ store }, { caller }) => store.transaction((tx) => viewSelf(tx, caller))),
    query(listTokens, ({ store }, { caller }) =>
      store.transaction(async (tx) => {
        const tokens: TokenView[] = [];
        const own = caller.person === undefined ? [] : await tx.tokens.list({ person: caller.person });
        for (const token of own) tokens.push(await viewToken(tx, token));
        return { tokens };
      }),
    ),
    command(createToken, async (world, tx, { body, caller }) => {
      const person = await ownPerson(tx, caller);
      const projects = body.projects === undefined ? undefined : await visibleProjects(tx, caller, body.projects);
      const life = (body.days * dayMs) as Duration;
      const request = { person, name: body.name, projects, actions: body.actions, life, actor: caller.handle };
      return viewNew(await createTokenIn(world, tx, request), person.handle);
    }),
    command(revokeToken, async (world, tx, { params, caller }) => {
      const others = judge(caller, 'person:manage', { project: undefined, kinds: [] }).allowed;
      await revokeTokenIn(world, tx, { ...params, person: caller.person, actor: caller.handle, others });
      return params;
    }),
    command(redeemLink, async (world, tx, { body }) => {
      const { code, verifier, name } = body;
      const challenge = verifier === undefined ? undefined : challengeOf(world, verifier);
      const person = await useLinkIn(world, tx, { code, challenge });
      const request = { person, name, projects: undefined, actions: undefined, life: usualTokenLife };
      return viewNew(await createTokenIn(world, tx, { ...request, actor: person.handle }), person.handle);
    }),
  ];
}

/** A machine, and a token that is limited, make no tokens: theirs could outlive or outdo them. */
async function ownPerson(tx: Transaction, { person, limits }: Caller) {
  const found = person === undefined ? undefined : await tx.people.get(person);
  if (found !== undefined && limits.projects === undefined && limits.actions === undefined) return found;
  throw new Failure('request/forbidden', 'tokens are made by people, with a token or session that has no limits', {
    reason: 'OUTSIDE_TOKEN',
    hint: 'liftlock login',
  });
}

/** @throws Failure `project/unknown`, in the same words for what is not there and what the caller does not see. */
async function visibleProjects(
  tx: Transaction,
  caller: Caller,
  names: readonly string[],
): Promise<readonly ProjectId[]> {
  const found: ProjectId[] = [];
  for (const name of names) {
    const project = await tx.projects.byName(name);
    if (project === undefined || !sees(caller, project.id))
      throw new Failure('project/unknown', `there is no project ${name}`);
    found.push(project.id);
  }
  return found;
}

/** S256 of RFC 7636: base64url of the hash. */
function challengeOf({ sha256 }: World, verifier: string): string {
  return Buffer.from(sha256(verifier).slice('sha256:'.length), 'hex').toString('base64url');
}

async function viewSelf(tx: Transaction, { person, handle, via, rights, limits }: Caller) {
  const projects = limits.projects === undefined ? null : await namesOf(tx, limits.projects);
  return {
    handle,
    name: person === undefined ? null : ((await tx.people.get(person))?.name ?? null),
    via,
    rights: await namedRights(tx, rights),
    limits: { projects, actions: limits.actions === undefined ? null : [...limits.actions] },
  };
}

async function viewToken(tx: Transaction, token: StoredToken): Promise<TokenView> {
  return {
    id: token.id,
    name: token.name,
    projects: token.projects === undefined ? null : await namesOf(tx, token.projects),
    actions: token.actions === undefined ? null : [...token.actions],
    createdAt: token.createdAt,
    expiresAt: token.expiresAt,
    lastUsedAt: token.lastUsedAt ?? null,
    revokedAt: token.revokedAt ?? null,
  };
}

async function namesOf(tx: Transaction, projects: readonly ProjectId[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of projects) names.push((await tx.projects.get(id))?.name ?? id);
  return names;
}

function viewNew(
  { token, text }: { token: StoredToken; text: string },
  handle: string,
): { id: TokenId; token: string; handle: string; expiresAt: number } {
  return { id: token.id, token: text, handle, expiresAt: token.expiresAt };
}
