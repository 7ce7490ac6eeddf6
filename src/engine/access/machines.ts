/** Programs that a CI system vouches for. They get a token for a quarter of an hour, and the role of a machine. */
import { Failure } from '../../domain/base/failure.ts';
import { plus, type Duration, type Instant } from '../../domain/base/time.ts';
import { isHandle } from '../../domain/access/person.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Machine, StoredToken } from '../../ports/access.ts';
import type { CiClaims, CiIdentities } from '../../ports/identities.ts';
import type { Transaction } from '../../ports/store.ts';
import { makeCredential } from './credentials.ts';
import { newId, type World } from '../world.ts';

const tokenLife = (15 * 60_000) as Duration;

/** By the names of GitHub and of GitLab. Names of repositories can be taken over by others: ids cannot. */
const pinned: readonly (readonly [what: string, claims: readonly string[]])[] = [
  ['the repository, by its id', ['repository_id', 'project_id']],
  ['the workflow', ['job_workflow_ref', 'workflow_ref', 'ci_config_ref_uri']],
  ['the event', ['event_name', 'pipeline_source']],
];

export interface NewMachineRequest {
  readonly name: string;
  readonly project: ProjectId;
  readonly issuer: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly actor: string;
}

/** @throws Failure `input/invalid` when the claims would let in other repositories, workflows or events. */
export async function addMachineIn(world: World, tx: Transaction, request: NewMachineRequest): Promise<Machine> {
  const { name, project, issuer, audience, claims, actor } = request;
  if (!isHandle(name)) throw new Failure('input/invalid', `${name} cannot be the name of a machine`);
  if (!URL.canParse(issuer)) throw new Failure('input/invalid', `${issuer} is not the address of an issuer`);
  for (const [what, named] of pinned)
    if (!named.some((claim) => claim in claims))
      throw new Failure('input/invalid', `the claims of ${name} leave open ${what}`, {
        hint: `one of ${named.join(', ')} must be given`,
      });
  const now = world.clock.now();
  const id = newId(world, 'mch');
  const made = { createdAt: now, createdBy: actor, disabledAt: undefined };
  const machine: Machine = { id, handle: `machine:${name}`, project, issuer, audience, claims, ...made };
  if (!(await tx.machines.insert(machine)))
    throw new Failure('person/exists', `there is a machine ${name} already`, { hint: 'liftlock machine list' });
  const data = { machine: machine.handle, issuer, audience, claims };
  await tx.events.append({ kind: 'machine.added', actor, at: now, project, data });
  return machine;
}

export async function findMachine(tx: Transaction, name: string): Promise<Machine> {
  const machine = await tx.machines.byHandle(`machine:${name}`);
  if (machine !== undefined) return machine;
  throw new Failure('person/unknown', `there is no machine ${name}`, { hint: 'liftlock machine list' });
}

export async function disableMachineIn(
  world: World,
  tx: Transaction,
  { name, actor }: { name: string; actor: string },
): Promise<Machine> {
  const machine = await findMachine(tx, name);
  if (machine.disabledAt !== undefined) return machine;
  const at = world.clock.now();
  await tx.machines.disable(machine.id, at);
  await tx.tokens.revokeAllOf({ machine: machine.id }, actor, at);
  const { project, handle } = machine;
  await tx.events.append({ kind: 'machine.disabled', actor, at, project, data: { machine: handle } });
  return { ...machine, disabledAt: at };
}

/**
 * Turns an identity token into one of ours, once.
 * @throws Failure `request/unauthenticated` with reason CI_ISSUER_UNKNOWN, CI_TOKEN_INVALID, CI_CLAIMS_DIFFER or CI_TOKEN_USED.
 */
export async function exchangeIdentity(
  world: World,
  identities: CiIdentities,
  identity: string,
): Promise<{ readonly token: StoredToken; readonly text: string; readonly machine: Machine }> {
  const issuer = await identities.claimedIssuer(identity);
  // Only issuers that somebody named are ever asked for their keys.
  const known = issuer === undefined ? [] : await world.store.transaction((tx) => tx.machines.ofIssuer(issuer));
  if (issuer === undefined || known.length === 0)
    throw refuse('CI_ISSUER_UNKNOWN', 'nobody here lets in programs that this issuer vouches for');
  const audiences = [...new Set(known.map(({ audience }) => audience))];
  const claims = await identities.verify(identity, { issuer, audiences });
  return world.store.transaction(async (tx) => {
    const machine = (await tx.machines.ofIssuer(issuer)).find((one) => isMeant(one, claims));
    if (machine === undefined) throw refuse('CI_CLAIMS_DIFFER', 'no machine here has the claims of this token');
    const { jti } = claims;
    if (!(await tx.machines.useIdentity({ issuer, jti, expiresAt: claims.expiresAt as Instant })))
      throw refuse('CI_TOKEN_USED', 'this identity token was used before');
    return { ...(await giveToken(world, tx, machine)), machine };
  });
}

function isMeant({ audience, claims }: Machine, { audiences, all }: CiClaims): boolean {
  const isSaid = (name: string, value: string) => Object.hasOwn(all, name) && isSame(all[name], value);
  return audiences.includes(audience) && Object.entries(claims).every(([name, value]) => isSaid(name, value));
}

/** GitHub writes ids as text, GitLab some as numbers. */
function isSame(said: unknown, value: string): boolean {
  return (typeof said === 'string' || typeof said === 'number') && String(said) === value;
}

async function giveToken(
  world: World,
  tx: Transaction,
  { id: machine, handle, project }: Machine,
): Promise<{ readonly token: StoredToken; readonly text: string }> {
  const { id, text, secretHash } = makeCredential(world, 'token');
  const now = world.clock.now();
  const token: StoredToken = {
    id,
    secretHash,
    name: handle,
    person: undefined,
    machine,
    projects: [project],
    actions: undefined,
    createdAt: now,
    expiresAt: plus(now, tokenLife),
    lastUsedAt: undefined,
    revokedAt: undefined,
  };
  await tx.tokens.insert(token);
  const data = { token: id, machine: handle, expiresAt: token.expiresAt };
  await tx.events.append({ kind: 'token.created', actor: handle, at: now, project, data });
  return { token, text };
}

function refuse(reason: string, message: string): Failure {
  return new Failure('request/unauthenticated', message, {
    reason,
    hint: 'liftlock machine list shows what is expected',
  });
}
