/** Rows and facts as views. */
import { peopleGates, type Answers } from '../../domain/gate/all.ts';
import type { NamedAnswer } from '../../domain/gate/gate.ts';
import type { Origin } from '../../domain/promotion/promotion.ts';
import type { Build, PromotionRow, StoredRelease } from '../../ports/records.ts';
import type { AnswerView, BuildView, PromotionView, ReleaseView, TitledRelease } from './views.ts';

export function titled({ id, number, content }: StoredRelease): TitledRelease {
  return { id, number, title: content.title };
}

export function viewRelease(release: StoredRelease): ReleaseView {
  return {
    id: release.id,
    number: release.number,
    commit: release.content.commit,
    title: release.content.title,
    author: release.content.author,
    refs: release.refs,
    artifact: release.content.artifact,
    artifactBytes: release.artifactBytes,
    createdAt: release.createdAt,
  };
}

export function viewBuild(build: Build): BuildView {
  return {
    id: build.id,
    number: build.number,
    commit: build.commit,
    title: build.title,
    author: build.author,
    state: build.state,
    reason: build.reason ?? null,
    release: build.release ?? null,
    createdAt: build.createdAt,
    startedAt: build.startedAt ?? null,
    endedAt: build.endedAt ?? null,
  };
}

export function viewPromotion(row: PromotionRow): PromotionView {
  const { promotion, releaseNumber, environmentName } = row;
  const { progress } = promotion;
  return {
    id: promotion.id,
    environment: environmentName,
    release: { id: promotion.release, number: releaseNumber },
    kind: promotion.kind,
    origin: viewOrigin(promotion.origin),
    state: progress.state,
    phase: progress.state === 'running' ? progress.phase : null,
    outcome: progress.state === 'ended' ? progress.outcome : null,
    reason: promotion.reason ?? null,
    stopping: promotion.stop !== undefined && progress.state === 'running',
    supersededBy: promotion.supersededBy ?? null,
    rolledBackBy: promotion.rolledBackBy ?? null,
    requestedAt: promotion.requestedAt,
    startedAt: progress.state === 'waiting' ? null : (progress.startedAt ?? null),
    endedAt: progress.state === 'ended' ? progress.endedAt : null,
    answers: viewAnswers(row.answers),
  };
}

export function viewAnswers(answers: Answers | undefined): readonly AnswerView[] {
  return (answers?.all ?? []).map((answer) => viewAnswer(answer, answers!));
}

/** R18: while something else blocks, a gate for people says that they have not been asked. */
function viewAnswer(answer: NamedAnswer, answers: Answers): AnswerView {
  const notYetAsked = peopleGates.has(answer.gate) && asksPerson(answer) && !answers.peopleAreAsked;
  return {
    gate: answer.gate,
    answer: answer.answer,
    because: notYetAsked ? `${answer.because}; nobody is asked before the other gates are open` : answer.because,
    unblock: answer.answer === 'open' ? null : answer.unblock,
    waitsFor: answer.answer === 'waiting' ? answer.waitsFor : null,
    askAgainAt: answer.answer === 'waiting' ? (answer.askAgainAt ?? null) : null,
  };
}

function asksPerson(answer: NamedAnswer): boolean {
  return answer.answer === 'waiting' && answer.waitsFor === 'person';
}

function viewOrigin(origin: Origin): PromotionView['origin'] {
  switch (origin.by) {
    case 'trigger':
      return { by: 'trigger', detail: origin.trigger === 'tag' ? `tag ${origin.key.split(':')[1]}` : origin.trigger };
    case 'person':
      return { by: 'person', detail: origin.actor };
    case 'engine':
      return { by: 'engine', detail: `automatic rollback of ${origin.cause}` };
  }
}
