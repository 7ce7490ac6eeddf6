/**
 * Judges what was found of commits and tags, and records it before anything rests on it: the judgement as a row, every
 * change of it as an event (R41). Judging again is safe at any time: it depends on stored facts alone.
 */
import { canonicalJson, type Digest, type Json } from '../../domain/base/digest.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import { rolesOn } from '../../domain/access/role.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import { known, refusals, type Judgement, type Looked } from '../../domain/trigger/check.ts';
import { judgeMainCommit, type Acceptance, type MainCommit } from '../../domain/trigger/main-commit.ts';
import type { SignatureAnswer } from '../../domain/trigger/signature.ts';
import type { SignerWithRoles } from '../../domain/trigger/signer.ts';
import { judgeVersionTag, type StagingResult, type VersionTag } from '../../domain/trigger/version-tag.ts';
import type { Transaction } from '../../ports/store.ts';
import type { MainLine, RegistryState, StoredJudgement } from '../../ports/trust.ts';
import { actors } from '../announce.ts';
import type { Inspected } from './inspect.ts';
import { newId, type World } from '../world.ts';

/** How many of the newest are judged again at once when keys, roles or main change; `judge-outdated.ts` comes to all of them. */
const mostAtOnce = 300;

/** What all judgements of one moment share. */
export interface Judging {
  readonly project: ProjectId;
  readonly mode: StoredJudgement['mode'];
  readonly pipeline: Pipeline;
  readonly line: MainLine;
  readonly registry: RegistryState;
  readonly policy: Digest;
  readonly now: Instant;
}

export function policyOf(world: Pick<World, 'sha256'>, { trust, mainBranch }: Pipeline): Digest {
  return world.sha256(canonicalJson({ signatures: trust.signatures, root: trust.root, mainBranch } as Json));
}

export function mainRefOf({ mainBranch }: Pick<Pipeline, 'mainBranch'>): string {
  return `refs/heads/${mainBranch}`;
}

/** `undefined` where no signatures are asked for, and before the first look. */
export async function judgingOf(world: World, tx: Transaction, project: ProjectId): Promise<Judging | undefined> {
  const pipeline = (await tx.pipelines.current(project))?.pipeline;
  if (pipeline === undefined || pipeline.trust.signatures === 'none') return undefined;
  const line = await tx.mainLines.get(project, mainRefOf(pipeline));
  if (line === undefined) return undefined;
  const now = world.clock.now();
  const registry = await tx.signers.stateFor(project, now);
  return { project, mode: pipeline.trust.signatures, pipeline, line, registry, policy: policyOf(world, pipeline), now };
}

/**
 * Judges again what may have another answer now: of one commit, or the newest of the project.
 * Answers whether something changed; environments have to look again then.
 */
export async function judgeAgain(
  world: World,
  tx: Transaction,
  about: { project: ProjectId; commit?: string },
): Promise<boolean> {
  const judging = await judgingOf(world, tx, about.project);
  if (judging === undefined) return false;
  const rows =
    about.commit === undefined
      ? await tx.judgements.newest(about.project, mostAtOnce)
      : await tx.judgements.ofCommit(about.project, about.commit);
  return judgeAll(world, tx, { judging, events: rows });
}

export async function wakeAll(tx: Transaction, project: ProjectId, at: Instant): Promise<void> {
  for (const { id, retired } of await tx.environments.ofProject(project))
    if (!retired) await tx.environments.setDue(id, at);
}

/** Commits of main before tags, each in the order given: a tag rests on the judgement of its commit. `inspectedWith`: which keys. */
export async function judgeAll(
  world: World,
  tx: Transaction,
  given: { judging: Judging; events: readonly (Inspected | StoredJudgement)[]; inspectedWith?: number },
): Promise<boolean> {
  const { inspectedWith = given.judging.registry.version } = given;
  let { line } = given.judging;
  let changed = false;
  const inOrder = [
    ...given.events.filter((event) => event.class === 'staging'),
    ...given.events.filter((event) => event.class === 'production'),
  ];
  for (const event of inOrder) {
    const judged = await judgeOne(world, tx, { judging: { ...given.judging, line }, event, inspectedWith });
    changed ||= judged.changed;
    line = judged.line;
  }
  if (line.verified !== given.judging.line.verified) await tx.mainLines.put(line);
  return changed;
}

