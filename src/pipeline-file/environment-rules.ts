/** Rules that hold within one environment. Each looks at what is understood of it and stays silent about the rest. */
import { defaultsOf } from '../domain/pipeline/defaults.ts';
import type { EnvironmentDraft } from './draft.ts';
import type { EnvironmentFile } from './environment-schema.ts';
import { gateProblems, gateWarnings } from './gate-rules.ts';
import type { Remark } from './problem.ts';
import { instanceProblems, resourceProblems } from './instance-rules.ts';
import { limitsProblems, limitsWarnings } from './limits-rules.ts';
import { rolloutProblems } from './rollout-rules.ts';

/** Remarks with paths relative to the environment. */
export interface Judgement {
  readonly problems: readonly Remark[];
  readonly warnings: readonly Remark[];
}

export function judgeEnvironment(draft: EnvironmentDraft): Judgement {
  return {
    problems: [
      ...afterMissing(draft),
      ...triggerProblems(draft),
      ...gateProblems(draft.gates ?? [], namesBefore(draft)?.length === 0),
      ...hostingProblems(draft),
      ...networkProblems(draft),
      ...rolloutProblems(draft),
      ...instanceProblems(draft),
      ...resourceProblems(draft),
      ...limitsProblems(draft),
      ...commandProblems(draft),
      ...variableProblems(draft),
    ],
    warnings: [
      ...triggerWarnings(draft),
      ...gateWarnings(draft),
      ...limitsWarnings(draft),
      ...settingsWarnings(draft),
      ...variableWarnings(draft),
    ],
  };
}

type Trigger = Extract<EnvironmentFile['trigger'], readonly unknown[]>[number];

/** Triggers with their paths: one stands at `trigger`, several at `trigger[i]`. */
function triggersOf({
  trigger,
}: EnvironmentDraft): readonly { trigger: Trigger; path: readonly (string | number)[] }[] {
  if (trigger === undefined) return [];
  if (!Array.isArray(trigger)) return [{ trigger: trigger as Trigger, path: ['trigger'] }];
  return (trigger as readonly Trigger[]).map((one, index) => ({ trigger: one, path: ['trigger', index] }));
}

/** Names before this environment; `undefined` when they are written but wrong. */
export function namesBefore(draft: EnvironmentDraft): readonly string[] | undefined {
  const { after } = draft;
  if (after === undefined) return draft.written.has('after') ? undefined : [];
  return 'all' in after ? after.all : 'any' in after ? after.any : after;
}

function afterMissing({ kind, written }: EnvironmentDraft): readonly Remark[] {
  if (kind === undefined || written.has('after') || defaultsOf(kind).mayStartAlone) return [];
  return [
    {
      path: ['after'],
      message: `missing; an environment of kind ${kind} says what comes before it`,
      hint: 'write after: [] when nothing does',
    },
  ];
}

function triggerProblems(draft: EnvironmentDraft): readonly Remark[] {
  const alone = namesBefore(draft)?.length === 0;
  const live = draft.kind === 'production' || draft.kind === 'disaster-recovery';
  const seen = new Map<string, number>();
  return triggersOf(draft).flatMap(({ trigger, path }, index): Remark[] => {
    const text = JSON.stringify(trigger);
    const first = seen.get(text);
    if (first !== undefined)
      return [{ path, message: `the same trigger as trigger[${first}]`, hint: 'remove one of them' }];
    seen.set(text, index);
    if (trigger.on === 'success' && alone)
      return [
        {
          path,
          message: 'there is no success to follow: nothing comes before this environment',
          hint: 'name it in after',
        },
      ];
    if (trigger.on === 'commit' && live) {
      return [
        {
          path,
          message: `a commit of a branch does not start a promotion into ${draft.kind}`,
          hint: 'use tag, main, success, schedule or manual',
        },
      ];
    }
    return [];
  });
}

