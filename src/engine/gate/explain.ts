/** Why can or can't this release enter that environment, and what would change if it did (R17, R21, R42). */
import { planHash } from '../../domain/promotion/plan.ts';
import type { Contribution, EnvironmentFacts, ReleaseFacts } from '../../domain/promotion/facts.ts';
import type { Answers } from '../../domain/gate/all.ts';
import { passableNow } from '../../domain/gate/break-glass.ts';
import type { Question } from '../../domain/gate/gate.ts';
import { factsOf } from '../../domain/promotion/facts.ts';
import { whyRefused } from '../../domain/promotion/trusted.ts';
import { shortRef } from '../../domain/trigger/main-commit.ts';
import { sightings } from '../../domain/trigger/sighting.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { RolloutRow } from '../../ports/rollouts.ts';
import type { Environment, Project, StoredRelease, Transaction } from '../../ports/store.ts';
import { approversOf } from './approvers.ts';
import { contributionBeforehand } from './contributors.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { beforeOf, planDocument } from './plan-document.ts';
import { viewAnswers, viewPromotion } from '../views/present.ts';
import { judge, planOf, questionOf } from './question.ts';
import type { ApproversView, PlanView, PromotionView, WhyView } from '../views/views.ts';
import { briefOf } from '../rollout/show-rollout.ts';
import type { World } from '../world.ts';

export interface Pair {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
}

interface Known {
  readonly project: Project;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly facts: EnvironmentFacts;
  readonly open: Promotion | undefined;
  /** How far it has taken over, when it does so in steps. */
  readonly rollout: RolloutRow | undefined;
  readonly answers: Answers;
}

/** `reader`: what asking for it would mean to him is told before he does. */
export function why(world: World, pair: Pair, reader: string): Promise<WhyView> {
  return look(world, pair, async (tx, known) => {
    const { facts, release, open, answers, environment } = known;
    const openRow = open === undefined ? undefined : await tx.promotions.get(open.id);
    const lastRow = await tx.promotions.lastOf(environment.id, release.id);
    const last = lastRow === undefined || lastRow.promotion.progress.state !== 'ended' ? null : viewPromotion(lastRow);
    const { standing, sentence } = stand(known, last);
    return {
      project: known.project.name,
      environment: environment.spec.name,
      release: { id: release.id, number: release.number, commit: release.content.commit, title: release.content.title },
      standing,
      sentence,
      answers: viewAnswers(answers),
      promotion: openRow === undefined ? null : { ...viewPromotion(openRow), answers: viewAnswers(answers) },
      last,
      approvers: await missingApprovers(world, tx, { known, reader }),
      passable: passableNow(questionAbout(world, known), answers.all),
      since: open?.requestedAt ?? null,
      lookAgainAt: answers.askAgainAt ?? environment.dueAt ?? null,
      at: facts.now,
    };
  });
}

async function missingApprovers(
  world: World,
  tx: Transaction,
  { known, reader }: { known: Known; reader: string },
): Promise<ApproversView | null> {
  const { answers, open, project } = known;
  if (!answers.all.some(({ gate, answer }) => gate === 'approval' && answer === 'waiting')) return null;
  const asksAnew = open === undefined || open.origin.by !== 'person';
  return approversOf(tx, project.id, { question: questionAbout(world, known), reader: { handle: reader, asksAnew } });
}

function questionAbout(world: World, { facts, release, open }: Known): Question {
  return questionOf(world, facts, open ?? { release: release.id, kind: 'promotion', origin: anybody });
}

export async function plan(world: World, pair: Pair, reader: string): Promise<PlanView> {
  const known = await look(world, pair, async (tx, loaded) => {
    const approvers = await missingApprovers(world, tx, { known: loaded, reader });
    return { ...loaded, approvers, before: await beforeOf(tx, loaded.environment) };
  });
  const { facts, release, before, environment, project } = known;
  const running = before.release;
  const repository = { key: project.id, url: project.sourceUrl };
  const commits =
    running === undefined || running.id === release.id
      ? []
      : await world.source.log(repository, { from: running.content.commit, to: release.content.commit, limit: 50 });
  const hash = planHash(planOf(facts, known.open ?? { release: release.id, kind: 'promotion' }), world.sha256);
  return {
    project: project.name,
    ...planDocument(environment, release, { before, planHash: hash }),
    commits: commits.map((commit) => ({ id: commit.id, subject: commit.subject, author: commit.author.name })),
    answers: viewAnswers(known.answers),
    approvers: known.approvers,
  };
}

/** Who wrote a release is recorded once somebody asks for it; whoever reads about it before is told all the same. */
async function look<T>(world: World, pair: Pair, view: (tx: Transaction, known: Known) => Promise<T>): Promise<T> {
  const first = await world.store.transaction(async (tx) => {
    const known = await load(world, tx, pair);
    return isUnwritten(known) ? { known } : { view: await view(tx, known) };
  });
  if ('view' in first) return first.view;
  const { project, release, facts } = first.known;
  const span = { project: project.id, from: facts.running?.commit, to: release.content.commit };
  const contribution = await contributionBeforehand(world, span);
  return world.store.transaction(async (tx) => view(tx, await load(world, tx, { ...pair, contribution })));
}

function isUnwritten({ facts, release, open }: Known): boolean {
  const { contribution } = factsOf(facts, release.id);
  return open === undefined && !contribution.known && contribution.waitsFor === 'lookup';
}

