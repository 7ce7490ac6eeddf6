/**
 * What a trigger asks of an event, condition by condition. A judgement is the list of its checks in the order asked;
 * it is accepted when every one of them passed. What could not be found out has not passed.
 */
import type { SignatureRefusal } from './signature.ts';
import type { ObjectRefusal } from './signed-object.ts';

/** What an event may start. Each class asks more than the one before it. */
export const triggerClasses = ['development', 'staging', 'production'] as const;
export type TriggerClass = (typeof triggerClasses)[number];

/** Conditions that are judged here, each under the name of its refusal. Stable: API, command line and event log use these words. */
export const conditionCodes = [
  // What could not be found out: an exception, a timeout, an answer nobody knows.
  'UNDETERMINED',
  'NOT_A_DEV_BRANCH',
  'NOT_MAIN',
  'NOT_ON_MAIN',
  'MAIN_REWOUND',
  'NOT_FAST_FORWARD',
  'WRONG_ROOT',
  'FIRST_PARENT_UNVERIFIED',
  'SEEN_ON_OTHER_REF',
  'TREE_NOT_THE_REVIEWED_MERGE',
  'REPLAYED',
  'UNSIGNED',
  'SIGNER_UNKNOWN',
  'SIGNER_REVOKED',
  'SIGNER_EXPIRED',
  'SIGNER_DISABLED',
  'PLATFORM_SIGNATURE',
  'SIGNER_NOT_MAINTAINER',
  'SIGNER_NOT_RELEASE_MANAGER',
  'NOT_ACCEPTED',
  'TAG_NAME_NOT_A_VERSION',
  'TAG_LIGHTWEIGHT',
  'TAG_NAME_MISMATCH',
  'TAG_NOT_A_COMMIT',
  'TAG_MOVED',
  'VERSION_NOT_NEWER',
  'COMMIT_UNVERIFIED',
  'NOT_PASSED_STAGING',
  'PROJECT_MISMATCH',
  'ARTIFACT_MISMATCH',
  // Never refuses: says that the pipeline asks for no signatures.
  'SIGNATURES_NOT_ASKED',
] as const;

/** Beside them, what makes an object or its signature unusable. `SIGNATURE_MISSING` is told as `UNSIGNED`, a tag of something else as `TAG_NOT_A_COMMIT`. */
export type CheckCode =
  | (typeof conditionCodes)[number]
  | Exclude<SignatureRefusal, 'SIGNATURE_MISSING'>
  | Exclude<ObjectRefusal, 'TAG_TARGET_NOT_COMMIT'>;

export interface Check {
  readonly code: CheckCode;
  readonly passed: boolean;
  /** What was found, with names. */
  readonly sentence: string;
  /** What would make it pass; absent when it did. */
  readonly hint: string | undefined;
}

/**
 * What an accepted event rests on. The words are never exchanged for each other: a platform's signature says that the
 * platform made the object, and nothing about a person.
 */
export type Basis =
  | 'branch'
  | 'maintainer-signature'
  | 'hosted-acceptance'
  | 'release-manager-signature'
  | 'none-asked';

export interface Judgement {
  readonly class: TriggerClass;
  readonly accepted: boolean;
  readonly checks: readonly Check[];
  /** Absent when it is refused. */
  readonly basis: Basis | undefined;
}

/** Something that was looked up; looking may fail, and then nothing rests on it. */
export type Looked<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly because: string };

export function known<T>(value: T): Looked<T> {
  return { known: true, value };
}

export function unknown(because: string): Looked<never> {
  return { known: false, because };
}

export function passed(code: CheckCode, sentence: string): Check {
  return { code, passed: true, sentence, hint: undefined };
}

export function failed(code: CheckCode, sentence: string, hint: string): Check {
  return { code, passed: false, sentence, hint };
}

export function undetermined(what: string, because: string): Check {
  return failed('UNDETERMINED', `${what} could not be found out: ${because}`, 'Liftlock looks again at the next event');
}

/** The check of something that was looked up, which fails when the looking did. */
export function checkOf<T>(looked: Looked<T>, what: string, judge: (value: T) => Check): Check {
  return looked.known ? judge(looked.value) : undetermined(what, looked.because);
}

/** Accepted only when there are checks and all of them passed (R2). */
export function judgementOf(of: TriggerClass, checks: readonly Check[], basis: Basis): Judgement {
  const accepted = checks.length > 0 && checks.every((check) => check.passed);
  return { class: of, accepted, checks, basis: accepted ? basis : undefined };
}

/** The codes of what did not pass, in the order asked. */
export function refusals({ checks }: Pick<Judgement, 'checks'>): readonly CheckCode[] {
  return checks.flatMap((check) => (check.passed ? [] : [check.code]));
}

/** `UNSIGNED: commit 4f2a… carries no signature; …`, for sentences about a refusal. */
export function refusalSentence({ checks }: Pick<Judgement, 'checks'>): string {
  return checks.flatMap((check) => (check.passed ? [] : [`${check.code}: ${check.sentence}`])).join('; ');
}
