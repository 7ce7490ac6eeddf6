/** By whom the requests of an environment are led to its releases, and what each of them can. */
import type { AnalysisSpec, RolloutSpec } from './rollout-spec.ts';

export const trafficKinds = ['edge', 'haproxy', 'caddy', 'nginx'] as const;
export type TrafficKind = (typeof trafficKinds)[number];

/** Part of Liftlock, so that there is nothing to install. */
export const usualTraffic: TrafficKind = 'edge';

export interface TrafficAbilities {
  /** Counts requests, failures and client errors of each side. */
  readonly counts: boolean;
  /** Tells a failure without any answer from an answer of 5xx. */
  readonly unanswered: boolean;
  /** Tells, and takes for a failure, an answer that ends half-way. */
  readonly brokenOff: boolean;
  /** Tells how long answers took, as a histogram of each side. */
  readonly latency: boolean;
  /** Counts requests apart by what they ask for. */
  readonly classes: boolean;
  /** Leads a group of users by a header or a cookie. */
  readonly groups: boolean;
  /** Keeps a user on his side who is named by a header. */
  readonly stickyHeader: boolean;
  /** Keeps a user on his side by a cookie that it sets and that nobody can forge. */
  readonly stickyCookie: boolean;
  /** Sends copies of safe requests to a release. */
  readonly shadow: boolean;
  /** Lets requests wait while a service is replaced. */
  readonly hold: boolean;
  /** Divides any hundred requests by whole percents without being one off; otherwise shares are right in the long run. */
  readonly exact: boolean;
  /** Counts upgraded connections apart from requests, and tells WebSockets to come back when their time is over. */
  readonly tunnels: boolean;
  /** Fails no request when sides of one instance come and go, not even on a connection that a client kept. */
  readonly seamless: boolean;
  /** Keeps to itself what the header `Connection` names (RFC 9110, 7.6.1). */
  readonly connectionOptions: boolean;
  /** Hands an answer on that begins before its request has ended, and the rest of both. */
  readonly duplex: boolean;
}

/** Held by the contract of `Traffic`, which every adapter passes for what is `true` here. */
const abilities: Readonly<Record<TrafficKind, TrafficAbilities>> = {
  edge: {
    counts: true,
    unanswered: true,
    brokenOff: true,
    latency: true,
    classes: true,
    groups: true,
    stickyHeader: true,
    stickyCookie: true,
    shadow: true,
    hold: true,
    exact: true,
    tunnels: true,
    seamless: true,
    connectionOptions: true,
    duplex: true,
  },
  haproxy: {
    counts: true,
    unanswered: false,
    brokenOff: true,
    latency: false,
    classes: false,
    groups: true,
    stickyHeader: true,
    stickyCookie: true,
    shadow: false,
    hold: false,
    exact: true,
    tunnels: false,
    seamless: true,
    connectionOptions: false,
    duplex: true,
  },
  caddy: {
    counts: true,
    unanswered: false,
    brokenOff: false,
    latency: true,
    classes: false,
    groups: true,
    stickyHeader: false,
    stickyCookie: true,
    shadow: false,
    hold: false,
    exact: false,
    tunnels: false,
    seamless: true,
    connectionOptions: true,
    duplex: false,
  },
  nginx: {
    counts: true,
    unanswered: false,
    brokenOff: false,
    latency: true,
    classes: false,
    groups: true,
    stickyHeader: true,
    stickyCookie: true,
    shadow: true,
    hold: false,
    exact: false,
    tunnels: false,
    seamless: false,
    connectionOptions: false,
    duplex: true,
  },
};

export function abilitiesOf(kind: TrafficKind): TrafficAbilities {
  return abilities[kind];
}

/** What a rollout may need; the others say how well requests are led, and keep nothing from being done. */
type NeededAbility = keyof typeof sentences;

/** Something that a rollout needs and the chosen one cannot. */
export interface Lack {
  /** Where in the rollout it is asked for. */
  readonly at: readonly (string | number)[];
  readonly ability: NeededAbility;
}

export function lacksOf(kind: TrafficKind, rollout: RolloutSpec): readonly Lack[] {
  return needsOf(rollout).filter(({ ability }) => !abilities[kind][ability]);
}

function needsOf(rollout: RolloutSpec): readonly Lack[] {
  if (rollout.strategy === 'recreate') return [{ at: ['strategy'], ability: 'hold' }];
  if (rollout.strategy === 'rolling') return judgingNeeds(rollout.analysis);
  if (rollout.strategy !== 'canary') return [];
  const { steps, users, analysis } = rollout;
  return [
    ...steps.flatMap(({ step }, index): Lack[] => {
      if (step === 'group') return [{ at: ['steps', index], ability: 'groups' }];
      return step === 'shadow' ? [{ at: ['steps', index], ability: 'shadow' }] : [];
    }),
    ...(users === 'none'
      ? []
      : [{ at: ['users'], ability: users.by === 'header' ? 'stickyHeader' : 'stickyCookie' } as const]),
    ...judgingNeeds(analysis),
  ];
}

function judgingNeeds(analysis: 'none' | AnalysisSpec): readonly Lack[] {
  if (analysis === 'none') return [];
  return [
    { at: ['analysis'], ability: 'counts' },
    ...(analysis.routes === undefined ? [] : [{ at: ['analysis', 'routes'], ability: 'classes' } as const]),
    ...(['p95', 'p99'] as const)
      .filter((limit) => analysis[limit] !== undefined)
      .map((limit): Lack => ({ at: ['analysis', limit], ability: 'latency' })),
  ];
}

/** What it cannot, after its name: "haproxy cannot …". */
export function sentenceOf(ability: NeededAbility): string {
  return sentences[ability];
}

const sentences = {
  counts: 'count requests by release, so nothing could be judged',
  latency: 'tell how long answers took',
  classes: 'tell routes apart',
  groups: 'lead a group of users',
  stickyHeader: 'keep users on one release by a header',
  stickyCookie: 'keep users on one release by a cookie',
  shadow: 'send copies of requests',
  hold: 'let requests wait',
} as const satisfies Readonly<Partial<Record<keyof TrafficAbilities, string>>>;
