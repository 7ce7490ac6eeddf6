/** Machines and tools whose signatures on evidence are believed. */
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { EvidenceSigner } from '../../domain/release/acceptance.ts';
import type { EvidenceKind } from '../../domain/release/evidence.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import { wakeProject } from '../wake.ts';
import { newId, type World } from '../world.ts';

export interface NewEvidenceSigner {
  readonly name: string;
  /** PEM. */
  readonly publicKey: string;
  readonly kinds: readonly EvidenceKind[];
  /** Names; every project when absent. */
  readonly projects: readonly string[] | undefined;
  readonly expiresAt: Instant | undefined;
  readonly actor: string;
}

/** @throws Failure `input/invalid` for a key that is none, `request/conflict` when key or name is taken. */
export async function addEvidenceSignerIn(
  world: World,
  tx: Transaction,
  { name, publicKey, kinds, projects, expiresAt, actor }: NewEvidenceSigner,
): Promise<EvidenceSigner> {
  const key = world.attestations.readKey(publicKey);
  const at = world.clock.now();
  if (expiresAt !== undefined && expiresAt <= at)
    throw new Failure('input/invalid', 'this signer would have expired already', { hint: 'a time to come' });
  const installation = (await tx.installationKeys.list()).some(({ id }) => id === key.id);
  if (installation)
    throw new Failure('request/conflict', 'this is the key of an installation of Liftlock, which signs for itself');
  const signer: EvidenceSigner = {
    id: newId(world, 'esg'),
    name,
    key: key.id,
    publicKey: key.publicKey,
    kinds: [...new Set(kinds)],
    projects: projects && (await idsOf(tx, projects)),
    addedBy: actor,
    addedAt: at,
    expiresAt,
    revokedAt: undefined,
    revokedBy: undefined,
  };
  if (!(await tx.evidenceSigners.insert(signer))) throw await taken(tx, signer);
  await tx.events.append({
    kind: 'evidence-signer.added',
    actor,
    at,
    data: { signer: signer.id, name, key: signer.key, kinds: signer.kinds, projects: signer.projects, expiresAt },
  });
  return signer;
}

async function idsOf(tx: Transaction, names: readonly string[]): Promise<readonly ProjectId[]> {
  const ids = [];
  for (const name of names) ids.push((await findProject(tx, name)).id);
  return ids;
}

async function taken(tx: Transaction, { key, name }: EvidenceSigner): Promise<Failure> {
  const known = (await tx.evidenceSigners.list()).find((one) => one.key === key);
  if (known?.revokedAt !== undefined)
    return new Failure('request/conflict', `this key was revoked as ${known.name} and is believed no more`, {
      hint: 'make a new key',
    });
  return new Failure(
    'request/conflict',
    known === undefined ? `there is a signer ${name} already` : `this key is ${known.name} already`,
    {
      hint: 'liftlock evidence signer list',
    },
  );
}

/**
 * What the signer attested is only claimed from now on, in every project, and gates are asked again.
 * @throws Failure `evidence/unknown-signer`.
 */
export async function revokeEvidenceSignerIn(
  world: World,
  tx: Transaction,
  { signer: text, reason, actor }: { signer: string; reason: string; actor: string },
): Promise<EvidenceSigner> {
  const signer = (await tx.evidenceSigners.list()).find(
    (one) => one.revokedAt === undefined && (one.id === text || one.name === text),
  );
  const at = world.clock.now();
  if (signer === undefined || !(await tx.evidenceSigners.revoke(signer.id, { by: actor, at, reason })))
    throw new Failure('evidence/unknown-signer', `there is no evidence signer ${text} in force`, {
      hint: 'liftlock evidence signer list',
    });
  await tx.events.append({
    kind: 'evidence-signer.revoked',
    actor,
    at,
    data: { signer: signer.id, name: signer.name, key: signer.key, reason },
  });
  for (const { id } of await tx.projects.list()) await wakeProject(world, tx, id);
  return { ...signer, revokedAt: at, revokedBy: actor };
}
