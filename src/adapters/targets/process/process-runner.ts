/** Instances as processes of this machine, each under its keeper. */
import { Failure } from '../../../domain/base/failure.ts';
import type { DeploymentId, EnvironmentId } from '../../../domain/base/id.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Processes, RunState } from '../../../ports/processes.ts';
import type { Deployment } from '../../../ports/target.ts';
import { hasListener } from '../../../system/listeners.ts';
import { freePort, isTaken } from '../beside/port.ts';
import type { Run, Runner, Slot } from '../beside/runner.ts';

export interface ProcessRunnerParts {
  readonly artifacts: Artifacts;
  readonly processes: Processes;
}

const logging = { logFileBytes: 10 * 2 ** 20, logFiles: 5 };
const restarting = { restartMinMs: 250, restartMaxMs: 30_000 };

const here = '127.0.0.1';
const anyService = 'service/';
export function createProcessRunner({ artifacts, processes }: ProcessRunnerParts): Runner {
  return {
    requireStartable: (deployment) => void startCommandOf(deployment),
    bring: async ({ release }) => void (await artifacts.unpack(release.artifact)),
    start: async (deployment, slot, given) => {
      const directory = await artifacts.unpack(deployment.release.artifact);
      const key = keyOf(deployment.environment.id, slot);
      const port =
        deployment.port === undefined ? undefined : (given ?? (await freePort(key, await givenPorts(processes))));
      await processes.start({
        key,
        command: startCommandOf(deployment),
        directory,
        hide: deployment.hide,
        ...(deployment.resources === undefined ? {} : { resources: deployment.resources }),
        environment: {
          ...deployment.variables,
          LIFTLOCK_INSTANCE: String(slot.instance),
          ...(port === undefined ? {} : { PORT: String(port) }),
        },
        lifetime: { kind: 'service', ...logging, ...restarting },
        ...(port === undefined ? {} : { note: String(port) }),
      });
    },
    keyOf,
    inspect: processes.inspect,
    list: async (environment) =>
      (await processes.list(prefixOf(environment))).map(({ key, state }) => runOf(environment, key, state)),
    stop: async (key, graceMs) => void (await processes.stop(key, graceMs)),
    tail: processes.tail,
    usage: processes.usage,
    // To try to listen there is left to platforms that do not tell: a service that opens its port just then would find it taken.
    listens: async ({ port }) => (await hasListener(port)) ?? isTaken(port),
    async stillListens({ port }) {
      const seen = await hasListener(port);
      // What holds a port without listening itself, as an engine does for a container, was enough at the beginning.
      return seen === false ? isTaken(port) : seen;
    },
    forget: processes.forget,
  };
}

function startCommandOf({ service, release }: Deployment): string {
  if (service.start !== undefined) return service.start;
  throw new Failure('target/unsupported', `release #${release.number} does not say how its service starts`, {
    hint: 'Write service.start in the pipeline file, or give the environment a target of kind command.',
  });
}

function prefixOf(environment: EnvironmentId): string {
  return `${anyService}${environment}/`;
}

/** `…/<deployment>`, for every other instance `…/<deployment>/<instance>`, and `…/<deployment>/<instance>/<attempt>` after it was started anew. */
function keyOf(environment: EnvironmentId, { deployment, instance, attempt }: Slot): string {
  const numbers = attempt > 0 ? [instance, attempt] : instance > 1 ? [instance] : [];
  return [`${prefixOf(environment)}${deployment}`, ...numbers].join('/');
}

function runOf(environment: EnvironmentId, key: string, state: RunState): Run {
  const [deployment = '', instance = '1', attempt = '0'] = key.slice(prefixOf(environment).length).split('/');
  const note = state.state === 'running' ? state.note : undefined;
  return {
    key,
    deployment: deployment as DeploymentId,
    instance: Number(instance),
    attempt: Number(attempt),
    state,
    address: note === undefined ? undefined : { host: here, port: Number(note) },
  };
}

/** Ports that services of this machine have, or were given and do not listen at yet. */
async function givenPorts(processes: Processes): Promise<ReadonlySet<number>> {
  const services = await processes.list(anyService);
  return new Set(
    services.flatMap(({ state }) =>
      state.state === 'running' && state.note !== undefined ? [Number(state.note)] : [],
    ),
  );
}
