/** What a container is started with. Labels are seen by everybody who may list containers: no value of a variable is among them. */
import { hexOf } from '../../../domain/base/digest.ts';
import { secretsIn } from '../../../domain/base/hidden.ts';
import { Failure } from '../../../domain/base/failure.ts';
import type { ResourceSpec } from '../../../domain/pipeline/resource-spec.ts';
import type { Deployment } from '../../../ports/target.ts';
import type { Slot } from '../beside/runner.ts';
import { dataPath, volumeOf } from './volumes.ts';

export const labels = {
  home: 'liftlock.home',
  project: 'liftlock.project',
  /** Its id; its name may be another one tomorrow. */
  environment: 'liftlock.environment',
  name: 'liftlock.environment-name',
  release: 'liftlock.release',
  artifact: 'liftlock.artifact',
  deployment: 'liftlock.deployment',
  instance: 'liftlock.instance',
  attempt: 'liftlock.attempt',
  /** At which its instance answers on this machine. */
  port: 'liftlock.port',
  /** Names of the variables whose values are hidden in what it writes. */
  hidden: 'liftlock.hidden',
} as const;

export interface ContainerWish {
  readonly deployment: Deployment;
  readonly slot: Slot;
  readonly port: number | undefined;
  /** The digest of the image. */
  readonly image: string;
  readonly home: string;
}

/** As `POST /containers/create` takes it (Docker Engine API 1.41). */
export function configOf(wish: ContainerWish): object {
  const { deployment, slot, port, image, home } = wish;
  const { target, service } = deployment;
  if (target.kind !== 'docker')
    throw new Failure('target/unsupported', `a target of kind ${target.kind} has no containers`);
  const onHost = target.network === 'host';
  const inside = port === undefined ? undefined : onHost ? port : target.containerPort;
  const variables = {
    ...deployment.variables,
    LIFTLOCK_INSTANCE: String(slot.instance),
    LIFTLOCK_DATA: dataPath,
    ...(inside === undefined ? {} : { PORT: String(inside) }),
  };
  const published = inside !== undefined && !onHost;
  return {
    Image: image,
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(wish),
    StopTimeout: Math.ceil(service.stopGrace / 1_000),
    // Liftlock asks the service itself; asking twice costs a process inside each time.
    ...(service.health.kind === 'http' ? { Healthcheck: { Test: ['NONE'] } } : {}),
    ...(published ? { ExposedPorts: { [`${inside}/tcp`]: {} } } : {}),
    HostConfig: {
      NetworkMode: target.network,
      ...(published ? { PortBindings: { [`${inside}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] } } : {}),
      // Back after its own end, that of the engine and that of the machine, with nobody of us there.
      RestartPolicy: { Name: 'unless-stopped' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
      SecurityOpt: ['no-new-privileges'],
      // Made by the engine when it is not there yet.
      Mounts: [
        { Type: 'volume', Source: volumeOf(deployment, home), Target: dataPath, VolumeOptions: volumeOptionsOf(wish) },
      ],
      ...limitsOf(deployment.resources ?? {}),
    },
  };
}

function volumeOptionsOf({ deployment: { project, environment }, home }: ContainerWish): object {
  return {
    Labels: {
      [labels.home]: home,
      [labels.project]: project.name,
      [labels.environment]: environment.id,
      [labels.name]: environment.name,
    },
  };
}

/** As for processes, swap does not help out. */
function limitsOf({ memory, cpu, processes, openFiles }: ResourceSpec): object {
  return {
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(cpu === undefined ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
    ...(processes === undefined ? {} : { PidsLimit: processes }),
    ...(openFiles === undefined ? {} : { Ulimits: [{ Name: 'nofile', Soft: openFiles, Hard: openFiles }] }),
  };
}

function labelsOf({ deployment, slot, port, home }: ContainerWish): Readonly<Record<string, string>> {
  const { project, environment, release, variables, hide } = deployment;
  const looksSecret = new Set(secretsIn(variables));
  const hidden = Object.entries(variables).filter(([, value]) => hide.includes(value.trim()) || looksSecret.has(value));
  return {
    [labels.home]: home,
    [labels.project]: project.name,
    [labels.environment]: environment.id,
    [labels.name]: environment.name,
    [labels.release]: String(release.number),
    [labels.artifact]: hexOf(release.artifact),
    [labels.deployment]: slot.deployment,
    [labels.instance]: String(slot.instance),
    [labels.attempt]: String(slot.attempt),
    ...(port === undefined ? {} : { [labels.port]: String(port) }),
    [labels.hidden]: hidden.map(([name]) => name).join(' '),
  };
}
