/** Facts for tests of the domain: builders with defaults that let everything pass, and arbitraries for properties. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Digest, Sha256 } from '../../src/domain/base/digest.ts';
import type { Approver } from '../../src/domain/access/approver.ts';
import type { Id, LeaseId, PromotionId } from '../../src/domain/base/id.ts';
import { instant, type Duration, type Instant } from '../../src/domain/base/time.ts';
import type { Question } from '../../src/domain/gate/gate.ts';
import { trustDefaults } from '../../src/domain/pipeline/defaults.ts';
import type { EnvironmentSpec, GateSpec, QueueMode } from '../../src/domain/pipeline/environment.ts';
import type {
  Approval,
  EnvironmentFacts,
  Freeze,
  ReleaseFacts,
  Running,
  UpstreamFacts,
  Verification,
} from '../../src/domain/promotion/facts.ts';
import {
  outcomes,
  phases,
  type Origin,
  type Promotion,
  type PromotionCommand,
  type Progress,
} from '../../src/domain/promotion/promotion.ts';
import { noProofs, type Proofs } from '../../src/domain/promotion/proof.ts';
import { verdictWords, type EvidenceFact } from '../../src/domain/release/evidence.ts';

export const sha256: Sha256 = (content) => `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;

/** Wednesday, 2026-03-04T12:00Z. */
export const noon = instant(Date.UTC(2026, 2, 4, 12));
export const minute = 60_000 as Duration;
export const hour = 3_600_000 as Duration;

/** The `number`th id of its kind. */
export function idOf<Prefix extends string>(prefix: Prefix, number: number): Id<Prefix> {
  return `${prefix}_${String(number).padStart(26, '0')}` as Id<Prefix>;
}

export function later(by: number, from: number = noon): Instant {
  return instant(from + by);
}

export function specWith(changes: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return {
    name: 'production',
    kind: 'production',
    hosting: 'local',
    after: { mode: 'all', environments: [] },
    triggers: [{ on: 'tag', pattern: 'v*' }],
    gates: [],
    verification: 'none',
    queue: 'latest',
    rollback: 'automatic',
    target: { kind: 'process' },
    rollout: { strategy: 'all-at-once' },
    database: { kind: 'none' },
    settings: { debug: false, logLevel: 'warn', experimental: false },
    variables: {},
    ...changes,
  };
}

/** Release `number`, seen under the tag `v<number>`. */
export function releaseWith(number: number, changes: Partial<ReleaseFacts> = {}): ReleaseFacts {
  return {
    id: idOf('rel', number),
    number,
    commit: String(number).padStart(40, '0'),
    artifact: sha256(`artifact ${number}`),
    createdAt: later(-hour),
    sightings: [{ trigger: 'tag', key: `tag:v${number}` }],
    judged: [],
    upstream: [],
    veto: undefined,
    lastOutcome: undefined,
    approvals: [],
    contribution: { known: true, contributors: [], commits: 0 },
    asked: undefined,
    evidence: [],
    proofs: noProofs,
    ...changes,
  };
}

let evidenceMade = 0;

/** Attested evidence of this kind that passed a minute ago. */
export function evidenceOf(kind: EvidenceFact['kind'], changes: Partial<EvidenceFact> = {}): EvidenceFact {
  evidenceMade += 1;
  return {
    id: idOf('evd', evidenceMade),
    kind,
    name: kind,
    verdict: 'PASS',
    standing: 'attested',
    by: 'system:engine',
    summary: 'as told',
    details: undefined,
    environment: undefined,
    at: later(-minute),
    expiresAt: undefined,
    ...changes,
  };
}
/** A release with some proofs and nothing else. */
export function provenWith(number: number, proofs: Partial<Proofs>): ReleaseFacts {
  return releaseWith(number, { proofs: { ...noProofs, ...proofs } });
}

/** Verified `PASS` in `environment` an hour ago and running there since, unless changed. */
export function upstreamWith(environment: string, changes: Partial<UpstreamFacts> = {}): UpstreamFacts {
  return {
    environment,
    verified: verifiedAs('PASS'),
    occupied: { from: later(-hour), until: undefined },
    deployed: undefined,
    onItsWay: false,
    ...changes,
  };
}

export function verifiedAs(verdict: Verification['verdict'], changes: Partial<Verification> = {}): Verification {
  return {
    verdict,
    id: idOf('vrd', 1),
    at: later(-hour),
    since: later(-hour),
    reason: `${verdict} it was`,
    ...changes,
  };
}

/** Promotion `number` of release `number`, waiting because a trigger asked for it. */
export function promotionWith(number: number, changes: Partial<Promotion> = {}): Promotion {
  return {
    id: idOf('prm', number),
    environment: idOf('env', 1),
    release: idOf('rel', number),
    kind: 'promotion',
    origin: triggered(number),
    requestedAt: later(-minute),
    progress: { state: 'waiting' },
    ...changes,
  };
}

