/**
 * How the instances of what serves have answered when they were asked, and which of them is to be started again. Nothing is kept
 * while all of them are well.
 */
import type { DeploymentId } from '../base/id.ts';
import { plus, type Duration, type Instant } from '../base/time.ts';
import type { HealthCheck, RestartAfter } from '../pipeline/pipeline.ts';

/** What came of asking one instance that is up. */
export interface Answer {
  readonly instance: number;
  /** `unwell`: it says so itself, so it may well serve somebody. `silent`: it gave no answer. */
  readonly is: 'well' | 'unwell' | 'silent';
  /** Why it is not well. */
  readonly because: string;
}

export interface Patient {
  readonly instance: number;
  readonly because: string;
  readonly since: Instant;
  /** In how many looks in a row it was not well. */
  readonly failures: number;
  /** In how many of the last ones it gave no answer at all. */
  readonly silences: number;
}

export interface Restart {
  readonly instance: number;
  readonly at: Instant;
  /** Nobody else answered then. */
  readonly outage: boolean;
}

export interface Ailing {
  /** What served when they were asked: another deployment begins anew. */
  readonly deployment: DeploymentId;
  readonly lookedAt: Instant;
  readonly patients: readonly Patient[];
  /** Those that are not forgotten yet, oldest first. */
  readonly restarts: readonly Restart[];
  /** What is being started again, until the look after it. */
  readonly renewing?: Ailment;
  /** People were told of something that no start mends, and not yet that it is over. */
  readonly told: boolean;
}

/** What is wrong with what serves, for people. */
export interface Ailment {
  readonly is: 'silent' | 'unwell';
  readonly because: string;
  readonly since: Instant;
  /** Something is being done about it now. */
  readonly renewing: boolean;
}

export interface Look {
  readonly deployment: DeploymentId;
  readonly at: Instant;
  readonly answers: readonly Answer[];
}

const usualRestartAfter = 3;

/** Releases do not write down what is usual. */
export function restartAfterOf(health: HealthCheck): RestartAfter {
  return (health.kind === 'http' ? health.restartAfter : undefined) ?? usualRestartAfter;
}

/** As long as a service that ends by itself is remembered for it, and as often as it may before it counts as crash-looping. */
const remembered = 600_000 as Duration;
const mostRestarts = 5;
/** After the first start; each further one that is remembered doubles it. */
const firstPause = 10_000;
const longestPause = 300_000;

/** What is known after another look; `undefined` when there is nothing to keep. The same object when nothing changed. */
export function afterLook(before: Ailing | undefined, { deployment, at, answers }: Look): Ailing | undefined {
  const known = before?.deployment === deployment ? before : undefined;
  // Nobody looked for so long: what was seen then says nothing about now.
  const seen = known !== undefined && plus(known.lookedAt, remembered) > at ? known.patients : [];
  const patients = answers.flatMap((answer) => {
    if (answer.is === 'well') return [];
    return [
      patientAfter(
        seen.find(({ instance }) => instance === answer.instance),
        answer,
        at,
      ),
    ];
  });
  const restarts = (known?.restarts ?? []).filter((restart) => plus(restart.at, remembered) > at);
  const told = known?.told === true;
  if (patients.length === 0 && restarts.length === 0 && !told) return undefined;
  const isQuiet = known?.patients.length === 0 && known.renewing === undefined && patients.length === 0;
  return isQuiet && restarts.length === known.restarts.length
    ? known
    : { deployment, lookedAt: at, patients, restarts, told };
}

function patientAfter(before: Patient | undefined, { instance, is, because }: Answer, at: Instant): Patient {
  return {
    instance,
    because,
    since: before?.since ?? at,
    failures: (before?.failures ?? 0) + 1,
    silences: is === 'silent' ? (before?.silences ?? 0) + 1 : 0,
  };
}

export interface Start {
  readonly do: 'restart';
  readonly instance: number;
  readonly because: string;
  /** It gives some answer, so what it has under way may end first. */
  readonly answers: boolean;
  /** No other instance answers. */
  readonly outage: boolean;
  /** The same, or worse, was done before in this incident: it was told then. */
  readonly again: boolean;
}

export type Course =
  | Start
  | { readonly do: 'nothing' }
  | { readonly do: 'tell'; readonly because: string; readonly again: boolean }
  | { readonly do: 'tell-well' };

/**
 * What follows from the last look. One instance at a time: one that gives no answer, and one that says that it is not well only while
 * another one is, since a check that is wrong everywhere must not take the service away from those whom it serves.
 */