function triggerWarnings(draft: EnvironmentDraft): readonly Remark[] {
  const triggers = triggersOf(draft);
  return triggers.flatMap(({ trigger, path }): Remark[] => {
    if (trigger.on === 'manual' && triggers.length > 1)
      return [{ path, message: 'manual beside other triggers changes nothing: people may always promote' }];
    if (trigger.on === 'commit' && draft.kind === 'staging') {
      return [{ path, message: 'commits of branches enter staging before they are merged', hint: 'use main' }];
    }
    return [];
  });
}

function hostingProblems(draft: EnvironmentDraft): readonly Remark[] {
  const { hosting = 'local', target, written } = draft;
  if (hosting === 'local' || (target === undefined && written.has('target')) || target?.kind === 'command') return [];
  const message =
    target === undefined
      ? `missing; hosting ${hosting} needs a target of kind command`
      : `hosting ${hosting} needs a target of kind command; ${target.kind} runs on this machine only`;
  return [
    {
      path: target === undefined ? ['target'] : ['target', 'kind'],
      message,
      hint: 'write target: { kind: command, deploy: ./deploy.sh }',
    },
  ];
}

/** The database that Liftlock keeps listens at the machine's own address, and a container in a network of its own does not reach that. */
function networkProblems({ target, database }: EnvironmentDraft): readonly Remark[] {
  if (target?.kind !== 'docker' || target.network === 'host' || database !== 'managed') return [];
  return [
    {
      path: ['database'],
      message: `a container in the network ${target.network} does not reach the database that Liftlock keeps on this machine`,
      hint: 'write target: { kind: docker, network: host }, or database: { secret: NAME }',
    },
  ];
}

function commandProblems({ verify }: EnvironmentDraft): readonly Remark[] {
  if (verify === undefined || verify === 'none') return [];
  return verify.commands.flatMap(({ name, junit, report }, index): Remark[] => {
    const first = verify.commands.findIndex((other) => other.name === name);
    if (junit !== undefined && report !== undefined)
      return [
        {
          path: ['verify', 'commands', index, 'report'],
          message: 'a command has one report, and junit names one already',
          hint: 'write two commands, or remove one of them',
        },
      ];
    return first < index
      ? [
          {
            path: ['verify', 'commands', index, 'name'],
            message: `"${name}" is already the name of commands[${first}]`,
          },
        ]
      : [];
  });
}

/** Names that Liftlock sets itself. */
const reserved: Readonly<Record<string, string>> = {
  PORT: 'write target: { kind: process, port: ... }',
  DATABASE_URL: 'write database: managed, or database: { secret: NAME }',
};

export function reservedName(name: string): { message: string; hint?: string } | undefined {
  const hint = Object.hasOwn(reserved, name) ? reserved[name] : undefined;
  if (hint !== undefined) return { message: `Liftlock sets ${name} itself`, hint };
  return name.toUpperCase().startsWith('LIFTLOCK_')
    ? { message: 'names that start with LIFTLOCK_ belong to Liftlock' }
    : undefined;
}

function variableProblems({ variables = {} }: EnvironmentDraft): readonly Remark[] {
  return Object.keys(variables).flatMap((name): Remark[] => {
    const refusal = reservedName(name);
    return refusal === undefined ? [] : [{ path: ['variables', name], atKey: true, ...refusal }];
  });
}

const secretLike = /(^|_)(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/i;

/** True when a variable of this name with this value is most likely a secret that stands in the file. */
export function looksSecret(name: string, value: string): boolean {
  return secretLike.test(name) && value !== '';
}

function variableWarnings({ variables = {} }: EnvironmentDraft): readonly Remark[] {
  return Object.entries(variables).flatMap(([name, value]): Remark[] => {
    if (typeof value !== 'string' || !looksSecret(name, value)) return [];
    return [
      {
        path: ['variables', name],
        message: 'this looks like a secret, and everybody who reads the file can see it',
        hint: `write ${name}: { secret: NAME }`,
      },
    ];
  });
}

function settingsWarnings({ kind, settings }: EnvironmentDraft): readonly Remark[] {
  if (kind !== 'production' && kind !== 'disaster-recovery') return [];
  return (['debug', 'experimental'] as const).flatMap((name): Remark[] =>
    settings?.[name] === true ? [{ path: ['settings', name], message: `${name} is on in ${kind}` }] : [],
  );
}
