/** Which events of the log are worth telling, and how urgently. */
import type { Json } from '../base/digest.ts';
import type { Instant } from '../base/time.ts';
import type { EnvironmentKind } from '../pipeline/environment.ts';
import type { Severity } from './severity.ts';

/** What is known of an event that may be told. */
export interface Told {
  readonly kind: string;
  readonly data: { readonly [key: string]: Json | undefined };
  readonly at: Instant;
  /** Of the environment it is about. */
  readonly environmentKind: EnvironmentKind | undefined;
  /** Whether the promotion it is about had begun to deploy. */
  readonly ran: boolean;
}

export interface Notice {
  readonly severity: Severity;
  /** What happened, to be read behind the names of project and environment. */
  readonly summary: string;
  /** It waits for people: those who could decide are told by name. */
  readonly asks: boolean;
  /** It may happen again and again for one and the same reason; see `repetition.ts`. */
  readonly repeats: boolean;
  /** A service is in trouble: if it calls people, then once for all that is found of it in a while. */
  readonly trouble: boolean;
}

/** Nothing for everything that only moves the way it should. */
export function noticeOf(told: Told): Notice | undefined {
  const made = makers[told.kind]?.(told);
  return made === undefined ? undefined : { asks: false, repeats: false, trouble: false, ...made };
}

/** Exactly the kinds of which there may be a notice. */
export function toldKinds(): readonly string[] {
  return Object.keys(makers);
}

type Made = Pick<Notice, 'severity' | 'summary'> & Partial<Notice>;

/** Where users are. */
function isServing({ environmentKind }: Told): boolean {
  return environmentKind === 'production' || environmentKind === 'disaster-recovery';
}

function isEarly({ environmentKind }: Told): boolean {
  return environmentKind === 'development' || environmentKind === 'testing' || environmentKind === 'ci';
}

const pageWhereUsersAre = (told: Told): Severity => (isServing(told) ? 'page' : isEarly(told) ? 'info' : 'warning');

const makers: Readonly<Record<string, (told: Told) => Made | undefined>> = {
  'promotion.ended': ended,
  'promotion.requested': (told) =>
    told.data['rollback'] === true || typeof told.data['rollbackOf'] === 'string'
      ? { severity: pageWhereUsersAre(told), summary: 'is being rolled back' }
      : undefined,
  'promotion.rolled-back': () => info('the release before is back'),
  'promotion.approval-asked': (told) => ({
    severity: isServing(told) ? 'warning' : 'info',
    summary: 'a release waits for approval',
    asks: true,
  }),
  'promotion.rejected': () => warning('a release was rejected'),
  'environment.paged': () => page('automation has stopped and a person must look'),
  'environment.down': oncePerIncident(trouble('what should serve does not, and is started again')),
  'environment.still-down': oncePerIncident(trouble('what should run could not be started again')),
  'environment.healed': oncePerIncident(() => ({ ...info('what should serve does so again'), repeats: true })),
  'environment.degraded': oncePerIncident(() => ({
    ...warning('instances were lost or do not answer, and are started again'),
    repeats: true,
  })),
  'environment.still-degraded': oncePerIncident(() => ({
    ...warning('instances could not be started again'),
    repeats: true,
  })),
  'environment.unwell': trouble('a service runs and is not well, and no start mends that'),
  'environment.well': () => ({ ...info('a service is well again'), repeats: true }),
  'environment.crash-looping': trouble('a service dies again and again'),
  'environment.mended': oncePerIncident(() => ({ ...info('all instances run again'), repeats: true })),
  'environment.held': () => info('automation is on hold'),
  'environment.hold-released': () => info('automation goes on'),
  'rollout.paused': (told) => ({
    severity: isServing(told) ? 'warning' : 'info',
    summary:
      told.data['cause'] === 'few-requests'
        ? 'the rollout has paused until there are requests to judge it by'
        : 'the rollout has paused and waits for a person',
  }),
  'rollout.returned': (told) => ({
    severity: pageWhereUsersAre(told),
    summary: 'traffic went back to the release before',
  }),
  'build.failed': () => warning('a build failed'),
  'build.errored': () => warning('a build could not be carried out'),
  'pipeline.proposed': () => ({ ...warning('a weaker pipeline waits for a second person'), asks: true }),
  'break-glass.requested': () => ({ ...warning('a way around gates was asked for'), asks: true }),
  'break-glass.used': () => page('gates were passed by in an emergency'),
  'follow-up.opened': () => warning('an emergency is to be looked back at'),
  'release.vetoed': () => warning('a release was marked as bad'),
  'freeze.set': ({ data: { from }, at }) =>
    info(typeof from === 'number' && from > at ? 'promotions will be frozen' : 'promotions are frozen'),
  'freeze.lifted': () => info('a freeze was lifted'),
  'source.unreachable': () => ({ ...warning('the repository cannot be reached'), repeats: true }),
  'source.main-rewound': () => warning('main was rewound, and staging and production wait for a maintainer'),
  'gate.unanswered': () => ({ ...warning('a question of a gate was not answered'), repeats: true }),
  'audit.inconsistent': () => ({ ...page('the audit log was changed behind our back'), repeats: true }),
  'notification.dead': () => page('a notification could not be delivered'),
  'channel.disabled': () => warning('a channel takes no notifications any more'),
  'channel.tested': () => info('a test of this channel'),
};

/** Where users are it calls people, unless they were called in the same incident before. */
function trouble(summary: string): (told: Told) => Made {
  return (told) => ({
    severity: isServing(told) && told.data['again'] !== true ? 'page' : 'warning',
    summary,
    repeats: true,
    trouble: true,
  });
}

/** What hangs again soon after it was started again is told by the first event; the history has all of them. */
function oncePerIncident(make: (told: Told) => Made): (told: Told) => Made | undefined {
  return (told) => (told.data['again'] === true ? undefined : make(told));
}

function ended(told: Told): Made | undefined {
  switch (told.data['outcome']) {
    case 'succeeded':
      return info('deployed and done');
    case 'failed':
      return { severity: pageWhereUsersAre(told), summary: 'a deployment failed' };
    case 'errored':
      return { severity: pageWhereUsersAre(told), summary: 'a deployment ended without anybody knowing how' };
    case 'inconclusive':
      return { severity: pageWhereUsersAre(told), summary: 'a deployment could not be verified' };
    // A person who withdraws what only waited has moved nothing.
    case 'aborted':
      return told.ran
        ? { severity: pageWhereUsersAre(told), summary: 'a deployment was aborted' }
        : info('a promotion was withdrawn');
    case 'refused':
      return { severity: isEarly(told) ? 'info' : 'warning', summary: 'a gate closed for a release' };
    default:
      return undefined;
  }
}

function info(summary: string): Made {
  return { severity: 'info', summary };
}

function warning(summary: string): Made {
  return { severity: 'warning', summary };
}

function page(summary: string): Made {
  return { severity: 'page', summary };
}