export function courseOf(
  ailing: Ailing | undefined,
  { at, answers, restartAfter }: Pick<Look, 'at' | 'answers'> & { readonly restartAfter: RestartAfter },
): Course {
  if (ailing === undefined) return { do: 'nothing' };
  const sick = sickOf(ailing, restartAfter);
  const isOver = answers.length > 0 && answers.every(({ is }) => is === 'well');
  if (sick.length === 0) return ailing.told && isOver ? { do: 'tell-well' } : { do: 'nothing' };
  const others = (patient: Patient) => answers.filter(({ instance }) => instance !== patient.instance);
  const isHelped = (patient: Patient) =>
    restartAfter !== 'never' && (patient.silences >= restartAfter || others(patient).some(({ is }) => is === 'well'));
  const next = sick.filter(isHelped).find((patient) => nextRestart(ailing, patient) <= at);
  if (next !== undefined) {
    const outage = others(next).every(({ is }) => is === 'silent');
    return {
      do: 'restart',
      instance: next.instance,
      because: sentenceOf([next], answers.length),
      answers: next.silences === 0,
      outage,
      again: ailing.restarts.some((restart) => restart.outage || !outage),
    };
  }
  const left = sick.filter((patient) => !isHelped(patient));
  if (left.length === 0 || ailing.told) return { do: 'nothing' };
  const why =
    restartAfter === 'never'
      ? 'it is not started again, because its health check says restartAfter: never'
      : 'it is not started again, because it still answers and no other instance is well';
  return {
    do: 'tell',
    because: `${sentenceOf(left, answers.length)}; ${why}`,
    again: isKnown(ailing, ailing.deployment),
  };
}

/** The one that is unwell the longest comes first. */
function sickOf({ patients }: Ailing, restartAfter: RestartAfter): readonly Patient[] {
  const most = restartAfter === 'never' ? usualRestartAfter : restartAfter;
  return patients
    .filter(({ failures }) => failures >= most)
    .toSorted((left, right) => left.since - right.since || left.instance - right.instance);
}

function nextRestart({ restarts }: Ailing, { instance }: Patient): Instant {
  const own = restarts.filter((restart) => restart.instance === instance);
  const last = own.at(-1);
  if (last === undefined) return 0 as Instant;
  return plus(last.at, Math.min(longestPause, firstPause * 2 ** (own.length - 1)) as Duration);
}

/** As it is once people know, or know that it is over. */
export function afterTelling(ailing: Ailing, told: boolean): Ailing | undefined {
  const isKept = told || ailing.patients.length > 0 || ailing.restarts.length > 0;
  return isKept ? { ...ailing, told } : undefined;
}

/** As it is once an instance is being started again: what comes next is another process. */
export function afterRestart(ailing: Ailing, { instance, outage, because, answers }: Start, at: Instant): Ailing {
  const since = ailing.patients.find((patient) => patient.instance === instance)?.since ?? at;
  return {
    ...ailing,
    patients: ailing.patients.filter((patient) => patient.instance !== instance),
    restarts: [...ailing.restarts, { instance, at, outage }],
    renewing: { is: answers ? 'unwell' : 'silent', because, since, renewing: true },
  };
}

/** People were told before, in this incident, that a service is not there for anybody. */
export function isKnown(ailing: Ailing | undefined, deployment: DeploymentId): boolean {
  return ailing?.deployment === deployment && (ailing.told || ailing.restarts.some(({ outage }) => outage));
}

/** Which instances of a deployment had to be started again and again; `undefined` when none had. */
export function whyRestarting(ailing: Ailing | undefined, deployment: DeploymentId): string | undefined {
  const restarts = ailing?.deployment === deployment ? ailing.restarts : [];
  const said = [...new Set(restarts.map(({ instance }) => instance))].flatMap((instance) => {
    const count = restarts.filter((restart) => restart.instance === instance).length;
    return count < mostRestarts
      ? []
      : [`instance ${instance} was started again ${count} times within ten minutes because it was not well`];
  });
  return said.length === 0 ? undefined : said.join('; ');
}

/** `undefined` before it was seen as often as counts. */
export function ailmentOf(
  ailing: Ailing | undefined,
  how: { readonly deployment: DeploymentId; readonly restartAfter: RestartAfter; readonly instances: number },
): Ailment | undefined {
  if (ailing?.deployment !== how.deployment) return undefined;
  if (ailing.renewing !== undefined) return ailing.renewing;
  const sick = sickOf(ailing, how.restartAfter);
  const [first] = sick;
  if (first === undefined) return undefined;
  const is = sick.some(({ silences }) => silences > 0) ? 'silent' : 'unwell';
  return { is, because: sentenceOf(sick, how.instances), since: first.since, renewing: false };
}

function sentenceOf(patients: readonly Patient[], instances: number): string {
  return patients
    .map(({ instance, because, failures }) => {
      const which = instances === 1 ? '' : `instance ${instance}: `;
      return `${which}${because}, ${failures} times in a row`;
    })
    .join('; ');
}