export function triggered(number: number): Origin {
  return { by: 'trigger', trigger: 'tag', key: `tag:v${number}` };
}

export function runningProgress(
  lease = 1,
  phase: (typeof phases)[number] = 'preparing',
): Progress & { state: 'running' } {
  return { state: 'running', phase, lease: idOf('lse', lease), startedAt: later(-minute) };
}

export function runsNow(number: number): Running {
  return {
    release: idOf('rel', number),
    number,
    commit: String(number).padStart(40, '0'),
    promotion: idOf('prm', number),
    deployment: idOf('dep', number),
    since: later(-hour),
  };
}

export function freezeWith(number: number, changes: Partial<Freeze> = {}): Freeze {
  return {
    id: idOf('frz', number),
    scope: 'environment',
    by: `person${number}`,
    reason: `reason ${number}`,
    from: later(-hour),
    until: undefined,
    exempt: ['rollback', 'break-glass'],
    ...changes,
  };
}

/** By somebody who may, unless changed. */
export function approvalBy(actor: string, planHash: Digest, changes: Partial<Approval> = {}): Approval {
  return {
    actor,
    decision: 'approve',
    planHash,
    reason: 'because',
    at: later(-minute),
    means: 'terminal',
    approver: approverWith(actor),
    ...changes,
  };
}

export function approverWith(handle: string, changes: Partial<Approver> = {}): Approver {
  return { handle, emails: [`${handle}@example.org`], disabled: false, roles: ['release-manager'], ...changes };
}

/** The specification can be changed part by part; everything else as in `EnvironmentFacts`. */
export type FactsChanges = Partial<Omit<EnvironmentFacts, 'spec'>> & { readonly spec?: Partial<EnvironmentSpec> };

export function factsWith({ spec, ...changes }: FactsChanges = {}): EnvironmentFacts {
  return {
    id: idOf('env', 1),
    spec: specWith(spec),
    mainBranch: 'main',
    trust: { ...trustDefaults, signatures: 'none' },
    revision: idOf('ppl', 1),
    running: undefined,
    hold: undefined,
    pin: undefined,
    freezes: [],
    freezesAhead: [],
    open: [],
    releases: [],
    usedKeys: new Set(),
    schedule: { since: instant(0), seen: noon },
    lease: undefined,
    suppressions: [],
    baseline: undefined,
    breakGlasses: [],
    overdue: [],
    now: noon,
    ...changes,
  };
}

export const thePlan = sha256('the plan');

/** A trigger asks for release 2; everything passes unless changed. */
export function questionWith(changes: Partial<Question> & { readonly gates?: readonly GateSpec[] } = {}): Question {
  const { gates, ...rest } = changes;
  const facts = rest.facts ?? factsWith({ spec: { gates: gates ?? [] } });
  return {
    facts,
    release: releaseWith(2),
    kind: 'promotion',
    origin: triggered(2),
    planHash: thePlan,
    promotion: idOf('prm', 2),
    ...rest,
  };
}

export const instants = fc.integer({ min: noon - 10 * hour, max: noon + 10 * hour }).map(instant);
const past = fc.integer({ min: noon - 10 * hour, max: noon }).map(instant);
const queues: fc.Arbitrary<QueueMode> = fc.constantFrom('latest', 'queue', 'manual');

const verifications: fc.Arbitrary<Verification | undefined> = fc.option(
  fc
    .record({ verdict: fc.constantFrom('PASS' as const, 'PASS' as const, ...verdictWords), at: past, since: past })
    .map(({ verdict, at, since }) =>
      verifiedAs(verdict, { at: instant(Math.max(at, since)), since: instant(Math.min(at, since)) }),
    ),
  { nil: undefined },
);

export const occupancies: fc.Arbitrary<UpstreamFacts['occupied']> = fc.option(
  fc
    .tuple(past, fc.option(past, { nil: undefined }))
    .map(([one, other]) =>
      other === undefined
        ? { from: one, until: undefined }
        : { from: instant(Math.min(one, other)), until: instant(Math.max(one, other)) },
    ),
  { nil: undefined },
);

export function upstreams(names: readonly string[]): fc.Arbitrary<readonly UpstreamFacts[]> {
  return fc.tuple(
    ...names.map((environment) =>
      fc
        .record({ verified: verifications, occupied: occupancies })
        .map((facts) => ({ environment, deployed: undefined, onItsWay: false, ...facts })),
    ),
  );
}

