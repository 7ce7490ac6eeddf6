/** Keys come into the registry and are revoked. They never leave it: a revoked key stays known as revoked (R41). */
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId, PromotionId, ReleaseId } from '../../domain/base/id.ts';
import { isoTime, type Instant } from '../../domain/base/time.ts';
import type { Person } from '../../domain/access/person.ts';
import type { PublicKey } from '../../domain/trigger/signature.ts';
import type { Signer } from '../../domain/trigger/signer.ts';
import type { Transaction } from '../../ports/store.ts';
import type { StoredSigner } from '../../ports/trust.ts';
import { inLockOrder } from '../promotion/controls.ts';
import { judgeAgain, wakeAll } from './judge-events.ts';
import { stopRelease } from '../promotion/stop.ts';
import type { World } from '../world.ts';

export interface AddSignerRequest {
  /** A handle, or the name of a platform. */
  readonly owner: { readonly person: string } | { readonly platform: string };
  /** What was given: an SSH public key, an `allowed_signers` file or an OpenPGP key. */
  readonly text: string;
  readonly expiresAt: Instant | undefined;
  readonly actor: string;
}

/** @throws Failure `signer/exists`, `person/unknown`, `input/invalid`; nothing is added then. */
export async function addSignersIn(
  world: World,
  tx: Transaction,
  request: AddSignerRequest,
): Promise<readonly StoredSigner[]> {
  const owner = await ownerOf(tx, request.owner);
  const read = await world.signatures.readPublicKeys(request.text);
  const keys = owner.by === 'person' ? keysOf(owner.person, read) : read;
  const now = world.clock.now();
  const added: StoredSigner[] = [];
  for (const key of keys) {
    const signer = toSigner(key, { owner: owner.signer, request, now });
    if (!(await tx.signers.insert(signer))) await refuseKnown(tx, signer);
    added.push(signer);
    await tx.events.append({
      kind: 'signer.added',
      actor: request.actor,
      at: now,
      data: {
        fingerprint: signer.fingerprint,
        algorithm: signer.algorithm,
        owner: nameOf(signer.owner),
        platform: signer.owner.by === 'platform',
        expiresAt: signer.expiresAt,
      },
    });
  }
  await lookAtAllProjects(world, tx);
  return added;
}

/** What was signed with a key that is new, or gone, may be judged otherwise now: every repository is looked at soon. */
async function lookAtAllProjects(world: World, tx: Transaction): Promise<void> {
  const now = world.clock.now();
  for (const { id, poll } of await tx.projects.list())
    if (poll.dueAt > now) await tx.projects.setPoll(id, { ...poll, dueAt: now });
}

type Owner =
  | { readonly by: 'person'; readonly person: Person; readonly signer: Signer['owner'] }
  | { readonly by: 'platform'; readonly signer: Signer['owner'] };

async function ownerOf(tx: Transaction, given: AddSignerRequest['owner']): Promise<Owner> {
  if ('platform' in given) {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(given.platform))
      throw new Failure('input/invalid', `${given.platform} cannot name a platform`, {
        hint: 'for example github.com',
      });
    return { by: 'platform', signer: { by: 'platform', platform: given.platform } };
  }
  const person = await tx.people.byHandle(given.person);
  if (person === undefined)
    throw new Failure('person/unknown', `there is no person ${given.person}`, { hint: 'liftlock person list' });
  const { id, handle, disabledAt } = person;
  return { by: 'person', person, signer: { by: 'person', person: id, handle, disabled: disabledAt !== undefined } };
}

/** A file of several people's keys names them: of those only this person's are taken, by handle or address. */
function keysOf(person: Person, keys: readonly PublicKey[]): readonly PublicKey[] {
  const names = new Set([person.handle, ...person.emails]);
  const theirs = keys.filter(
    ({ principals }) => principals === undefined || principals.some((name) => names.has(name.toLowerCase())),
  );
  if (theirs.length > 0) return theirs;
  const named = [...new Set(keys.flatMap(({ principals }) => principals ?? []))].slice(0, 10).join(', ');
  throw new Failure('input/invalid', `no key in it is for ${person.handle}: it names ${named}`, {
    hint: `${person.handle} is known by ${[...names].join(', ')}`,
  });
}

function toSigner(
  key: PublicKey,
  { owner, request, now }: { owner: Signer['owner']; request: AddSignerRequest; now: Instant },
): StoredSigner {
  if (key.validAfter !== undefined && key.validAfter > now)
    throw new Failure('input/invalid', `${key.fingerprint} is good from ${isoTime(key.validAfter)} on only`, {
      hint: 'add it then',
    });
  const ends = [request.expiresAt, key.validBefore].filter((end) => end !== undefined);
  const expiresAt = ends.length === 0 ? undefined : (Math.min(...ends) as Instant);
  if (expiresAt !== undefined && expiresAt <= now)
    throw new Failure('input/invalid', `${key.fingerprint} was good until ${isoTime(expiresAt)}`, {
      hint: 'a key that is over signs nothing',
    });
  const { fingerprint, kind, material, algorithm, comment } = key;
  return {
    fingerprint,
    kind,
    material,
    algorithm,
    comment,
    owner,
    addedBy: request.actor,
    addedAt: now,
    expiresAt,
    revoked: undefined,
  };
}

