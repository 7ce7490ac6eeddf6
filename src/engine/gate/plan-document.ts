/** What a deployment would change, told from records alone: the same for whoever reads the plan, accepts it or keeps it. */
import type { Digest } from '../../domain/base/digest.ts';
import type { EnvironmentSpec, VariableSpec } from '../../domain/pipeline/environment.ts';
import { canShareTraffic } from '../../domain/pipeline/defaults.ts';
import { limitsInForce, limitsSentence } from '../../domain/pipeline/traffic-limits.ts';
import { planOf } from '../../domain/rollout/all.ts';
import { describeStep } from '../../domain/rollout/rollout.ts';
import type { DeploymentRow, Environment, StoredRelease, Transaction } from '../../ports/store.ts';
import { snapshotOf } from '../promotion/deployment.ts';
import { titled } from '../views/present.ts';
import type { PlanView } from '../views/views.ts';

export type PlanDocument = Pick<
  PlanView,
  'environment' | 'release' | 'replaces' | 'planHash' | 'artifact' | 'direction' | 'migrations' | 'variables' | 'steps'
>;

export interface Before {
  readonly release: StoredRelease | undefined;
  readonly deployment: DeploymentRow | undefined;
}

/** What runs there now, and how it was started. */
export async function beforeOf(tx: Transaction, { deployment }: Environment): Promise<Before> {
  const row = deployment === undefined ? undefined : await tx.deployments.get(deployment);
  return { deployment: row, release: row === undefined ? undefined : await tx.releases.get(row.release) };
}

export function planDocument(
  environment: Environment,
  release: StoredRelease,
  { before, planHash }: { before: Before; planHash: Digest },
): PlanDocument {
  const running = before.release;
  return {
    environment: environment.spec.name,
    release: titled(release),
    replaces: running === undefined ? null : titled(running),
    planHash,
    artifact: release.content.artifact,
    direction: directionOf(running, release),
    migrations: compare(namesOf(running), namesOf(release)),
    variables: compare(
      variablesOf(before.deployment?.snapshot.variables),
      variablesOf(snapshotOf(environment, release).variables),
    ),
    steps: stepsOf(environment, release),
  };
}

function directionOf(running: StoredRelease | undefined, release: StoredRelease): PlanView['direction'] {
  if (running === undefined) return 'first';
  if (running.id === release.id) return 'again';
  return release.number > running.number ? 'forward' : 'back';
}

function stepsOf({ spec }: Environment, { content }: StoredRelease): readonly string[] {
  const deployStep = deployStepOf(spec, content.service.start ?? '');
  return [
    ...(content.service.migrate === undefined ? [] : [`migrate: \`${content.service.migrate}\``]),
    deployStep,
    ...(spec.limits === undefined
      ? []
      : [`hold requests to ${limitsSentence(limitsInForce(spec.limits, spec.traffic))}`]),
    ...planOf(spec.rollout, spec.instances ?? 1).steps.map((step) => `rollout: ${describeStep(step)}`),
    ...(spec.verification === 'none'
      ? []
      : spec.verification.commands.map(({ name, run }) => `verify ${name}: \`${run}\``)),
  ];
}

function deployStepOf({ target, rollout }: EnvironmentSpec, start: string): string {
  if (target.kind === 'command')
    return target.deploy === '' ? 'record it (no deploy command)' : `run \`${target.deploy}\``;
  return rollout.strategy === 'recreate' || !canShareTraffic(target)
    ? `stop what runs, start \`${start}\`, wait until it is ready`
    : `start \`${start}\` beside what runs, lead requests there when it is ready, then stop what ran`;
}

function namesOf(release: StoredRelease | undefined): ReadonlyMap<string, string> {
  return new Map((release?.content.migrations ?? []).map(({ path, digest }) => [path, digest]));
}

function variablesOf(variables: Readonly<Record<string, VariableSpec>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(variables ?? {}).map(([name, variable]) => [name, JSON.stringify(variable)]));
}

function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    changed: [...after].filter(([name, value]) => before.has(name) && before.get(name) !== value).map(([name]) => name),
    removed: [...before.keys()].filter((name) => !after.has(name)),
  };
}
