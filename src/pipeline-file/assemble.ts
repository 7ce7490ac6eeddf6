/** A pipeline file that is right, as the pipeline it describes: defaults filled in, environments in promotion order. */
import { defaultGates, defaultRollout, defaultsOf, defaultTriggers } from '../domain/pipeline/defaults.ts';
import type { DatabaseSpec, EnvironmentSpec, GateSpec, TriggerSpec } from '../domain/pipeline/environment.ts';
import { promotionOrder } from '../domain/pipeline/graph.ts';
import type { BuildSpec, ForgeSpec, HealthCheck, Pipeline, ServiceSpec } from '../domain/pipeline/pipeline.ts';
import type { EnvironmentFile } from './environment-schema.ts';
import { placesOf } from './gate-rules.ts';
import { limitsOf } from './limits-schema.ts';
import { rolloutOf } from './rollout-schema.ts';
import type { PipelineFile } from './schema.ts';

export function assemble(file: PipelineFile): Pipeline {
  return {
    project: file.project,
    mainBranch: file.source.main,
    poll: file.source.poll,
    ...(file.source.forge === undefined ? {} : { forge: forgeOf(file.source.forge) }),
    build: buildOf(file.build),
    service: serviceOf(file.service),
    trust: file.trust,
    environments: promotionOrder(file.environments.map(environmentOf)),
  };
}

function buildOf({ outputLimit, dockerfile, image, ...rest }: PipelineFile['build']): BuildSpec {
  return {
    ...rest,
    outputLimitBytes: outputLimit,
    ...(dockerfile === undefined ? {} : { image: { from: 'dockerfile', path: dockerfile } }),
    ...(image === undefined ? {} : { image: { from: 'file', path: image } }),
  };
}

/** Where the two that everybody uses answer; `pipeline-rules.ts` asks for the address of others. */
const usualApi: Readonly<Partial<Record<ForgeSpec['kind'], string>>> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
};

function forgeOf({ api, ...rest }: NonNullable<PipelineFile['source']['forge']>): ForgeSpec {
  return { ...rest, api: (api ?? usualApi[rest.kind] ?? '').replace(/\/+$/, '') };
}

function serviceOf({ health, ...rest }: PipelineFile['service']): ServiceSpec {
  return { ...rest, health: healthOf(health) };
}

function healthOf(health: PipelineFile['service']['health']): HealthCheck {
  return 'path' in health ? { kind: 'http', ...health } : { kind: 'process', settle: health.process };
}

function environmentOf(file: EnvironmentFile): EnvironmentSpec {
  const defaults = defaultsOf(file.kind);
  const after = afterOf(file.after);
  const target = file.target ?? { kind: 'process' };
  return {
    name: file.name,
    kind: file.kind,
    hosting: file.hosting ?? defaults.hosting,
    after,
    triggers: triggersOf(file.trigger) ?? defaultTriggers(file.kind, after.environments.length > 0),
    gates: file.gates?.map(gateOf) ?? defaultGates(file.kind, after.environments.length > 0),
    verification: verificationOf(file.verify),
    queue: file.queue ?? defaults.queue,
    rollback: file.rollback ?? defaults.rollback,
    target,
    ...(file.traffic === undefined ? {} : { traffic: file.traffic }),
    ...(file.limits === undefined ? {} : { limits: limitsOf(file.limits) }),
    ...(file.instances === undefined ? {} : { instances: file.instances }),
    ...(file.resources === undefined ? {} : { resources: file.resources }),
    rollout: file.rollout === undefined ? defaultRollout(file.kind, target) : rolloutOf(file.rollout),
    database: databaseOf(file.database),
    settings: { ...defaults.settings, ...file.settings },
    variables: Object.fromEntries(
      Object.entries(file.variables ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? { value } : value,
      ]),
    ),
  };
}

function verificationOf(verify: EnvironmentFile['verify']): EnvironmentSpec['verification'] {
  if (verify === 'none') return verify;
  const commands = verify.commands.map(({ junit, ...command }) =>
    junit === undefined ? command : { ...command, report: { format: 'junit' as const, path: junit } },
  );
  return { ...verify, commands };
}

function afterOf(after: EnvironmentFile['after']): EnvironmentSpec['after'] {
  if (after === undefined) return { mode: 'all', environments: [] };
  if ('any' in after) return { mode: 'any', environments: after.any };
  return { mode: 'all', environments: 'all' in after ? after.all : after };
}

function triggersOf(trigger: EnvironmentFile['trigger']): readonly TriggerSpec[] | undefined {
  if (trigger === undefined) return undefined;
  return (Array.isArray(trigger) ? trigger : [trigger]).map(triggerOf);
}

function triggerOf(trigger: Exclude<NonNullable<EnvironmentFile['trigger']>, readonly unknown[]>): TriggerSpec {
  if (trigger.on !== 'schedule') return trigger;
  const { on, grace, ...schedule } = trigger;
  return { on, schedule, ...(grace === undefined ? {} : { grace }) };
}

type FileGate = NonNullable<EnvironmentFile['gates']>[number];

function gateOf(gate: FileGate): GateSpec {
  if (gate.gate === 'approval') return { ...gate, count: gate.count ?? Math.max(1, placesOf(gate)) };
  if (gate.gate === 'custom') return customOf(gate);
  if (gate.gate !== 'window') return gate;
  return { gate: 'window', window: { zone: gate.zone, allow: gate.allow ?? [], deny: gate.deny ?? [] } };
}

/** One of the two ways to ask is written; `gate-rules.ts` has seen to it. */
function customOf({ gate, name, timeout, ...asked }: Extract<FileGate, { gate: 'custom' }>): GateSpec {
  const { run, webhook, secret } = asked;
  if (run !== undefined) return { gate, name, timeout, run };
  return { gate, name, timeout, webhook: webhook!, secret: secret! };
}

function databaseOf(database: EnvironmentFile['database']): DatabaseSpec {
  if (database === undefined) return { kind: 'none' };
  return typeof database === 'string' ? { kind: database } : { kind: 'external', secret: database.secret };
}
