/** Rules that hold between the gates of one environment, and within each. */
import { formatDuration } from '../domain/base/time.ts';
import type { EnvironmentDraft } from './draft.ts';
import type { EnvironmentFile } from './environment-schema.ts';
import { customComplaint } from './gate-schema.ts';
import type { Remark } from './problem.ts';

type FileGate = NonNullable<EnvironmentFile['gates']>[number];

/** `alone`: nothing comes before the environment. Paths are relative to it. */
export function gateProblems(gates: readonly FileGate[], alone: boolean): readonly Remark[] {
  const fresh = gates.find((gate) => gate.gate === 'fresh');
  return gates.flatMap((gate, index): readonly Remark[] => {
    const path = ['gates', index];
    if (gate.gate === 'custom') return customProblems(gate, { gates, index });
    if (gate.gate !== 'window') {
      const first = gates.findIndex((other) => other.gate === gate.gate);
      if (first < index)
        return [{ path, message: `the gate ${gate.gate} is already gates[${first}]`, hint: 'remove one of them' }];
    }
    if (isUpstreamGate(gate.gate) && alone) {
      return [
        {
          path,
          message: `${gate.gate} looks at the environments before this one, and there are none`,
          hint: 'name them in after',
        },
      ];
    }
    if (gate.gate === 'soak' && fresh !== undefined && fresh.within <= gate.for) {
      return [
        {
          path,
          message: `can never open: a success that has soaked for ${formatDuration(gate.for)} is older than ${formatDuration(fresh.within)}, which the gate fresh refuses`,
        },
      ];
    }
    if (gate.gate === 'approval') return approvalProblems(gate, path);
    return gate.gate === 'window' ? windowProblems(gate, path) : [];
  });
}

type ApprovalGate = Extract<FileGate, { gate: 'approval' }>;

/** How many people `each` asks for in all. */
export function placesOf({ each = {} }: ApprovalGate): number {
  return Object.values(each).reduce((sum, places) => sum + places, 0);
}

function approvalProblems(gate: ApprovalGate, path: readonly (string | number)[]): readonly Remark[] {
  const { count, roles, each = {} } = gate;
  const places = placesOf(gate);
  const strangers = Object.keys(each).filter((role) => roles !== undefined && !roles.some((known) => known === role));
  return [
    ...strangers.map((role) => ({
      path: [...path, 'each', role],
      atKey: true as const,
      message: `nobody's approval as ${role} counts: it is not in roles`,
      hint: `add ${role} to roles`,
    })),
    ...(count !== undefined && count < places
      ? [
          {
            path: [...path, 'count'],
            message: `${count} people cannot fill the ${places} places of each`,
            hint: `write count: ${places}, or leave it out`,
          },
        ]
      : []),
  ];
}

/** Gates that look at the environments before this one, and at nothing else. */
function isUpstreamGate(word: string): boolean {
  return word === 'soak' || word === 'fresh' || word === 'deployed';
}

type CustomGate = Extract<FileGate, { gate: 'custom' }>;

function customProblems(
  gate: CustomGate,
  { gates, index }: { gates: readonly FileGate[]; index: number },
): readonly Remark[] {
  const path = ['gates', index];
  const complaint = customComplaint(gate);
  const first = gates.findIndex((other) => other.gate === 'custom' && other.name === gate.name);
  return [
    ...(complaint === undefined ? [] : [{ path, message: complaint }]),
    ...(first < index
      ? [{ path: [...path, 'name'], message: `"${gate.name}" is already the name of gates[${first}]` }]
      : []),
  ];
}

type WindowGate = Extract<FileGate, { gate: 'window' }>;

function windowProblems(gate: WindowGate, path: readonly (string | number)[]): readonly Remark[] {
  const { allow = [], deny = [] } = gate;
  if (allow.length === 0 && deny.length === 0)
    return [{ path, message: 'a window that neither allows nor denies anything', hint: 'add allow or deny' }];
  return deny.flatMap((span, index): Remark[] => {
    if (!('fromDate' in span) || span.fromDate <= span.toDate) return [];
    return [{ path: [...path, 'deny', index, 'toDate'], message: `${span.toDate} is before ${span.fromDate}` }];
  });
}

/** Gates that only a person opens. */
const byPerson: ReadonlySet<string> = new Set(['approval', 'qa', 'notes', 'plan']);

export function gateWarnings({ kind, gates }: EnvironmentDraft): readonly Remark[] {
  if (kind !== 'production' || gates === undefined || gates.some(({ gate }) => byPerson.has(gate))) return [];
  return [
    {
      path: ['gates'],
      message: 'production has no gate that asks a person: releases go live by themselves',
      hint: 'add { gate: approval, count: 1 }',
    },
  ];
}
