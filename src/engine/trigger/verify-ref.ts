/** What a branch, a tag or a commit would start, and what it would not: every check of every class, in the words of the engine. */
import { Failure } from '../../domain/base/failure.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import {
  failed,
  judgementOf,
  known,
  passed,
  type Check,
  type Judgement,
  type TriggerClass,
} from '../../domain/trigger/check.ts';
import { judgeBranch } from '../../domain/trigger/development.ts';
import { short, shortRef } from '../../domain/trigger/main-commit.ts';
import { sightings } from '../../domain/trigger/sighting.ts';
import type { RepositoryRef } from '../../ports/source.ts';
import type { Project, Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import { attempt, inspectCommits, inspectTags, type Inspected } from './inspect.ts';
import { judgeMain, judgeTag, judgingOf, mainRefOf, type Judging } from './judge-events.ts';
import { elsewhere } from './scrutiny.ts';
import type { World } from '../world.ts';

export interface VerifyView {
  readonly project: string;
  readonly ref: string;
  readonly commit: string;
  /** The tag object, for an annotated tag. */
  readonly tagObject: string | null;
  readonly signatures: Pipeline['trust']['signatures'];
  readonly classes: readonly ClassView[];
}

export interface ClassView {
  readonly class: TriggerClass;
  readonly accepted: boolean;
  readonly basis: string | null;
  readonly sentence: string;
  /** Environments that such an event would promote to. */
  readonly environments: readonly string[];
  readonly checks: readonly (Omit<Check, 'hint'> & { readonly hint: string | null })[];
}

interface Subject {
  readonly ref: string;
  readonly commit: string;
  readonly tagObject: string | undefined;
  /** A branch by its name: it is judged as what it is, wherever its commit lies as well. */
  readonly isBranch: boolean;
}

interface Known {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly subject: Subject;
  readonly judging: Judging | undefined;
  readonly signers: Awaited<ReturnType<Transaction['signers']['list']>>;
}

export async function verifyRef(
  world: World,
  asked: { project: string | undefined; ref: string },
): Promise<VerifyView> {
  const seen = await world.store.transaction(async (tx): Promise<Known> => {
    const project = await findProject(tx, asked.project);
    const pipeline = (await tx.pipelines.current(project.id))?.pipeline;
    if (pipeline === undefined) throw new Failure('pipeline/missing', `${project.name} has no pipeline yet`);
    const subject = await findRef(tx, { project, pipeline, text: asked.ref });
    const judging = await judgingOf(world, tx, project.id);
    return { project, pipeline, subject, judging, signers: await tx.signers.list() };
  });
  const { pipeline, subject, project } = seen;
  const judgements = [
    judgeBranch({ ref: subject.ref, branches: branchesOf(pipeline) }),
    await judgeStaging(world, seen),
    await judgeProduction(world, seen),
  ];
  return {
    project: project.name,
    ref: subject.ref,
    commit: subject.commit,
    tagObject: subject.tagObject ?? null,
    signatures: pipeline.trust.signatures,
    classes: judgements.map((judgement) => toView(judgement, seen)),
  };
}

function branchesOf({ environments }: Pipeline): readonly string[] {
  return environments.flatMap(({ triggers }) =>
    triggers.flatMap((trigger) => (trigger.on === 'commit' ? trigger.branches : [])),
  );
}

/** A ref by its full or short name, as we last saw it; else a commit that we saw, by its id or the beginning of it. */
async function findRef(
  tx: Transaction,
  { project, pipeline, text }: { project: Project; pipeline: Pipeline; text: string },
): Promise<Subject> {
  const tips = await tx.refs.tips(project.id);
  for (const ref of [text, `refs/tags/${text}`, `refs/heads/${text}`]) {
    const tip = tips.get(ref);
    if (tip === undefined) continue;
    const tagObject = tip.object === tip.commit ? undefined : tip.object;
    return { ref, commit: tip.commit, tagObject, isBranch: ref.startsWith('refs/heads/') };
  }
  const commits = /^[0-9a-f]{4,64}$/.test(text) ? await commitsSeen(tx, project, text) : [];
  const [only, other] = commits;
  if (other !== undefined)
    throw new Failure('ref/unknown', `${text} begins several commits`, { hint: 'write more of it' });
  if (only !== undefined)
    return { ref: refOf(tips, only) ?? mainRefOf(pipeline), commit: only, tagObject: undefined, isBranch: false };
  const names = [...tips.keys()].map(shortRef).slice(0, 12).join(', ');
  throw new Failure('ref/unknown', `there is no branch, tag or commit ${text}`, {
    hint: `${names === '' ? '' : `there are ${names}; `}is it new? liftlock notify makes Liftlock look at the repository now`,
  });
}

/** Two at most: more than one is too many. */
async function commitsSeen(tx: Transaction, project: Project, text: string): Promise<readonly string[]> {
  const judged = await tx.judgements.commitsBeginning(project.id, text);
  const built = await tx.builds.commitsBeginning(project.id, text);
  const tips = [...(await tx.refs.tips(project.id)).values()].map(({ commit }) => commit);
  const all = new Set([...tips.filter((commit) => commit.startsWith(text)), ...judged, ...built]);
  return [...all].slice(0, 2);
}

function refOf(tips: ReadonlyMap<string, { commit: string }>, commit: string): string | undefined {
  return [...tips].find(([ref, tip]) => tip.commit === commit && ref.startsWith('refs/heads/'))?.[0];
}

async function judgeStaging(world: World, seen: Known): Promise<Judgement> {
  const { judging, pipeline, subject } = seen;
  if (pipeline.trust.signatures === 'none') return notAsked('staging', subject, mainRefOf(pipeline));
  if (judging === undefined) return notLookedAt('staging');
  const { inspected, onMain } = await inspectAsMain(world, seen, judging);
  return world.store.transaction(async (tx) => {
    const { found, payload, object } = inspected;
    const replayOf = payload && (await tx.judgements.replayOf(judging.project, payload, object));
    return judgeMain(tx, judging, { found, onMain, replayOf });
  });
}

async function inspectAsMain(
  world: World,
  { project, subject, signers, pipeline }: Known,
  judging: Judging,
): Promise<{ inspected: Inspected & { class: 'staging' }; onMain: boolean }> {
  const repository: RepositoryRef = { key: project.id, url: project.sourceUrl };
  const mainRef = mainRefOf(pipeline);
  const { line } = judging;
  const { commit } = subject;
  const { stored, main, seen } = await world.store.transaction(async (tx) => ({
    stored: (await tx.judgements.ofCommit(project.id, commit)).find((row) => row.class === 'staging'),
    main: (await tx.refs.tips(project.id)).get(mainRef)?.commit,
    seen: (await tx.firstSeen.of(project.id, [commit])).get(commit),
  }));
  const within = (ancestor: string, descendant: string) =>
    attempt(() => world.source.isAncestor(repository, ancestor, descendant));
  const isOnMain = main === undefined ? known(false) : await within(commit, main);
  const onMain = stored?.onMain ?? (isOnMain.known && isOnMain.value);
  const atFirst = await within(commit, line.baseline.commit);
  const there = atFirst.known && atFirst.value;
  // What was judged before keeps what was found then: verified main may have moved past it.
  const forward =
    stored?.class === 'staging' && stored.accepted ? stored.found.fastForward : await within(line.verified, commit);
  const [inspected] = await inspectCommits(
    world,
    { repository, keys: signers, at: world.clock.now() },
    {
      commits: [commit],
      line: {
        ref: onMain && !subject.isBranch ? mainRef : subject.ref,
        fastForward: forward,
        firstSeen: async () => known(seen ?? { ref: there ? mainRef : elsewhere, at: undefined }),
      },
    },
  );
  return { inspected: inspected as Inspected & { class: 'staging' }, onMain };
}

async function judgeProduction(
  world: World,
  { judging, pipeline, subject, project, signers }: Known,
): Promise<Judgement> {
  if (!subject.ref.startsWith('refs/tags/')) {
    const check = failed(
      'TAG_NAME_NOT_A_VERSION',
      `${shortRef(subject.ref)} is no tag`,
      'liftlock release sign makes one',
    );
    return judgementOf('production', [check], 'release-manager-signature');
  }
  if (pipeline.trust.signatures === 'none') return notAsked('production', subject, subject.ref);
  if (judging === undefined) return notLookedAt('production');
  const repository = { key: project.id, url: project.sourceUrl };
  const { ref, commit, tagObject } = subject;
  const tip = { ref, commit, ...(tagObject === undefined ? {} : { tagObject }) };
  const [inspected] = await inspectTags(world, { repository, keys: signers, at: world.clock.now() }, [tip]);
  const one = inspected as Inspected & { class: 'production' };
  return world.store.transaction(async (tx) => {
    const replayOf = one.payload && (await tx.judgements.replayOf(project.id, one.payload, one.object));
    return judgeTag(tx, judging, { found: one.found, replayOf });
  });
}

function notAsked(of: TriggerClass, { ref }: Subject, wanted: string): Judgement {
  const off = passed('SIGNATURES_NOT_ASKED', 'the pipeline asks for no signatures (trust.signatures: none)');
  const where =
    ref === wanted
      ? passed('NOT_MAIN', `${shortRef(ref)} is what starts it`)
      : failed('NOT_MAIN', `${ref} is not ${wanted}`, 'merge it to main');
  return judgementOf(of, [off, where], 'none-asked');
}

function notLookedAt(of: TriggerClass): Judgement {
  const check = failed('UNDETERMINED', 'the repository was not looked at yet under these rules', 'liftlock notify');
  return judgementOf(of, [check], 'maintainer-signature');
}

const triggerOf = { development: 'commit', staging: 'main', production: 'tag' } as const;

function toView(judgement: Judgement, { pipeline, subject }: Known): ClassView {
  const environments = pipeline.environments.filter((spec) =>
    sightings(spec, pipeline.mainBranch, subject).some(({ trigger }) => trigger === triggerOf[judgement.class]),
  );
  const names = environments.map(({ name }) => name);
  return {
    class: judgement.class,
    accepted: judgement.accepted,
    basis: judgement.basis ?? null,
    sentence: sentenceOf(judgement, { subject, names }),
    environments: names,
    checks: judgement.checks.map((check) => ({ ...check, hint: check.hint ?? null })),
  };
}

function sentenceOf(
  { class: of, accepted, checks }: Judgement,
  { subject, names }: { subject: Subject; names: readonly string[] },
): string {
  const what = `${shortRef(subject.ref)} at ${short(subject.commit)}`;
  if (!accepted) {
    const codes = checks.flatMap(({ code, passed: ok }) => (ok ? [] : [code]));
    return `${what} is no ${of} trigger: ${codes.join(', ')}`;
  }
  return names.length === 0
    ? `${what} is a ${of} trigger, and no environment waits for it`
    : `${what} is a ${of} trigger: ${names.join(', ')}`;
}
