/**
 * R19: what a new revision of a pipeline asks less of than the one before it. When it cannot be told whether a change is
 * weaker (a command that is another one now), it counts: a person looks at it then.
 */
import { looserGates, sameAs } from './looser-gate.ts';
import { looserLimits } from './looser-limits.ts';
import { looserRollout, looserTraffic } from './looser-rollout.ts';
import { defaultGates } from './defaults.ts';
import type { EnvironmentKind, EnvironmentSpec, TriggerSpec, VerificationSpec } from './environment.ts';
import type { ForgeSpec, Pipeline, TrustSpec } from './pipeline.ts';

export interface Weakening {
  readonly what:
    | 'gate-removed'
    | 'gate-loosened'
    | 'trust-lowered'
    | 'verification-loosened'
    | 'rollout-loosened'
    | 'order-relaxed'
    | 'trigger-added'
    | 'kind-changed'
    | 'command-changed'
    | 'source-moved'
    | 'environment-removed';
  /** Absent for what is about the whole pipeline. */
  readonly environment: string | undefined;
  readonly sentence: string;
}

export function weakenings(before: Pipeline, after: Pipeline): readonly Weakening[] {
  return [
    ...loweredTrust(before.trust, after.trust),
    ...(before.mainBranch === after.mainBranch
      ? []
      : [whole(`the main branch is ${after.mainBranch}, it was ${before.mainBranch}`)]),
    ...otherForge(before, after),
    ...takenAway(before, after),
    ...after.environments.flatMap((spec) => {
      const old = before.environments.find(({ name }) => name === spec.name);
      return old === undefined ? openedBeside(spec, before) : weakened(old, spec, before);
    }),
  ];
}

/** One that is added where none was counts too, when reviews of a forge open something. */
function otherForge(before: Pipeline, { forge }: Pipeline): readonly Weakening[] {
  const counts =
    before.forge !== undefined ||
    before.environments.some(({ gates }) => gates.some((gate) => gate.gate === 'review' && gate.from !== 'liftlock'));
  if (forge === undefined || !counts) return [];
  if (before.forge !== undefined && sameAs(place(before.forge))(place(forge))) return [];
  return [whole(`reviews come from another forge: ${forge.api} ${forge.repository}`)];
}

/** What is added again, or under another name, begins anew: without the gates that it had, the holds and the vetoes. */
function takenAway(before: Pipeline, after: Pipeline): readonly Weakening[] {
  return before.environments
    .filter(({ name, kind }) => isLive(kind) && !after.environments.some((spec) => spec.name === name))
    .map(({ name }) => ({
      what: 'environment-removed',
      environment: name,
      sentence: 'it is gone, with its gates and with the holds, pins and vetoes that people set there',
    }));
}

/** The token may change; where reviews come from may not without being seen. */
function place({ kind, api, repository }: ForgeSpec) {
  return { kind, api, repository };
}

function whole(sentence: string): Weakening {
  return { what: 'trust-lowered', environment: undefined, sentence };
}

const signatureModes = ['none', 'hosted', 'strict'] as const;

function loweredTrust(before: TrustSpec, after: TrustSpec): readonly Weakening[] {
  const lowered = signatureModes.indexOf(after.signatures) < signatureModes.indexOf(before.signatures);
  return [
    ...(lowered ? [whole(`signatures are ${after.signatures}, they were ${before.signatures}`)] : []),
    ...(before.separation === 'two-person' && after.separation === 'none'
      ? [whole('authors may approve their own releases')]
      : []),
    ...(before.breakGlass === 'none' && after.breakGlass !== 'none'
      ? [whole('gates may be passed in an emergency')]
      : []),
    ...(before.root === undefined || before.root === after.root
      ? []
      : [whole(`the history of main need not begin with ${before.root.slice(0, 10)}`)]),
  ];
}

/**
 * A new environment as live as production must not be a way around it: it is held against the defaults of its kind, and
 * against those of this kind that there are.
 */
function openedBeside(spec: EnvironmentSpec, { environments }: Pipeline): readonly Weakening[] {
  const say = (what: Weakening['what'], sentence: string): Weakening => ({ what, environment: spec.name, sentence });
  const usual = defaultGates(spec.kind, spec.after.environments.length > 0);
  const alike = environments.filter(({ kind, name }) => isLive(kind) && kind === spec.kind && name !== spec.name);
  const alone = spec.after.environments.length === 0 && alike.some(({ after }) => after.environments.length > 0);
  return [
    ...looserGates(usual, spec.gates)
      .filter((one) => one.removed)
      .map(({ sentence }) => say('gate-removed', `new, and less than what ${spec.kind} usually asks: ${sentence}`)),
    ...alike.flatMap(({ name, gates }) =>
      looserGates(gates, spec.gates).map((one) =>
        say(one.removed ? 'gate-removed' : 'gate-loosened', `new, and less than ${name} asks: ${one.sentence}`),
      ),
    ),
    ...(alone ? [say('order-relaxed', `new, and nothing comes before it, unlike ${alike[0]!.name}`)] : []),
  ];
}