async function judgeOne(
  world: World,
  tx: Transaction,
  { judging, event, inspectedWith }: { judging: Judging; event: Inspected | StoredJudgement; inspectedWith: number },
): Promise<{ changed: boolean; line: MainLine }> {
  const { project } = judging;
  const before = await tx.judgements.get(project, event.ref, event.object);
  const payload = event.payload;
  const replayOf = payload && (await tx.judgements.replayOf(project, payload, event.object));
  const onMain = before?.onMain ?? true;
  const judgement =
    event.class === 'staging'
      ? await judgeMain(tx, judging, { found: event.found, onMain, replayOf })
      : await judgeTag(tx, judging, { found: event.found, replayOf });
  const signature = signatureOf(event);
  const { accepted } = judgement;
  const registryVersion = 'registryVersion' in event ? event.registryVersion : inspectedWith;
  const stored = {
    ...(event.class === 'staging'
      ? { class: event.class, found: event.found }
      : { class: event.class, found: event.found }),
    id: before?.id ?? newId(world, 'jdg'),
    project,
    ref: event.ref,
    object: event.object,
    commit: event.commit,
    mode: judging.mode,
    accepted,
    basis: judgement.basis,
    checks: judgement.checks,
    // What a bad signature says of its key proves nothing.
    fingerprint: signature?.known === true && signature.value.good ? signature.value.fingerprint : undefined,
    payload,
    registryVersion,
    standing: isUnclear({ ...judgement, registryVersion }, judging.registry) ? '' : judging.registry.standing,
    policy: judging.policy,
    onMain,
    seenAt: before?.seenAt ?? judging.now,
    judgedAt: judging.now,
    acceptedAt: accepted ? (before?.acceptedAt ?? judging.now) : undefined,
  } satisfies StoredJudgement;
  await tx.judgements.put(stored);
  const changed = before === undefined || !saysTheSame(before, judgement);
  if (changed) await record(tx, judging, stored);
  if (stored.class === 'staging' && (before?.accepted ?? false) !== accepted)
    await tx.judgements.outdate(project, stored.object);
  return { changed, line: await advance(tx, judging, stored) };
}

/** Refused, and another look at the object may find out more: nobody could tell, or there are other keys by now. */
export function isUnclear(
  { accepted, checks, registryVersion }: Pick<StoredJudgement, 'accepted' | 'checks' | 'registryVersion'>,
  registry: RegistryState,
): boolean {
  const undetermined = checks.some(({ code, passed }) => code === 'UNDETERMINED' && !passed);
  return !accepted && (undetermined || registryVersion !== registry.version);
}

function saysTheSame(before: StoredJudgement, now: Judgement): boolean {
  return (
    before.accepted === now.accepted && before.basis === now.basis && refusals(before).join() === refusals(now).join()
  );
}

/** Verified main grows by what was accepted on top of it, and never shrinks: a key revoked later does not undo history. */
async function advance(tx: Transaction, { line, project, now }: Judging, judged: StoredJudgement): Promise<MainLine> {
  if (judged.class !== 'staging' || !judged.accepted) return line;
  const commit = judged.object;
  await tx.mainLines.addVerified({ project, commit, how: 'accepted', at: now });
  return judged.found.parents[0] === line.verified ? { ...line, verified: commit } : line;
}

async function record(tx: Transaction, judging: Judging, judged: StoredJudgement): Promise<void> {
  await tx.events.append({
    kind: judged.accepted ? 'trigger.accepted' : 'trigger.refused',
    actor: actors.source,
    at: judged.judgedAt,
    project: judged.project,
    data: {
      judgement: judged.id,
      class: judged.class,
      ref: judged.ref,
      object: judged.object,
      commit: judged.commit,
      mode: judged.mode,
      basis: judged.basis,
      codes: [...refusals(judged)],
      because: judged.checks.filter(({ passed }) => !passed).map(({ sentence }) => sentence),
      payload: judged.payload,
      fingerprint: judged.fingerprint,
      registryVersion: judging.registry.version,
      policy: judged.policy,
      seenAt: judged.seenAt,
    },
  });
}

/** What one commit of main is now. Writes nothing. */
export async function judgeMain(
  tx: Transaction,
  judging: Judging,
  event: { found: MainCommit; onMain: boolean; replayOf: string | undefined },
): Promise<Judgement> {
  const { project, line, pipeline, mode, now } = judging;
  const { found, onMain, replayOf } = event;
  const [parent] = found.parents;
  const isBaseline = found.commit === line.baseline.commit;
  // What a maintainer took as history continues itself, whatever main was before.
  const continued = isBaseline ? { ...found, fastForward: known(true) } : found;
  return judgeMainCommit(continued, {
    mode,
    mainRef: mainRefOf(pipeline),
    root: pipeline.trust.root ?? line.root,
    rewound: line.rewound,
    onMain,
    firstParentVerified: isBaseline || (parent !== undefined && (await tx.mainLines.isVerified(project, parent))),
    replayOf,
    signer: await signerOf(tx, judging, found.signature),
    acceptance: await acceptanceOf(tx, judging, found),
    now,
  });
}

