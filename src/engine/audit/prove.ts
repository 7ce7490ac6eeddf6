/** Proofs and bundles out of the audit log, for people who do not trust whoever keeps it. */
import { signBundle, type BundleSubject } from '../../domain/audit/bundle.ts';
import { toBase64 } from '../../domain/audit/bytes.ts';
import { parseCheckpoint } from '../../domain/audit/checkpoint.ts';
import { exported, type ServedEntry } from '../../domain/audit/exported.ts';
import { parseNote } from '../../domain/audit/note.ts';
import { inclusionPath } from '../../domain/audit/proof.ts';
import { proofFormat, type ProofDocument, type ProvedEntry } from '../../domain/audit/proved.ts';
import type { Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId, PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { RecordedDecision } from '../../ports/approvals.ts';
import type { Transaction } from '../../ports/store.ts';
import type { AuditEntry, AuditLog, AuditSubject } from '../../ports/audit.ts';
import { findProject, findRelease } from '../find.ts';
import { showRelease } from '../views/lists.ts';
import { showChange } from '../promotion/show-change.ts';
import { sequenceAll, type AuditParts } from './sequence.ts';
import type { World } from '../world.ts';

/** The events that a bundle may hold. */
const mostEvents = 5_000;

export function served({ index, hash, event }: AuditEntry): ServedEntry {
  const parts = event === undefined ? null : { leaf: event.leaf, salts: event.salts, shown: event.shown };
  return { index, hash: toBase64(hash), event: parts };
}

/** `event`: its id, its cursor, or the number of its entry. @throws Failure `audit/unknown`. */
export async function proofOf(world: World, parts: AuditParts, event: string): Promise<ProofDocument> {
  await sequenceAll({ world, ...parts }, { atOnce: true });
  const [entry] = /^\d{1,15}$/.test(event)
    ? await parts.audit.entries({ from: Number(event), limit: 1 })
    : [await parts.audit.entryOf(event)];
  const isThere = entry !== undefined && (!/^\d+$/.test(event) || entry.index === Number(event));
  if (!isThere)
    throw new Failure('audit/unknown', `there is no entry of ${event} in the audit log`, {
      hint: 'name an event by its id (evt_...), its cursor, or the number of its entry',
    });
  const checkpoint = await newestCheckpoint(parts.audit);
  const [proved] = await prove(parts.audit, [entry], checkpoint);
  return { format: proofFormat, entry: proved!, checkpoint };
}

/** The record of a release, every event about it, and the proofs that they are in the log, as one signed text. */
export async function releaseBundle(
  world: World,
  parts: AuditParts,
  named: { project: string | undefined; release: string },
): Promise<string> {
  const { project, release } = await world.store.transaction(async (tx) => {
    const found = await findProject(tx, named.project);
    return { project: found, release: await findRelease(tx, found.id, named.release) };
  });
  const record = {
    project: { id: project.id, name: project.name },
    content: release.content,
    detail: await showRelease(world, project.name, release.id),
    ...(await world.store.transaction((tx) => decisionsIn(tx, project.id, release.id))),
  };
  return sign(world, parts, { kind: 'release', about: { release: release.id }, id: release.id, record });
}

/** The record of a change, as `releaseBundle`. */
export async function changeBundle(
  world: World,
  parts: AuditParts,
  named: { project: string | undefined; change: string },
): Promise<string> {
  const { document, promotion, release } = await showChange(world, named.project, named.change);
  const id = promotion as PromotionId;
  const decided = await world.store.transaction(async (tx) => {
    const { project } = (await tx.promotions.get(id))!;
    return decisionsIn(tx, project, release.id as ReleaseId);
  });
  return sign(world, parts, { kind: 'change', about: { promotion: id }, id, record: { document, ...decided } });
}

async function sign(
  world: World,
  parts: AuditParts,
  { kind, id, about, record }: BundleSubject & { about: AuditSubject; record: object },
): Promise<string> {
  await sequenceAll({ world, ...parts }, { atOnce: true });
  const entries = await parts.audit.about(about, mostEvents + 1);
  if (entries.length > mostEvents)
    throw new Failure('input/too-large', `more than ${mostEvents} events are about ${id}`);
  const checkpoint = await newestCheckpoint(parts.audit);
  const { origin } = parseCheckpoint(parseNote(checkpoint).text);
  const bundle = {
    subject: { kind, id },
    at: world.clock.now(),
    // As an answer of the API would write it.
    record: JSON.parse(JSON.stringify(record)) as { readonly [part: string]: Json },
    entries: await prove(parts.audit, entries, checkpoint),
    checkpoint,
  };
  return signBundle(bundle, parts.notary.signer(origin));
}

interface Decisions {
  readonly decisions: readonly (RecordedDecision & { readonly environmentName: string })[];
  /** Public halves of the passkeys of those who decided, so that their signatures can be checked. */
  readonly passkeys: readonly { readonly actor: string; readonly credential: string; readonly publicKey: string }[];
}

/** Who decided what about the release, word for word, withdrawn decisions included. */
async function decisionsIn(tx: Transaction, project: ProjectId, release: ReleaseId): Promise<Decisions> {
  const decisions: Decisions['decisions'][number][] = [];
  for (const { id, spec } of await tx.environments.ofProject(project))
    for (const one of await tx.approvals.of(id, release)) decisions.push({ ...one, environmentName: spec.name });
  const passkeys: Decisions['passkeys'][number][] = [];
  for (const actor of new Set(decisions.filter(({ signature }) => signature !== undefined).map((one) => one.actor))) {
    const person = await tx.people.byHandle(actor);
    for (const { credential, publicKey } of person === undefined ? [] : await tx.passkeys.ofPerson(person.id))
      passkeys.push({ actor, credential, publicKey });
  }
  return { decisions, passkeys };
}

async function newestCheckpoint(audit: AuditLog): Promise<string> {
  const note = await audit.newest();
  if (note !== undefined) return note;
  throw new Failure('audit/unknown', 'nothing is recorded yet', { hint: 'liftlock status' });
}

async function prove(
  audit: AuditLog,
  entries: readonly AuditEntry[],
  checkpoint: string,
): Promise<readonly ProvedEntry[]> {
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  const paths = entries.map(({ index }) => inclusionPath(index, size));
  const roots = await audit.roots(paths.flat());
  let place = 0;
  return entries.map((entry, number) => {
    const proof = roots.slice(place, (place += paths[number]!.length)).map(toBase64);
    return { ...exported(served(entry)), proof };
  });
}
