/** The world as `src/main.ts` assembles it for `liftlock up`, without the API: the real store, jobs and targets. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createForge } from '../src/adapters/forge/forge.ts';
import { createMeters } from '../src/adapters/meters/meters.ts';
import { createMail } from '../src/adapters/outgoing/mail.ts';
import { createOutgoing } from '../src/adapters/outgoing/outgoing.ts';
import { createPasskeys } from '../src/adapters/passkeys/webauthn.ts';
import { createArtifacts } from '../src/adapters/artifacts/artifacts.ts';
import { createClock } from '../src/adapters/clock/system.ts';
import { createGitSource } from '../src/adapters/git/source.ts';
import { createJobs } from '../src/adapters/jobs/dbos.ts';
import { createLog } from '../src/adapters/log/log.ts';
import { createEnvironmentDatabases } from '../src/adapters/postgres/environment-databases.ts';
import { openNotary } from '../src/adapters/notary/notary.ts';
import { openStore } from '../src/adapters/postgres/store.ts';
import { createProbe } from '../src/adapters/probe/probe.ts';
import { createSignatures } from '../src/adapters/signatures/signatures.ts';
import { createProcesses } from '../src/adapters/processes/processes.ts';
import { createContents } from '../src/adapters/contents/contents.ts';
import { createAttestations } from '../src/adapters/evidence/attestations.ts';
import { createReports } from '../src/adapters/evidence/reports.ts';
import { createFileSecrets } from '../src/adapters/secrets/file-secrets.ts';
import { createCommandTarget } from '../src/adapters/targets/command/command-target.ts';
import { edgeIn } from '../test/world/edge.ts';
import { createProcessTarget } from '../src/adapters/targets/process/process-target.ts';
import { createWebhooks } from '../src/adapters/webhooks/webhooks.ts';
import { createWorkspaces } from '../src/adapters/workspaces/workspaces.ts';
import type { Digest } from '../src/domain/base/digest.ts';
import { makeId, type ReplicaId } from '../src/domain/base/id.ts';
import { createLeases } from '../src/engine/leases.ts';
import { startSequencer } from '../src/engine/audit/sequence.ts';
import { startReplica, usualPace } from '../src/engine/replica.ts';
import type { World } from '../src/engine/world.ts';
import { dockerTargetOf, imagesAt } from '../test/make/images.ts';

export interface RunningWorld {
  readonly world: World;
  stop(): Promise<void>;
}

export const migrationsDirectory = join(import.meta.dirname, '..', 'migrations');

/** Starts one worker on the database, at the pace and with the limits of `liftlock up`. */
export async function startWorld({ directory, url }: { directory: string; url: string }): Promise<RunningWorld> {
  const clock = createClock();
  const log = createLog({ level: 'warn' });
  const replica = makeId('rpl', clock.now(), randomBytes(10)) as ReplicaId;
  const jobs = await createJobs({ url, replica, concurrency: { deploy: 32, build: 2 }, log });
  const store = await openStore({
    url,
    migrationsDirectory,
    log,
    enqueueWith: jobs.enqueueOn,
    sealKey: new Uint8Array(32),
  });
  const artifacts = createArtifacts({ directory: join(directory, 'artifacts') });
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const workspaces = createWorkspaces({ directory: join(directory, 'workspaces') });
  const probe = createProbe();
  const reports = createReports();
  const world: World = {
    clock,
    log,
    store,
    jobs,
    replica,
    artifacts,
    images: imagesAt(),
    processes,
    workspaces,
    random: (bytes) => randomBytes(bytes),
    sha256,
    source: createGitSource({ directory: join(directory, 'repositories') }),
    signatures: createSignatures(),
    databases: createEnvironmentDatabases({ adminUrl: url, key: randomBytes(32) }),
    secrets: createFileSecrets({ directory: join(directory, 'secrets') }),
    passkeys: createPasskeys(),
    outgoing: createOutgoing({ allowHosts: [] }),
    meters: createMeters({ outgoing: createOutgoing({ allowHosts: [] }), probe }),
    mail: createMail({ allowHosts: [] }),
    forge: createForge({ outgoing: createOutgoing({ allowHosts: [] }) }),
    webhooks: createWebhooks({ key: new Uint8Array(32) }),
    reports,
    contents: createContents({ directory: join(directory, 'evidence') }),
    attestations: createAttestations(randomBytes(32), reports),
    leases: createLeases({ store, clock, replica }),
    targets: {
      process: createProcessTarget({ artifacts, processes, probe, clock, traffic: edgeIn(directory, processes) }),
      docker: dockerTargetOf({ artifacts, probe, clock, traffic: edgeIn(directory, processes) }),
      command: createCommandTarget({ artifacts, processes, workspaces, probe, clock }),
    },
    host: {
      variables: {},
      variable: () => undefined,
      dataDirectory: async (name) => name,
      ports: { first: 7500, last: 7999 },
    },
  };
  const worker = await startReplica(world, jobs, { version: 'bench', pace: usualPace });
  const notary = await openNotary({
    keyFile: join(directory, `${replica}.key`),
    lastSignedFile: join(directory, `${replica}.checkpoint`),
  });
  const sequencer = startSequencer({ world, audit: store.audit, notary });
  return {
    world,
    async stop() {
      await worker.stop();
      await sequencer.stop();
      await store.close();
    },
  };
}

export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}