async function load(
  world: World,
  tx: Transaction,
  { contribution, ...pair }: Pair & { readonly contribution?: Contribution | undefined },
): Promise<Known> {
  const project = await findProject(tx, pair.project);
  const environment = await findEnvironment(tx, project.id, pair.environment);
  const release = await findRelease(tx, project.id, pair.release);
  const loaded = await tx.environments.facts(environment.id, { now: world.clock.now(), alsoRelease: release.id });
  const releases = loaded.releases.map((one) =>
    one.id === release.id && !one.contribution.known && contribution !== undefined ? { ...one, contribution } : one,
  );
  const facts = { ...loaded, releases, lease: environment.lease };
  const open = facts.open.find((promotion) => promotion.release === release.id);
  return {
    project,
    environment,
    release,
    facts,
    open,
    rollout: open && (await tx.rollouts.get(open.id)),
    answers: open === undefined ? hypothetical(world, facts, release) : judge(world, facts, open),
  };
}

/** What the gates would say if a person asked for it now. */
const anybody = { by: 'person', actor: 'whoever asks' } as const;

function hypothetical(world: World, facts: EnvironmentFacts, release: StoredRelease): Answers {
  return judge(world, facts, { release: release.id, kind: 'promotion', origin: anybody });
}

function stand(
  { facts, release, open, rollout, answers, environment }: Known,
  last: PromotionView | null,
): Pick<WhyView, 'standing' | 'sentence'> {
  const what = `release #${release.number}`;
  const { name } = environment.spec;
  if (open?.progress.state === 'running')
    return { standing: 'deploying', sentence: `${what} is being deployed to ${name}: ${doing(open, rollout)}` };
  if (open !== undefined)
    return {
      standing: 'waiting',
      sentence: `${what} waits for ${name}: ${blockers(answers) || 'every gate is open, it is about to start'}`,
    };
  if (facts.running?.release === release.id) return { standing: 'running', sentence: `${what} runs in ${name}` };
  if (answers.summary === 'closed')
    return { standing: 'closed', sentence: `${what} may not enter ${name}: ${blockers(answers)}` };
  if (last?.outcome === 'rolled-back') {
    return {
      standing: 'not-requested',
      sentence: `${what} was rolled back in ${name}. Automation does not try it again; liftlock promote ${release.number} ${name} does`,
    };
  }
  if (last !== null && last.outcome !== 'superseded') {
    return {
      standing: 'not-requested',
      sentence: `${what} was last tried in ${name} and ${last.outcome}: ${last.reason ?? 'no reason recorded'}. Automation does not try it again; liftlock promote ${release.number} ${name} does`,
    };
  }
  const trigger = untriggered(facts, factsOf(facts, release.id));
  if (answers.summary === 'waiting')
    return {
      standing: 'waiting',
      sentence: `${what} cannot enter ${name} yet: ${blockers(answers)}; and nothing has asked for it: ${trigger}`,
    };
  return { standing: 'ready', sentence: `${what} may enter ${name}, but nothing has asked for it: ${trigger}` };
}

function blockers(answers: Answers): string {
  return answers.all
    .filter(({ answer }) => answer !== 'open')
    .map(({ because }) => because)
    .join('; ');
}

/** Why automation did not: its triggers, and what they would need. */
function untriggered(facts: EnvironmentFacts, release: ReleaseFacts): string {
  if (facts.hold !== undefined)
    return `automation is on hold by ${facts.hold.by}: ${facts.hold.reason}; liftlock release-hold ${facts.spec.name} lets it go on`;
  if (facts.spec.queue === 'manual') return 'its queue is manual';
  if (facts.running !== undefined && facts.running.number > release.number)
    return `the newer release #${facts.running.number} runs there`;
  const wanted = facts.spec.triggers.map((trigger) => {
    switch (trigger.on) {
      case 'commit':
        return `a commit on ${trigger.branches.join(' or ')}`;
      case 'main':
        return 'a commit on main';
      case 'tag':
        return `a tag ${trigger.pattern}`;
      case 'success':
        return `success in ${facts.spec.after.environments.join(' and ')}`;
      case 'schedule':
        return `its schedule (${trigger.schedule.at} ${trigger.schedule.zone})`;
      case 'manual':
        return 'a person';
    }
  });
  return [`it is started by ${wanted.join(', or ')}`, ...refusedEvents(facts, release)].join('; ');
}

/** Events that were seen and start nothing, in the words in which they were judged. */
function refusedEvents({ spec, mainBranch }: EnvironmentFacts, { judged, commit }: ReleaseFacts): readonly string[] {
  return judged
    .filter(
      ({ ref, accepted }) =>
        !accepted && sightings(spec, mainBranch, { ref, commit }).some(({ trigger }) => trigger !== 'commit'),
    )
    .map((one) => `${shortRef(one.ref)} was seen and starts nothing: ${whyRefused(one)}`);
}

/** The phase; in the switch, how far it has come and what it waits for (R42). */
function doing({ progress, stop }: Promotion, row: RolloutRow | undefined): string {
  if (progress.state !== 'running') return progress.state;
  if (row === undefined || progress.phase !== 'switching' || stop !== undefined) return progress.phase;
  const { percent, step, of, what, because, waiting } = briefOf(row);
  const told = because ?? waiting?.because ?? what;
  return `${percent} % of the requests, step ${step} of ${of}${told === null ? '' : `: ${told}`}${waiting?.for === 'person' ? '; a person has to go on with it (liftlock rollout resume)' : ''}`;
}
