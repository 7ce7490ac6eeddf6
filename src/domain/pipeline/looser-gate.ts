/** Gates that ask for less than those before them. */
import { canonicalJson, type Json } from '../base/digest.ts';
import type { Window } from '../base/calendar.ts';
import { formatDuration, type Duration } from '../base/time.ts';
import type { ApprovalSpec, GateSpec } from './environment.ts';
import { severityLimits, type CustomGateSpec, type PerformanceGateSpec, type SecurityGateSpec } from './gate-spec.ts';

export interface Looser {
  readonly removed: boolean;
  readonly sentence: string;
}

export function looserGates(before: readonly GateSpec[], after: readonly GateSpec[]): readonly Looser[] {
  const windows = (gates: readonly GateSpec[]) =>
    gates.flatMap((gate) => (gate.gate === 'window' ? [gate.window] : []));
  return [
    ...looserWindows(windows(before), windows(after)),
    ...before
      .filter(({ gate }) => gate !== 'window')
      .flatMap((gate): readonly Looser[] => {
        const now = after.find((other) => keyOf(other) === keyOf(gate));
        if (now === undefined) return [{ removed: true, sentence: `the gate ${nameOf(gate)} is gone` }];
        return looser(gate, now).map((sentence) => ({ removed: false, sentence: `${nameOf(gate)}: ${sentence}` }));
      }),
  ];
}

function keyOf(gate: GateSpec): string {
  return gate.gate === 'custom' ? `custom ${gate.name}` : gate.gate;
}

function nameOf(gate: GateSpec): string {
  return gate.gate === 'custom' ? gate.name : gate.gate;
}

/** Of two gates of one kind: what the second asks less. */
function looser(before: GateSpec, after: GateSpec): readonly string[] {
  switch (before.gate) {
    case 'approval':
      return after.gate === 'approval' ? looserApproval(before, after) : [];
    case 'soak':
      return after.gate === 'soak' ? less('for', before.for, after.for) : [];
    case 'fresh':
      return after.gate === 'fresh' ? more('within', before.within, after.within) : [];
    case 'tests':
      return after.gate === 'tests'
        ? [...gone('results', before.commands, after.commands), ...looserClaim(before, after)]
        : [];
    case 'review':
      return after.gate === 'review'
        ? [
            ...fewer('reviews', before.count, after.count),
            ...(before.from === after.from || before.from === 'any' ? [] : [`reviews from ${after.from} count`]),
          ]
        : [];
    case 'qa':
      return after.gate === 'qa' ? fewer('sign-offs', before.count, after.count) : [];
    case 'performance':
      return after.gate === 'performance' ? looserPerformance(before, after) : [];
    case 'security':
      return after.gate === 'security' ? looserSecurity(before, after) : [];
    case 'custom':
      return after.gate === 'custom' ? otherQuestion(before, after) : [];
    case 'window':
    case 'merged':
    case 'deployed':
    case 'tagged':
    case 'notes':
    case 'plan':
      return [];
  }
}

function looserApproval(before: ApprovalSpec, after: ApprovalSpec): readonly string[] {
  const { roles, each = {} } = before;
  const now = after.roles;
  const admitted =
    roles === undefined
      ? []
      : now === undefined
        ? ['anybody who may approve counts']
        : now.filter((role) => !roles.includes(role)).map((role) => `${role} counts`);
  const places = Object.entries(each) as [keyof typeof each, number][];
  return [
    ...fewer('approvals', before.count, after.count),
    ...admitted,
    ...places.flatMap(([role, count]) => fewer(`approvals as ${role}`, count, after.each?.[role] ?? 0)),
    ...(before.timeout === undefined
      ? []
      : after.timeout === undefined
        ? ['it waits for ever']
        : more('timeout', before.timeout, after.timeout)),
    ...(before.passkey !== undefined && after.passkey === undefined ? ['no passkey is needed'] : []),
  ];
}

function looserPerformance(before: PerformanceGateSpec, after: PerformanceGateSpec): readonly string[] {
  const limit = (what: 'p95' | 'p99') => {
    const [old, now] = [before[what], after[what]];
    if (old === undefined) return [];
    return now === undefined ? [`${what} has no limit any more`] : more(what, old, now);
  };
  const share = (what: 'errorRate' | 'tolerance') =>
    after[what] > before[what] ? [`${what} is ${after[what] * 100}%, it was ${before[what] * 100}%`] : [];
  return [
    ...limit('p95'),
    ...limit('p99'),
    ...share('errorRate'),
    ...share('tolerance'),
    ...fewer('requests', before.minRequests, after.minRequests),
    ...more('within', before.within, after.within),
    ...looserClaim(before, after),
  ];
}

function looserSecurity(before: SecurityGateSpec, after: SecurityGateSpec): readonly string[] {
  const milder = severityLimits.indexOf(after.failAt) > severityLimits.indexOf(before.failAt);
  return [
    ...(milder ? [`only ${after.failAt} findings and worse block, it was ${before.failAt}`] : []),
    ...gone('tools', before.tools, after.tools),
    ...more('within', before.within, after.within),
    ...looserClaim(before, after),
  ];
}

/** Whether another question is a harder one, nobody can tell. */
function otherQuestion(before: CustomGateSpec, after: CustomGateSpec): readonly string[] {
  const question = (gate: CustomGateSpec) => ('run' in gate ? `run ${gate.run}` : `ask ${gate.webhook} ${gate.secret}`);
  return question(before) === question(after) ? [] : ['it asks something else'];
}

function looserClaim(before: { claimed: string }, after: { claimed: string }): readonly string[] {
  return before.claimed === 'refused' && after.claimed === 'allowed' ? ['results that were only claimed count'] : [];
}

function fewer(what: string, before: number, after: number): readonly string[] {
  return after < before ? [`${after} ${what} are enough, it was ${before}`] : [];
}

function less(what: string, before: Duration, after: Duration): readonly string[] {
  return after < before ? [`${what} ${formatDuration(after)}, it was ${formatDuration(before)}`] : [];
}

function more(what: string, before: Duration, after: Duration): readonly string[] {
  return after > before ? [`${what} ${formatDuration(after)}, it was ${formatDuration(before)}`] : [];
}

function gone(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const missing = before.filter((name) => !after.includes(name));
  return missing.length === 0 ? [] : [`${what} that need not be there any more: ${missing.join(', ')}`];
}

/**
 * All windows must be open, so one more is no weaker. One that changed is weaker unless it only denies more, or allows less
 * of what it allowed, in the same zone: how two windows lie to each other is for a person to see.
 */
function looserWindows(before: readonly Window[], after: readonly Window[]): readonly Looser[] {
  const lost = before.filter((window) => !after.some((now) => isWithin(now, window)));
  if (lost.length === 0) return [];
  return after.length === 0
    ? [{ removed: true, sentence: 'the gate window is gone' }]
    : [{ removed: false, sentence: 'window: deployments may start at other times' }];
}

function isWithin(now: Window, before: Window): boolean {
  const allowed =
    before.allow.length === 0 || (now.allow.length > 0 && now.allow.every((span) => before.allow.some(sameAs(span))));
  return now.zone === before.zone && allowed && before.deny.every((span) => now.deny.some(sameAs(span)));
}

/** Equal in content: what was stored comes back with its keys in another order. */
export function sameAs(item: unknown): (other: unknown) => boolean {
  const text = textOf(item);
  return (other) => textOf(other) === text;
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value as Json);
}
