/** Evidence that somebody brings: read, judged, stored under its own digest, recorded, and told to the gates. */
import type { Digest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { isId, type EnvironmentId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { ReportFormat } from '../../domain/pipeline/report.ts';
import { accept, type Accepted, type EvidenceSigner, type Signed } from '../../domain/release/acceptance.ts';
import { uploadedKinds, type Evidence, type EvidenceKind } from '../../domain/release/evidence.ts';
import { kindsOf, toolOf, type Reading } from '../../domain/release/reading.ts';
import { judgeReport } from '../../domain/verdict/verdict.ts';
import type { Envelope, Statement } from '../../ports/attestations.ts';
import type { Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { wakeProject } from '../wake.ts';
import { newId, type World } from '../world.ts';

export interface EvidenceUpload {
  readonly project: string | undefined;
  readonly release: string;
  readonly content: Uint8Array;
  /** What the sender says of it. Of signed evidence the statement speaks, and what is said here must agree. */
  readonly kind: EvidenceKind | undefined;
  readonly name: string | undefined;
  readonly environment: string | undefined;
  readonly format: ReportFormat | undefined;
  readonly exitCode: number | undefined;
  readonly expiresAt: Instant | undefined;
  readonly actor: string;
}

/** Of uploads; formats have narrower limits of their own. */
const mostUploadBytes = 32 * 2 ** 20;

/** Read, judged and stored, outside the transaction that records it. */
export interface PreparedEvidence {
  readonly content: Digest;
  readonly bytes: number;
  readonly read: Read;
}

interface Read {
  readonly kind: EvidenceKind;
  readonly name: string;
  readonly environment: string | undefined;
  readonly format: string;
  readonly reading: Reading;
  readonly envelope: Envelope | undefined;
}

/** @throws Failure `evidence/unreadable`, or `evidence/refused` with every reason. Nothing that is refused is stored. */
export async function prepareEvidence(world: World, upload: EvidenceUpload): Promise<PreparedEvidence> {
  const read = await readUpload(world, upload);
  const digest = world.sha256(upload.content);
  const prepared = { content: digest, bytes: upload.content.length, read };
  await world.store.transaction(async (tx) => judgeIn(world, tx, { upload, prepared }));
  await world.contents.put(upload.content);
  return prepared;
}

/**
 * Records it, and its event. The same signed statement again answers the first record; so does the same unsigned
 * content when it is the latest of its kind, name and place.
 * @throws Failure as `prepareEvidence`: a signer may have been revoked since.
 */
export async function addEvidenceIn(
  world: World,
  tx: Transaction,
  { upload, prepared }: { upload: EvidenceUpload; prepared: PreparedEvidence },
): Promise<Evidence> {
  const { accepted, project, release, environment, signer } = await judgeIn(world, tx, { upload, prepared });
  const { read, content } = prepared;
  const payload = read.envelope?.payload;
  const at = world.clock.now();
  const signed = read.envelope !== undefined;
  const piece: Evidence = {
    id: newId(world, 'evd'),
    release: release.id,
    artifact: release.content.artifact,
    environment,
    promotion: undefined,
    gitCommit: statementOf(read)?.commits[0],
    kind: read.kind,
    name: read.name,
    verdict: read.reading.verdict,
    standing: accepted.standing,
    by: signer === undefined ? upload.actor : `signer:${signer.name}`,
    summary: read.reading.summary,
    details: read.reading.details,
    format: read.format,
    content,
    envelope: signed ? content : undefined,
    signer: signer?.id,
    at,
    expiresAt: upload.expiresAt,
    milliseconds: 0,
    run: undefined,
  };
  const known = await knownIn(tx, piece, payload);
  if (known !== undefined) return known;
  if (!(await tx.evidence.insert(piece, payload)))
    throw new Failure('request/conflict', 'this statement is being recorded by another request', {
      hint: 'Ask again.',
    });
  await tx.events.append({
    kind: 'evidence.added',
    actor: upload.actor,
    at,
    project: project.id,
    release: release.id,
    ...(environment === undefined ? {} : { environment }),
    data: eventData(piece, signer),
  });
  await wakeProject(world, tx, project.id);
  return piece;
}

function eventData(piece: Evidence, signer: EvidenceSigner | undefined) {
  const { id, kind, name, verdict, standing, summary, format, content, artifact, expiresAt } = piece;
  return {
    evidence: id,
    kind,
    name,
    verdict,
    standing,
    summary,
    format,
    content,
    artifact,
    expiresAt,
    key: signer?.key,
  };
}

async function knownIn(tx: Transaction, piece: Evidence, payload: Digest | undefined): Promise<Evidence | undefined> {
  if (payload !== undefined) return tx.evidence.byPayload(piece.release, payload);
  const { kind, name, environment, content, by, expiresAt } = piece;
  const latest = (await tx.evidence.ofRelease(piece.release)).findLast(
    (one) => one.kind === kind && one.name === name && one.environment === environment && one.standing === 'claimed',
  );
  return latest?.content === content && latest?.by === by && latest?.expiresAt === expiresAt ? latest : undefined;
}

interface Judged {
  readonly accepted: Accepted;
  readonly project: Project;
  readonly release: StoredRelease;
  readonly environment: EnvironmentId | undefined;
  readonly signer: EvidenceSigner | undefined;
}

async function judgeIn(
  world: World,
  tx: Transaction,
  { upload, prepared }: { upload: EvidenceUpload; prepared: PreparedEvidence },
): Promise<Judged> {
  const project = await findProject(tx, upload.project);
  const release = await findRelease(tx, project.id, upload.release);
  const { read, content, bytes } = prepared;
  const now = world.clock.now();
  const environment =
    read.environment === undefined ? undefined : (await findEnvironment(tx, project.id, read.environment)).id;
  const signed = await signedIn(tx, read);
  const accepted = accept(
    {
      bytes,
      mostBytes: mostUploadBytes,
      content,
      storedAs: content,
      kind: read.kind,
      verdict: read.reading.verdict,
      signed,
    },
    {
      project: project.id,
      artifact: release.content.artifact,
      commit: release.content.commit,
      now,
      deniedAt: signed && (await deniedAt(tx, { release: release.id, environment, read })),
    },
  );
  if (!accepted.recorded) throw refused(release, accepted);
  if (upload.expiresAt !== undefined && upload.expiresAt <= now)
    throw new Failure('input/invalid', 'this evidence would be over already', { hint: 'a time to come' });
  return { accepted, project, release, environment, signer: signed?.signer };
}

/** Of what is recorded already nothing is asked again: it is answered as it was. */
async function deniedAt(
  tx: Transaction,
  { release, environment, read }: { release: StoredRelease['id']; environment: EnvironmentId | undefined; read: Read },
): Promise<Instant | undefined> {
  const { kind, name, envelope } = read;
  if (envelope === undefined || (await tx.evidence.byPayload(release, envelope.payload)) !== undefined)
    return undefined;
  const latest = (await tx.evidence.ofRelease(release)).findLast(
    (one) => one.kind === kind && one.name === name && one.environment === environment && one.standing === 'attested',
  );
  return latest === undefined || latest.verdict === 'PASS' ? undefined : latest.at;
}

/** Who signed, among all that were ever registered: that somebody is revoked is a better answer than that he is unknown. */
async function signedIn(tx: Transaction, read: Read): Promise<Signed | undefined> {
  const { envelope } = read;
  const statement = statementOf(read);
  if (envelope === undefined || statement === undefined) return undefined;
  const signers = (await tx.evidenceSigners.list()).filter((signer) =>
    envelope.isSignedBy({ id: signer.key, publicKey: signer.publicKey }),
  );
  const signer = signers.find(({ revokedAt }) => revokedAt === undefined) ?? signers[0];
  const { subjects, commits, madeAt } = statement;
  return { signer, subjects, commits, madeAt };
}

function statementOf({ envelope }: Read): Statement | undefined {
  const statement = envelope?.statement;
  return statement?.problem === undefined ? statement : undefined;
}

function refused(release: StoredRelease, { refusals }: Accepted): Failure {
  const told = refusals.filter(({ code }) => code !== 'NOT_PASS').map(({ code, sentence }) => `${code}: ${sentence}`);
  const unknown = refusals.some(({ code }) => code === 'SIGNER_UNKNOWN');
  return new Failure('evidence/refused', `this is no evidence for release #${release.number}: ${told.join('; ')}`, {
    hint: unknown
      ? 'liftlock evidence signer list; an administrator adds one'
      : 'liftlock evidence list shows what counts',
  });
}

async function readUpload(world: World, upload: EvidenceUpload): Promise<Read> {
  const envelope = await world.attestations.open(upload.content);
  return envelope === undefined ? readReport(world, upload) : readEnvelope(upload, envelope);
}

async function readReport(world: World, upload: EvidenceUpload): Promise<Read> {
  const { content, format, exitCode, name, environment } = upload;
  const read = await world.reports.read(content, {
    ...(format === undefined ? {} : { format }),
    ...(exitCode === undefined ? {} : { exitCode }),
  });
  if (read === undefined)
    throw new Failure('evidence/unreadable', 'this is written in no format that Liftlock reads', {
      hint: `name it with --format: ${Object.keys(kindsOf).join(', ')}; or a DSSE envelope`,
    });
  const judged =
    exitCode === undefined ? read.reading : judgeReport(read.reading, exitCode, toolOf(read.format, read.reading));
  const kind = kindAmong(kindsOf[read.format], upload.kind, `a report in the format ${read.format}`);
  const reading = { ...judged, details: read.reading.details };
  return { kind, name: name ?? read.format, environment, format: read.format, reading, envelope: undefined };
}

/** Name and place are what the statement says: whoever only carries it must not make it speak of something else. */
function readEnvelope(upload: EvidenceUpload, envelope: Envelope): Read {
  const { statement } = envelope;
  if (statement.problem !== undefined)
    throw new Failure('evidence/unreadable', `this envelope cannot be read: ${statement.problem}`);
  const kind = kindAmong(statement.kinds, upload.kind, 'this statement');
  const name = statement.name ?? kind;
  for (const [what, said, signed] of [
    ['name', upload.name, name],
    ['environment', upload.environment, statement.environment],
  ] as const)
    if (said !== undefined && said !== signed)
      throw new Failure('evidence/refused', `the signed ${what} is ${signed ?? 'none'}, not ${said}`, {
        hint: `leave the ${what} out, or have it signed`,
      });
  return { kind, name, environment: statement.environment, format: 'dsse', reading: statement.reading, envelope };
}

function kindAmong(possible: readonly EvidenceKind[], asked: EvidenceKind | undefined, what: string): EvidenceKind {
  const kinds = possible.filter((kind) => (uploadedKinds as readonly EvidenceKind[]).includes(kind));
  const [first] = kinds;
  if (first === undefined)
    throw new Failure('evidence/refused', `${what} is about ${possible.join(', ')}, which nobody uploads`, {
      hint: 'People decide with commands of their own: liftlock sign-off, approve, review.',
    });
  if (asked === undefined) return first;
  if (kinds.includes(asked)) return asked;
  throw new Failure('evidence/refused', `${what} can be evidence of ${kinds.join(' or ')}, not of ${asked}`);
}

/** @throws Failure `evidence/unknown`, also for that of another project. */
export async function findEvidence(
  tx: Transaction,
  project: string | undefined,
  id: string,
): Promise<{ piece: Evidence; project: Project; release: StoredRelease }> {
  const found = await findProject(tx, project);
  const piece = isId('evd', id) ? await tx.evidence.get(id) : undefined;
  const release = piece && (await tx.releases.get(piece.release));
  if (piece === undefined || release === undefined || release.project !== found.id)
    throw new Failure('evidence/unknown', `there is no evidence ${id}`, { hint: 'liftlock evidence list <release>' });
  return { piece, project: found, release };
}