const veto = { by: 'mallory', reason: 'bad', at: noon };
const rarely = fc.nat({ max: 9 }).map((number) => number === 0);
const lastOutcomes = fc
  .tuple(fc.boolean(), fc.constantFrom(...outcomes.filter((outcome) => outcome !== 'superseded')))
  .map(([none, outcome]) => (none ? undefined : outcome));

function releases(names: readonly string[]): fc.Arbitrary<readonly ReleaseFacts[]> {
  const parts = fc.record({
    number: fc.integer({ min: 1, max: 9 }),
    seen: fc.boolean(),
    upstream: upstreams(names),
    veto: rarely.map((vetoed) => (vetoed ? veto : undefined)),
    lastOutcome: lastOutcomes,
  });
  return fc
    .uniqueArray(parts, { selector: ({ number }) => number, minLength: 1, maxLength: 6 })
    .map((made) =>
      made
        .toSorted((left, right) => right.number - left.number)
        .map(({ number, seen, ...rest }) => releaseWith(number, { ...rest, ...(seen ? {} : { sightings: [] }) })),
    );
}

/** What may be found in an environment: any queue, triggers and order, with at most one promotion running. */
export const anyFacts: fc.Arbitrary<EnvironmentFacts> = fc
  .record({
    queue: queues,
    mode: fc.constantFrom('all' as const, 'any' as const),
    names: fc.subarray(['testing', 'staging']),
    byTag: fc.boolean(),
  })
  .chain(({ queue, mode, names, byTag }) =>
    fc
      .record({
        releases: releases(names),
        runs: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        openOnes: fc.array(fc.record({ rollback: fc.boolean(), running: fc.boolean(), byPerson: fc.boolean() }), {
          maxLength: 3,
        }),
        held: rarely,
        pinned: rarely,
        used: fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { maxLength: 3 }),
      })
      .map(({ releases: made, runs, openOnes, held, pinned, used }) => {
        const firstRunning = openOnes.findIndex(({ running }) => running);
        const open = openOnes.slice(0, made.length).map(({ rollback, byPerson }, index) =>
          promotionWith(made[index]!.number, {
            kind: rollback ? 'rollback' : 'promotion',
            origin: byPerson || rollback ? { by: 'person', actor: 'ann' } : triggered(made[index]!.number),
            progress: index === firstRunning ? runningProgress() : { state: 'waiting' },
          }),
        );
        return factsWith({
          spec: {
            queue,
            after: { mode, environments: names },
            triggers: byTag ? [{ on: 'tag', pattern: 'v*' }] : [{ on: 'success' }],
          },
          releases: made,
          open,
          running: runs === undefined ? undefined : runsNow(runs),
          hold: held ? { by: 'ann', reason: 'held', at: noon } : undefined,
          pin: pinned ? { release: idOf('rel', 1), by: 'ann', reason: 'pinned', at: noon } : undefined,
          usedKeys: new Set(used.map((number) => `${idOf('rel', number)} tag:v${number}`)),
        });
      }),
  );

const leases: fc.Arbitrary<LeaseId> = fc.constantFrom(1, 2, 3).map((number) => idOf('lse', number));
const settled = fc.constantFrom(
  'succeeded' as const,
  'failed' as const,
  'errored' as const,
  'inconclusive' as const,
  'aborted' as const,
  'refused' as const,
);
const others: fc.Arbitrary<PromotionId> = fc.constantFrom(8, 9).map((number) => idOf('prm', number));

/** Anything that may be asked of a promotion, in any order. */
export const commands: fc.Arbitrary<PromotionCommand> = fc.oneof(
  fc.record({ do: fc.constant('start' as const), lease: leases, planHash: fc.constant(thePlan), at: instants }),
  fc.record({ do: fc.constant('enter' as const), phase: fc.constantFrom(...phases), lease: leases, at: instants }),
  fc.record({ do: fc.constant('take' as const), lease: leases, at: instants }),
  fc.record({ do: fc.constant('put-back' as const), reason: fc.constant('frozen'), at: instants }),
  fc
    .record({
      by: fc.constantFrom('ann', 'bob'),
      cause: fc.constantFrom('abort' as const, 'veto' as const, 'shut' as const),
      reason: fc.constant('stop it'),
      at: instants,
    })
    .map((request) => ({ do: 'stop' as const, request })),
  fc.record({ do: fc.constant('supersede' as const), by: others, at: instants }),
  fc.record({ do: fc.constant('refuse' as const), reason: fc.constant('closed'), at: instants }),
  fc.record({
    do: fc.constant('settle' as const),
    lease: leases,
    outcome: settled,
    reason: fc.constant('it ended'),
    at: instants,
  }),
  fc.record({ do: fc.constant('mark-rolled-back' as const), by: others, at: instants }),
);
