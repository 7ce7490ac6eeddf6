/** The world of one control plane: every port, and who answers it here. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createArtifacts } from '../adapters/artifacts/artifacts.ts';
import { createContents } from '../adapters/contents/contents.ts';
import { createAttestations } from '../adapters/evidence/attestations.ts';
import { createReports } from '../adapters/evidence/reports.ts';
import { createForge } from '../adapters/forge/forge.ts';
import { createGitSource } from '../adapters/git/source.ts';
import { createMeters } from '../adapters/meters/meters.ts';
import { createMail } from '../adapters/outgoing/mail.ts';
import { createOutgoing } from '../adapters/outgoing/outgoing.ts';
import { createPasskeys } from '../adapters/passkeys/webauthn.ts';
import { createEnvironmentDatabases } from '../adapters/postgres/environment-databases.ts';
import { createProbe } from '../adapters/probe/probe.ts';
import { createProcesses } from '../adapters/processes/processes.ts';
import { createFileSecrets } from '../adapters/secrets/file-secrets.ts';
import { createSignatures } from '../adapters/signatures/signatures.ts';
import { createCommandTarget } from '../adapters/targets/command/command-target.ts';
import { isTaken } from '../adapters/targets/beside/port.ts';
import { createDockerTarget } from '../adapters/targets/docker/docker-target.ts';
import { createEngine } from '../adapters/targets/docker/engine.ts';
import { createImages } from '../adapters/targets/docker/image-task.ts';
import { createProcessTarget } from '../adapters/targets/process/process-target.ts';
import { createWebhooks } from '../adapters/webhooks/webhooks.ts';
import { createWorkspaces } from '../adapters/workspaces/workspaces.ts';
import { hostVariable, hostVariables } from '../config.ts';
import type { Digest } from '../domain/base/digest.ts';
import type { ReplicaId } from '../domain/base/id.ts';
import { createLeases } from '../engine/leases.ts';
import type { World } from '../engine/world.ts';
import type { Home } from '../host/home.ts';
import { homeNameOf } from './containers.ts';
import { createLeaders } from './leaders.ts';
import type { Storage } from './storage.ts';

const ownPath = fileURLToPath(import.meta.url);
const imageProgram = join(dirname(ownPath), `image-program${extname(ownPath)}`);

const firstServicePort = 7500;
const lastServicePort = 7999;
const portsInBlock = 10;

export function assemble(parts: {
  home: Home;
  clock: World['clock'];
  log: World['log'];
  storage: Storage;
  store: World['store'];
  jobs: World['jobs'];
  replica: ReplicaId;
  keySeed: string;
  version: string;
  evidenceSeed: string;
  variables: Readonly<Record<string, string>>;
  allowHosts: readonly string[];
  dockerHost: string | undefined;
}): World {
  const { home, clock, log, store, jobs, replica } = parts;
  const artifacts = createArtifacts({ directory: home.artifacts });
  const processes = createProcesses({ directory: home.processes, nodePath: process.execPath });
  const workspaces = createWorkspaces({ directory: home.workspaces });
  const probe = createProbe();
  const outgoing = createOutgoing({ allowHosts: parts.allowHosts });
  const traffic = createLeaders({ clock, processes }, parts);
  const reports = createReports();
  return {
    clock,
    log,
    store,
    jobs,
    replica,
    artifacts,
    images: createImages({ dockerHost: parts.dockerHost, nodePath: process.execPath, program: imageProgram }),
    processes,
    workspaces,
    random: (bytes) => randomBytes(bytes),
    sha256: (content) => `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest,
    source: createGitSource({ directory: home.repositories }),
    signatures: createSignatures(),
    databases: createEnvironmentDatabases({
      adminUrl: parts.storage.environmentsUrl,
      key: createHmac('sha256', parts.keySeed).update('environment databases').digest(),
    }),
    secrets: createFileSecrets({ directory: home.secrets }),
    passkeys: createPasskeys(),
    outgoing,
    meters: createMeters({ outgoing, probe }),
    mail: createMail({ allowHosts: parts.allowHosts }),
    forge: createForge({ outgoing }),
    webhooks: createWebhooks({ key: createHmac('sha256', parts.keySeed).update('webhooks').digest() }),
    reports,
    contents: createContents({ directory: home.evidence }),
    attestations: createAttestations(Buffer.from(parts.evidenceSeed, 'base64url'), reports),
    leases: createLeases({ store, clock, replica }),
    targets: {
      process: createProcessTarget({ artifacts, processes, probe, clock, traffic }),
      docker: createDockerTarget({
        engine: createEngine(parts),
        artifacts,
        probe,
        clock,
        traffic,
        home: homeNameOf(parts.keySeed),
      }),
      command: createCommandTarget({ artifacts, processes, workspaces, probe, clock }),
    },
    host: {
      variables: { ...hostVariables(), ...parts.variables },
      variable: (name) => parts.variables[name] ?? hostVariable(name),
      dataDirectory: async (name) => {
        const directory = join(home.data, name);
        await mkdir(directory, { recursive: true, mode: 0o700 });
        return directory;
      },
      ports: {
        first: firstServicePort,
        last: lastServicePort,
        begin: beginOf(home),
        isFree: async (port) => !(await isTaken(port)),
      },
    },
  };
}

/**
 * Where a home begins to look for ports of its services. Homes differ, so that two projects that start side by side
 * seldom want the same port before either listens there.
 */
function beginOf({ directory }: Home): number {
  const blocks = Math.floor((lastServicePort - firstServicePort + 1) / portsInBlock);
  const block = createHash('sha256').update(directory).digest().readUInt32BE() % blocks;
  return firstServicePort + block * portsInBlock;
}