function weakened(before: EnvironmentSpec, after: EnvironmentSpec, pipeline: Pipeline): readonly Weakening[] {
  const say = (what: Weakening['what'], sentence: string): Weakening => ({ what, environment: after.name, sentence });
  const becameLive = isLive(after.kind) && weight[after.kind] > weight[before.kind];
  return [
    ...(becameLive
      ? [
          say('kind-changed', `it is ${after.kind} now, and what runs there came in by what ${before.kind} asks`),
          ...openedBeside(after, pipeline),
        ]
      : []),
    ...changedKind(before.kind, after.kind).map((sentence) => say('kind-changed', sentence)),
    ...looserGates(before.gates, after.gates).map(({ removed, sentence }) =>
      say(removed ? 'gate-removed' : 'gate-loosened', sentence),
    ),
    ...looserVerification(before.verification, after.verification).map((sentence) =>
      say('verification-loosened', sentence),
    ),
    ...[
      ...looserRollout(before.rollout, after.rollout),
      ...looserTraffic(before, after),
      ...looserLimits(before.limits, after.limits),
    ].map((sentence) => say('rollout-loosened', sentence)),
    ...otherDeployment(before, after).map((sentence) => say('command-changed', sentence)),
    ...relaxedOrder(before.after, after.after).map((sentence) => say('order-relaxed', sentence)),
    ...addedTriggers(before, after).map((sentence) => say('trigger-added', sentence)),
  ];
}

/** How much stands behind an environment of the kind: rights and defaults go with it. */
const weight: Readonly<Record<EnvironmentKind, number>> = {
  development: 0,
  ci: 0,
  testing: 1,
  qa: 2,
  staging: 3,
  production: 4,
  'disaster-recovery': 4,
};

function isLive(kind: EnvironmentKind): boolean {
  return weight[kind] >= weight.staging;
}

/**
 * What builds, migrates and starts is part of a release, and approved with it. What deploys is not: it would run with the next
 * release that was approved for something else.
 */
function otherDeployment(before: EnvironmentSpec, after: EnvironmentSpec): readonly string[] {
  if (!isLive(after.kind) || after.target.kind !== 'command') return [];
  if (before.target.kind === 'command' && before.target.deploy === after.target.deploy) return [];
  return ['another command deploys to it'];
}

function changedKind(before: EnvironmentKind, after: EnvironmentKind): readonly string[] {
  return weight[after] < weight[before] ? [`it is ${after}, it was ${before}`] : [];
}

function looserVerification(
  before: EnvironmentSpec['verification'],
  after: EnvironmentSpec['verification'],
): readonly string[] {
  if (before === 'none') return [];
  if (after === 'none') return ['nothing is verified any more'];
  return [...looserEvery(before, after), ...before.commands.flatMap((command) => looserCommand(command, after))];
}

function looserEvery(before: VerificationSpec, after: VerificationSpec): readonly string[] {
  if (before.every === undefined || (after.every !== undefined && after.every <= before.every)) return [];
  return ['what runs is verified again less often'];
}

function looserCommand(
  command: VerificationSpec['commands'][number],
  { commands }: VerificationSpec,
): readonly string[] {
  const now = commands.find(({ name }) => name === command.name);
  if (now === undefined) return [`the command ${command.name} is gone`];
  return [
    ...(now.run === command.run ? [] : [`the command ${command.name} runs something else`]),
    ...(command.report === undefined || sameAs(command.report)(now.report)
      ? []
      : [`the command ${command.name} need not write the same report`]),
  ];
}

type Order = EnvironmentSpec['after'];

function relaxedOrder(before: Order, after: Order): readonly string[] {
  const gone = before.environments.filter((name) => !after.environments.includes(name));
  const fresh = after.environments.filter((name) => !before.environments.includes(name));
  if (before.environments.length === 0) return [];
  // Without any name nothing is asked; with one, all and any are the same.
  if (after.environments.length === 0) return [`it no longer comes after ${before.environments.join(' and ')}`];
  const asksAll = before.mode === 'all' || before.environments.length === 1;
  const staysAll = after.mode === 'all' || after.environments.length === 1;
  if (asksAll) {
    if (!staysAll) return [`success in any of ${after.environments.join(', ')} is enough`];
    return gone.map((name) => `it no longer comes after ${name}`);
  }
  // Of any: each of the old ones may go, a new one may not come, and asking for all of them asks more only with an old one in it.
  if (!staysAll) return fresh.map((name) => `success in ${name} is enough too`);
  return after.environments.some((name) => before.environments.includes(name))
    ? []
    : [`success in ${after.environments.join(' and ')} is enough, instead of ${before.environments.join(' or ')}`];
}

/** What may now start a promotion by itself. People always may. Where nothing is at stake, any trigger may come. */
function addedTriggers(before: EnvironmentSpec, after: EnvironmentSpec): readonly string[] {
  if (!isLive(after.kind)) return [];
  return after.triggers
    .filter((trigger) => trigger.on !== 'manual' && !before.triggers.some(sameAs(trigger)))
    .map((trigger) => `${told(trigger)} starts promotions`);
}

function told(trigger: TriggerSpec): string {
  switch (trigger.on) {
    case 'commit':
      return `a commit on ${trigger.branches.join(' or ')}`;
    case 'main':
      return 'a commit on main';
    case 'tag':
      return `a tag ${trigger.pattern}`;
    case 'success':
      return 'success upstream';
    case 'schedule':
      return `a schedule (${trigger.schedule.at} ${trigger.schedule.zone})`;
    case 'manual':
      return 'a person';
  }
}