/** What one tag is now. Writes nothing. */
export async function judgeTag(
  tx: Transaction,
  judging: Judging,
  event: { found: VersionTag; replayOf: string | undefined },
): Promise<Judgement> {
  const { project, line, pipeline, now } = judging;
  const { found, replayOf } = event;
  const { content } = found;
  const commit = content.is === 'annotated' ? content.commit : undefined;
  const ofCommit = commit === undefined ? [] : await tx.judgements.ofCommit(project, commit);
  const release = commit === undefined ? undefined : await releaseOf(tx, project, commit);
  return judgeVersionTag(found, {
    mainRef: mainRefOf(pipeline),
    rewound: line.rewound,
    objectsSeen: await tx.refs.objects(project, found.ref),
    released: await tx.judgements.releasedBefore(project, found.ref),
    replayOf,
    signer: content.is === 'annotated' ? await signerOf(tx, judging, content.signature) : undefined,
    commitAccepted: ofCommit.some((other) => other.class === 'staging' && other.accepted && other.onMain),
    staging: known(await stagingOf(tx, judging, release?.id)),
    project,
    artifact: release?.content.artifact,
    now,
  });
}

/** By its whole id: a beginning, a number or a name is no commit here. */
async function releaseOf(tx: Transaction, project: ProjectId, commit: string) {
  return (await tx.releases.find(project, commit)).find(({ content }) => content.commit === commit);
}

/** The latest verdicts in the environments that come before production: those of kind staging, else those it is `after`. */
export async function stagingOf(
  tx: Transaction,
  { project }: Pick<Judging, 'project'>,
  release: NonNullable<Awaited<ReturnType<typeof releaseOf>>>['id'] | undefined,
): Promise<StagingResult> {
  const environments = (await tx.environments.ofProject(project)).filter(({ retired }) => !retired);
  const staging = environments.filter(({ spec }) => spec.kind === 'staging');
  const before = new Set(
    environments.flatMap(({ spec }) => (spec.kind === 'production' ? spec.after.environments : [])),
  );
  const asked = staging.length > 0 ? staging : environments.filter(({ spec }) => before.has(spec.name));
  const passed: string[] = [];
  const missing: string[] = [];
  for (const { id, spec } of asked) {
    const verdict = release === undefined ? undefined : (await tx.verifications.find(id, release))?.verdict;
    (verdict === 'PASS' ? passed : missing).push(spec.name);
  }
  return { passed, missing };
}

async function signerOf(
  tx: Transaction,
  { project, now }: Judging,
  signature: Looked<SignatureAnswer>,
): Promise<SignerWithRoles | undefined> {
  if (!signature.known || signature.value.fingerprint === undefined) return undefined;
  const signer = await tx.signers.get(signature.value.fingerprint);
  if (signer === undefined) return undefined;
  const { owner } = signer;
  const rights = owner.by === 'person' ? await tx.grants.rightsOf(owner.person, now) : [];
  return { ...signer, roles: rolesOn(rights, project) };
}

/** One that counts, when there is one; else the newest, so that it can be said why it does not. */
async function acceptanceOf(
  tx: Transaction,
  { project, mode, now }: Judging,
  found: MainCommit,
): Promise<Acceptance | undefined> {
  if (mode !== 'hosted') return undefined;
  const acceptances: Acceptance[] = [];
  for (const { person, commit, tree, at } of await tx.acceptances.of(project, found.commit)) {
    const by = (await tx.people.get(person))?.handle ?? person;
    const roles = rolesOn(await tx.grants.rightsOf(person, now), project);
    acceptances.push({ commit, tree, by, byMaintainer: roles.includes('maintainer'), at });
  }
  return acceptances.find(({ byMaintainer, tree }) => byMaintainer && tree === found.tree) ?? acceptances[0];
}

function signatureOf(event: Inspected | StoredJudgement): Looked<SignatureAnswer> | undefined {
  if (event.class === 'staging') return event.found.signature;
  return event.found.content.is === 'annotated' ? event.found.content.signature : undefined;
}
