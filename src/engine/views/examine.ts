/** Looks at an installation and at a project: what a server can know of what `liftlock doctor` asks. */
import { administratorsFinding, auditFinding, signersFinding } from '../../domain/checkup/installation.ts';
import {
  backupFinding,
  diskFinding,
  encryptionFinding,
  gitFinding,
  homeFinding,
  limitsFinding,
  nodeFinding,
  userFinding,
} from '../../domain/checkup/machine.ts';
import {
  emergenciesFinding,
  environmentsFinding,
  notificationsFinding,
  proposalFinding,
  repositoryFinding,
  trustFinding,
} from '../../domain/checkup/project.ts';
import type { Finding, Result } from '../../domain/checkup/finding.ts';
import type { EnvironmentSpec } from '../../domain/pipeline/environment.ts';
import type { Machine } from '../../ports/machine.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import type { AuditParts } from '../audit/sequence.ts';
import { status } from './status.ts';
import type { World } from '../world.ts';

export interface Examined {
  readonly machine: Machine;
  readonly audit: AuditParts;
  /** Other machines reach the server; a proxy with TLS stands before it. */
  readonly exposure: { readonly isReachable: boolean; readonly isBehindTls: boolean };
}

export async function examineInstallation(world: World, parts: Examined): Promise<readonly Finding[]> {
  const [machine, log, people] = await Promise.all([
    parts.machine.look(),
    parts.audit.audit.state(),
    world.store.transaction((tx) => lookAtPeople(world, tx)),
  ]);
  return named({
    node: nodeFinding(machine.node),
    git: gitFinding(machine.git),
    disk: diskFinding(machine.freeBytes),
    home: homeFinding(machine.home, machine.isHomeOpen),
    user: userFinding(machine.isRoot),
    limits: limitsFinding(machine.canLimit, people.limiting),
    encryption: encryptionFinding(parts.exposure),
    backups: backupFinding(machine.isEmbedded, machine.home),
    administrators: administratorsFinding(people.administrators),
    signers: signersFinding(people.keys, people.asking),
    'audit log': auditFinding(log.lost),
  });
}

async function lookAtPeople(
  world: World,
  tx: Transaction,
): Promise<{
  administrators: readonly string[];
  keys: number;
  asking: readonly string[];
  limiting: readonly string[];
}> {
  const now = world.clock.now();
  const administrators: string[] = [];
  for (const { id, handle, disabledAt } of await tx.people.list()) {
    const rights = disabledAt === undefined ? await tx.grants.rightsOf(id, now) : [];
    if (rights.some(({ role, project }) => role === 'admin' && project === undefined)) administrators.push(handle);
  }
  const asking: string[] = [];
  const limiting: string[] = [];
  for (const { id, name } of await tx.projects.list()) {
    const revision = await tx.pipelines.current(id);
    if (revision !== undefined && revision.pipeline.trust.signatures !== 'none') asking.push(name);
    limiting.push(...(revision?.pipeline.environments ?? []).filter(wantsGroup).map((spec) => `${name}/${spec.name}`));
  }
  const keys = (await tx.signers.list()).filter(
    ({ revoked, expiresAt }) => revoked === undefined && (expiresAt === undefined || expiresAt > now),
  );
  return { administrators, keys: keys.length, asking, limiting };
}

/** Open files are limited without the kernel's groups. */
function wantsGroup({ target, resources = {} }: EnvironmentSpec): boolean {
  const { memory, cpu, processes } = resources;
  return target.kind === 'process' && [memory, cpu, processes].some((limit) => limit !== undefined);
}

export async function examineProject(world: World, projectName: string | undefined): Promise<readonly Finding[]> {
  const seen = await status(world, projectName);
  const known = await world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, projectName);
    const now = world.clock.now();
    const followUps = await tx.followUps.list(id, mostFollowUps);
    const channels = await tx.channels.list();
    return {
      trust: (await tx.pipelines.current(id))?.pipeline.trust,
      overdue: followUps.filter(({ closed, dueAt }) => closed === undefined && dueAt <= now).map((one) => one.id),
      proposedBy: (await tx.proposals.open(id))?.proposedBy,
      channels: channels.filter(
        ({ project, disabled }) => disabled === undefined && (project === undefined || project === id),
      ).length,
    };
  });
  return named({
    ...(known.trust === undefined ? {} : { 'trust in force': trustFinding(known.trust) }),
    proposal: proposalFinding(known.proposedBy),
    repository: repositoryFinding(seen.source),
    environments: environmentsFinding(seen.environments),
    notifications: notificationsFinding({ undelivered: seen.undelivered, channels: known.channels }),
    emergencies: emergenciesFinding(known.overdue),
  });
}

const mostFollowUps = 200;

function named(results: Readonly<Record<string, Result>>): readonly Finding[] {
  return Object.entries(results).map(([check, result]) => ({ check, ...result }));
}
