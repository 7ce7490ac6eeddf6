/** Evidence for people who look through it, with its signature verified while they look. */
import { asFailure } from '../../domain/base/failure.ts';
import type { Instant } from '../../domain/base/time.ts';
import { inForce, type Evidence } from '../../domain/release/evidence.ts';
import type { Envelope } from '../../ports/attestations.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEvidence } from './evidence.ts';
import { findProject, findRelease } from '../find.ts';
import { viewDetails, viewEvidence } from './view-evidence.ts';
import type { EvidenceDetailView, EvidenceListView, EvidenceView, SignatureView } from '../views/views.ts';
import type { World } from '../world.ts';

export function listEvidence(world: World, project: string | undefined, text: string): Promise<EvidenceListView> {
  return world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, project);
    const release = await findRelease(tx, id, text);
    const pieces = await tx.evidence.ofRelease(release.id);
    const counting = new Set(latestOf(pieces, world.clock.now()));
    const evidence = [];
    for (const piece of pieces) evidence.push({ ...(await viewIn(tx, piece)), counts: counting.has(piece) });
    return { evidence };
  });
}

/** As the facts of an environment know them: the latest of each, unless it is over. */
function latestOf(pieces: readonly Evidence[], now: Instant): readonly Evidence[] {
  const latest = new Map(
    pieces.map((piece) => [[piece.kind, piece.name, piece.environment, piece.standing].join('\n'), piece]),
  );
  return inForce([...latest.values()], now);
}

export async function viewIn(tx: Transaction, piece: Evidence): Promise<EvidenceView> {
  const environment = piece.environment && (await tx.environments.get(piece.environment));
  return viewEvidence(piece, environment?.spec.name);
}

export async function showEvidence(world: World, project: string | undefined, id: string): Promise<EvidenceDetailView> {
  const { piece, view, keys, names } = await world.store.transaction(async (tx) => {
    const found = await findEvidence(tx, project, id);
    const signer = (await tx.evidenceSigners.list()).find((one) => one.id === found.piece.signer);
    const installations = await tx.installationKeys.list();
    return {
      piece: found.piece,
      view: {
        ...(await viewIn(tx, found.piece)),
        project: found.project.name,
        release: { id: found.release.id, number: found.release.number },
      },
      keys: signer === undefined ? installations : [{ id: signer.key, publicKey: signer.publicKey }],
      names: signer === undefined ? 'this installation of Liftlock, or another on its database' : signer.name,
    };
  });
  const { artifact, gitCommit, details, envelope } = piece;
  return {
    ...view,
    artifact,
    gitCommit: gitCommit ?? null,
    details: details === undefined ? null : viewDetails(details),
    envelope: envelope ?? null,
    signature: envelope === undefined ? null : await verify(world, { piece, keys, names }),
  };
}

/** The signature over the stored bytes, and whether the record is still what was signed: rows can be changed, statements cannot. */
async function verify(
  world: World,
  { piece, keys, names }: { piece: Evidence; keys: readonly World['attestations']['key'][]; names: string },
): Promise<SignatureView> {
  const invalid = (sentence: string) => ({ key: null, by: null, valid: false, sentence });
  try {
    const opened = await world.attestations.open(await world.contents.get(piece.envelope!));
    const key = keys.find((one) => opened?.isSignedBy(one));
    if (opened === undefined || key === undefined) return invalid('no key that is known here has signed it');
    const difference = differenceTo(piece, opened);
    if (difference !== undefined) return invalid(`the record was changed: ${names} signed another ${difference}`);
    return { key: key.id, by: names, valid: true, sentence: `signed by ${names}` };
  } catch (thrown) {
    return invalid(asFailure(thrown).message);
  }
}

function differenceTo(piece: Evidence, { statement }: Envelope): string | undefined {
  if (statement.problem !== undefined) return 'statement';
  const verdict = piece.signer === undefined ? statement.recorded : statement.reading.verdict;
  if (!statement.subjects.includes(piece.artifact)) return 'artifact';
  if (!statement.kinds.includes(piece.kind) && piece.signer !== undefined) return 'kind';
  if (statement.name !== undefined && statement.name !== piece.name) return 'name';
  return verdict === piece.verdict ? undefined : 'verdict';
}

/** @throws Failure `evidence/unknown`, `evidence/content-missing`, `evidence/content-corrupt`. */
export async function contentOf(
  world: World,
  about: { project: string | undefined; evidence: string; part: 'content' | 'envelope' | undefined },
): Promise<Uint8Array> {
  const { piece } = await world.store.transaction((tx) => findEvidence(tx, about.project, about.evidence));
  const digest = about.part === 'envelope' ? piece.envelope : (piece.content ?? piece.envelope);
  return world.contents.get(digest!);
}
