/** Instances in containers of this machine's Docker engine. What they are is written on them: nothing else remembers it. */
import { Failure } from '../../../domain/base/failure.ts';
import type { DeploymentId, EnvironmentId } from '../../../domain/base/id.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Deployment } from '../../../ports/target.ts';
import { freePort } from '../beside/port.ts';
import type { Run, Runner, Slot } from '../beside/runner.ts';
import { bringImage } from './bring-image.ts';
import { configOf, labels } from './container-config.ts';
import {
  createContainer,
  inspectContainer,
  leaveStopped,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
  tailOf,
  usageOf,
  type Container,
} from './containers.ts';
import type { Engine } from './engine.ts';
import { hiddenOf } from './hidden-values.ts';
import { answersAt } from './listening.ts';
import { mayComeBack, stateOf } from './run-state.ts';

export interface DockerRunnerParts {
  readonly engine: Engine;
  readonly artifacts: Artifacts;
  readonly clock: Clock;
  /** Tells our containers from those of another home on the same engine. */
  readonly home: string;
}

const here = '127.0.0.1';
/** Somebody may take a port between our look and the start. */
const mostPorts = 5;

export function createDockerRunner(parts: DockerRunnerParts): Runner {
  const { engine, home } = parts;
  const keyOf = (_: EnvironmentId, { deployment, instance, attempt }: Slot): string =>
    ['liftlock', home, deployment, instance, ...(attempt > 0 ? [attempt] : [])].join('-');
  const inspect = async (key: string) => {
    const container = await settled(parts, key);
    return container === undefined ? ({ state: 'absent' } as const) : stateOf(container);
  };
  return {
    requireStartable: requireDocker,
    bring: async (deployment) => void (await bringImage(parts, deployment)),
    start: (deployment, slot, given) =>
      start(parts, { deployment, slot, given, name: keyOf(deployment.environment.id, slot) }),
    keyOf,
    inspect,
    list: async (environment) => {
      const listed = await listContainers(engine, { [labels.home]: home, [labels.environment]: environment });
      const containers = await Promise.all(listed.map(({ id }) => settled(parts, id)));
      return containers.flatMap((container) => (container === undefined ? [] : runOf(container)));
    },
    async stop(key, graceMs) {
      await leaveStopped(engine, key);
      await stopContainer(engine, key, graceMs);
    },
    tail: async (key, bytes) => {
      const container = await inspectContainer(engine, key);
      if (container === undefined) return '';
      if (container.State.Status === 'created') return container.State.Error;
      return hiddenOf(container, await tailOf(engine, key, bytes));
    },
    usage: (key) => usageOf(engine, key),
    ownHealth: async (key) => (await inspectContainer(engine, key))?.State.Health?.Status,
    listens: answersAt,
    forget: (key) => removeContainer(engine, key),
  };
}

interface Start {
  readonly deployment: Deployment;
  readonly slot: Slot;
  readonly given: number | undefined;
  readonly name: string;
}

/** R40: the name is the key. Whoever finds it taken goes on with what is there, and starts it only when it was never started. */
async function start(parts: DockerRunnerParts, wish: Start): Promise<void> {
  const { engine, home } = parts;
  const { deployment, slot, given, name } = wish;
  for (let left = mostPorts; ; left--) {
    const found = await inspectContainer(engine, name);
    if (found === undefined) {
      const image = await bringImage(parts, deployment);
      const port =
        deployment.port === undefined ? undefined : (given ?? (await freePort(name, await givenPorts(parts))));
      await createContainer(engine, name, configOf({ deployment, slot, port, image, home })).catch(
        unless('NAME_TAKEN'),
      );
      continue;
    }
    requireOurs(found, { home, name });
    if (stateOf(found).state !== 'absent') return;
    const refused = await startContainer(engine, name).then(() => undefined, reasonOf);
    if (refused === undefined || refused === 'NOT_STARTED') return;
    // Its port belongs to it from the beginning: another port is another container.
    await removeContainer(engine, name);
    if (given !== undefined || left === 0)
      throw new Failure('target/failed', `port ${found.Config.Labels?.[labels.port]} of ${name} is taken`, {
        hint: 'End what listens there, then deploy again.',
      });
  }
}

/** What the engine refused for another reason is thrown on. */
function reasonOf(thrown: unknown): 'PORT_TAKEN' | 'NOT_STARTED' {
  const { reason } = thrown as { reason?: string };
  if (thrown instanceof Failure && (reason === 'PORT_TAKEN' || reason === 'NOT_STARTED')) return reason;
  throw thrown;
}

function unless(reason: string): (thrown: unknown) => void {
  return (thrown) => {
    if (!(thrown instanceof Failure) || thrown.reason !== reason) throw thrown;
  };
}

function requireOurs({ Config }: Container, { home, name }: { home: string; name: string }): void {
  if (Config.Labels?.[labels.home] === home) return;
  throw new Failure('target/failed', `a container that Liftlock did not start has the name ${name}`, {
    hint: `docker rename or docker rm it, then deploy again.`,
  });
}

/** Ports of containers that do not run now, too: they get them back when their engine starts them. */
async function givenPorts({ engine, home }: DockerRunnerParts): Promise<ReadonlySet<number>> {
  const ours = await listContainers(engine, { [labels.home]: home });
  return new Set(
    ours.flatMap((one) => (one.labels[labels.port] === undefined ? [] : [Number(one.labels[labels.port])])),
  );
}

const comesBackMs = 3_000;
const endedLatelyMs = 60_000;
const lookMs = 200;

/** As it stands once its engine has had time to start it again. */
async function settled({ engine, clock }: DockerRunnerParts, name: string): Promise<Container | undefined> {
  const begin = clock.now();
  for (;;) {
    const container = await inspectContainer(engine, name);
    if (container === undefined || !mayComeBack(container)) return container;
    const ended = begin - Date.parse(container.State.FinishedAt);
    if (ended > endedLatelyMs || clock.now() - begin >= comesBackMs) return container;
    await clock.sleep(lookMs);
  }
}

/** None for one that was made and never started: a start that was interrupted goes on with it. */
function runOf(container: Container): readonly Run[] {
  const state = stateOf(container);
  const said = container.Config.Labels ?? {};
  if (state.state === 'absent') return [];
  const port = said[labels.port];
  return [
    {
      key: container.Name.replace(/^\//, ''),
      deployment: (said[labels.deployment] ?? '') as DeploymentId,
      instance: Number(said[labels.instance]),
      attempt: Number(said[labels.attempt]),
      state,
      address: port === undefined || state.state !== 'running' ? undefined : { host: here, port: Number(port) },
    },
  ];
}

function requireDocker({ target, environment }: Deployment): void {
  if (target.kind !== 'docker')
    throw new Failure('target/unsupported', `${environment.name} has a target of kind ${target.kind}, not docker`);
}