async function refuseKnown(tx: Transaction, { fingerprint }: StoredSigner): Promise<never> {
  const known = await tx.signers.get(fingerprint);
  const of = known === undefined ? 'somebody' : nameOf(known.owner);
  if (known?.revoked !== undefined)
    throw new Failure('signer/exists', `${fingerprint} was a key of ${of} and is revoked: ${known.revoked.reason}`, {
      hint: 'a revoked key is never added again; make another one',
    });
  throw new Failure('signer/exists', `${fingerprint} is a key of ${of} already`, { hint: 'liftlock signer list' });
}

export interface RevokeSignerRequest {
  /** A fingerprint or its beginning. */
  readonly signer: string;
  readonly reason: string;
  readonly actor: string;
}

export interface Revoked {
  readonly signer: StoredSigner;
  /** Promotions that rested on the key and were not over. */
  readonly stopped: readonly PromotionId[];
}

/** From now on the key starts nothing, and what it started and is not done stops. What runs stays. */
export async function revokeSignerIn(world: World, tx: Transaction, request: RevokeSignerRequest): Promise<Revoked> {
  const signer = await findSigner(tx, request.signer);
  const at = world.clock.now();
  const revocation = { at, by: request.actor, reason: request.reason };
  if (!(await tx.signers.revoke(signer.fingerprint, revocation)))
    throw new Failure('signer/unknown', `${signer.fingerprint} is revoked already: ${signer.revoked?.reason ?? ''}`);
  const rested = (await tx.judgements.ofSigner(signer.fingerprint)).filter(({ accepted }) => accepted);
  const stopped: PromotionId[] = [];
  for (const project of new Set(rested.map((row) => row.project))) {
    await judgeAgain(world, tx, { project });
    const commits = new Set(rested.flatMap((row) => (row.project === project ? (row.commit ?? []) : [])));
    const because = `${signer.fingerprint}, which signed it, was revoked by ${request.actor}: ${request.reason}`;
    for (const release of await releasesOnTheWay(tx, project, commits))
      stopped.push(...(await stopAll(world, tx, { project, release, by: request.actor, because })));
    await wakeAll(tx, project, at);
  }
  await lookAtAllProjects(world, tx);
  await tx.events.append({
    kind: 'signer.revoked',
    actor: request.actor,
    at,
    data: {
      fingerprint: signer.fingerprint,
      owner: nameOf(signer.owner),
      reason: request.reason,
      stopped: [...new Set(stopped)],
    },
  });
  return { signer: { ...signer, revoked: revocation }, stopped: [...new Set(stopped)] };
}

async function releasesOnTheWay(
  tx: Transaction,
  project: ProjectId,
  commits: ReadonlySet<string>,
): Promise<ReadonlySet<ReleaseId>> {
  const releases = new Set<ReleaseId>();
  for (const state of ['running', 'waiting'] as const)
    for (const { promotion } of await tx.promotions.list({ project, state, limit: 200 })) {
      const release = await tx.releases.get(promotion.release);
      if (release !== undefined && promotion.kind === 'promotion' && commits.has(release.content.commit))
        releases.add(release.id);
    }
  return releases;
}

/** Only where signatures are asked for: development goes on with it. */
async function stopAll(
  world: World,
  tx: Transaction,
  stop: { project: ProjectId; release: ReleaseId; by: string; because: string },
): Promise<readonly PromotionId[]> {
  const guarded = (await tx.environments.ofProject(stop.project)).filter(({ spec }) =>
    ['staging', 'production', 'disaster-recovery'].includes(spec.kind),
  );
  return stopRelease(world, tx, {
    environments: inLockOrder(guarded),
    release: stop.release,
    by: stop.by,
    cause: 'abort',
    reason: stop.because,
  });
}

/** @throws Failure `signer/unknown` when none or several begin so. */
async function findSigner(tx: Transaction, text: string): Promise<StoredSigner> {
  const signers = await tx.signers.list();
  const wanted = text.startsWith('SHA256:') ? text : text.toUpperCase();
  const found = signers.filter(({ fingerprint }) => fingerprint === text || fingerprint.startsWith(wanted));
  const [only, other] = found;
  if (only !== undefined && other === undefined && wanted.length >= 8) return only;
  const what = found.length > 1 ? `several keys begin with ${text}` : `there is no key ${text}`;
  throw new Failure('signer/unknown', what, { hint: 'liftlock signer list' });
}

export function nameOf(owner: Signer['owner']): string {
  return owner.by === 'person' ? owner.handle : owner.platform;
}
