/** A real API server on a real store for tests: real Git, builds and command targets; jobs run when a test says so. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCiIdentities } from '../../src/adapters/oidc/ci-identities.ts';
import { createMeters } from '../../src/adapters/meters/meters.ts';
import { createMail } from '../../src/adapters/outgoing/mail.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { createPasskeys } from '../../src/adapters/passkeys/webauthn.ts';
import { createArtifacts } from '../../src/adapters/artifacts/artifacts.ts';
import { createClock } from '../../src/adapters/clock/system.ts';
import { createForge } from '../../src/adapters/forge/forge.ts';
import { createGitSource } from '../../src/adapters/git/source.ts';
import { createMachine } from '../../src/adapters/machine/machine.ts';
import { openNotary } from '../../src/adapters/notary/notary.ts';
import { createEnvironmentDatabases } from '../../src/adapters/postgres/environment-databases.ts';
import type { PostgresStore } from '../../src/adapters/postgres/store.ts';
import { createProbe } from '../../src/adapters/probe/probe.ts';
import { createSignatures } from '../../src/adapters/signatures/signatures.ts';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { createContents } from '../../src/adapters/contents/contents.ts';
import { createAttestations } from '../../src/adapters/evidence/attestations.ts';
import { createReports } from '../../src/adapters/evidence/reports.ts';
import { createFileSecrets } from '../../src/adapters/secrets/file-secrets.ts';
import { createCommandTarget } from '../../src/adapters/targets/command/command-target.ts';
import { edgeIn, endEdge } from './edge.ts';
import { createProcessTarget } from '../../src/adapters/targets/process/process-target.ts';
import { createWebhooks } from '../../src/adapters/webhooks/webhooks.ts';
import { createWorkspaces } from '../../src/adapters/workspaces/workspaces.ts';
import { startServer, type ApiServer, type ServerOptions } from '../../src/api/server.ts';
import { sweepContributors } from '../../src/engine/gate/contributors.ts';
import { createLeases } from '../../src/engine/leases.ts';
import { reconcile } from '../../src/engine/promotion/reconcile.ts';
import { handle as handleJob } from '../../src/engine/replica.ts';
import type { AuditParts } from '../../src/engine/audit/sequence.ts';
import type { World } from '../../src/engine/world.ts';
import type { Role } from '../../src/domain/access/role.ts';
import type { PersonId, TokenId } from '../../src/domain/base/id.ts';
import { instant, type Instant } from '../../src/domain/base/time.ts';
import type { Transaction } from '../../src/ports/store.ts';
import type { Job } from '../../src/ports/jobs.ts';
import type { Log } from '../../src/ports/log.ts';
import { gitWorld, type GitWorld } from '../contracts/git-world.ts';
import { makeDatabase, newId, openTestStore, sha256, silent, type TestDatabase } from './make.ts';
import { dockerTargetOf, imagesAt } from '../make/images.ts';

/** Of `tess`, who has every role of a one-person installation on every project. */
export const token = `liftlock_${'0'.repeat(26)}_${'t'.repeat(52)}`;
export const tester = 'tess';

export interface ApiWorld {
  readonly server: ApiServer;
  readonly store: PostgresStore;
  readonly audit: AuditParts;
  readonly world: World;
  readonly git: GitWorld;
  readonly database: TestDatabase;
  /** Runs the jobs that were queued, and those that they queue, to their end. */
  work(): Promise<void>;
  /** Another server on the same store. */
  another(options?: Partial<ServerOptions>): Promise<ApiServer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** JSON as it came. What a test expects of it, it asserts; the contract is held against it in api-answers.test.ts. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Loose;
}

export async function apiWorld(options: { log?: Log; change?: (world: World) => World } = {}): Promise<ApiWorld> {
  const log = options.log ?? silent;
  const directory = await mkdtemp(join(tmpdir(), 'liftlock api '));
  const git = gitWorld();
  const database = await makeDatabase();
  const queue: Job[] = [];
  const store = await openTestStore(database.url, { enqueueWith: async (_, job) => void queue.push(job) });
  const clock = createClock();
  const replica = newId('rpl');
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const artifacts = createArtifacts({ directory: join(directory, 'artifacts') });
  const workspaces = createWorkspaces({ directory: join(directory, 'workspaces') });
  const probe = createProbe();
  const outgoing = createOutgoing({ allowHosts: [] });
  const reports = createReports();
  const assembled: World = {
    clock,
    log,
    store,
    replica,
    processes,
    artifacts,
    images: imagesAt(),
    workspaces,
    jobs: { kick: () => undefined },
    random: (bytes) => randomBytes(bytes),
    sha256,
    source: createGitSource({ directory: join(directory, 'repositories') }),
    signatures: createSignatures(),
    databases: createEnvironmentDatabases({
      adminUrl: database.url,
      key: createHash('sha256').update(directory).digest(),
    }),
    secrets: createFileSecrets({ directory: join(directory, 'secrets') }),
    passkeys: createPasskeys(),
    outgoing,
    meters: createMeters({ outgoing, probe }),
    mail: createMail({ allowHosts: [] }),
    forge: createForge({ outgoing }),
    webhooks: createWebhooks({ key: createHash('sha256').update(directory).digest() }),
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
      variables: { PATH: process.env['PATH'] ?? '', HOME: directory },
      variable: () => undefined,
      dataDirectory: async (name) => {
        await mkdir(join(directory, 'data', name), { recursive: true });
        return join(directory, 'data', name);
      },
      ports: { first: 7900, last: 7999 },
    },
  };
  const world = options.change?.(assembled) ?? assembled;
  const notary = await openNotary({
    keyFile: join(directory, 'audit.key'),
    lastSignedFile: join(directory, 'audit.checkpoint'),
  });
  const audit: AuditParts = { audit: store.audit, notary };
  const servers: ApiServer[] = [];
  const another = async (changes: Partial<ServerOptions> = {}) => {
    const server = await startServer({
      world,
      feed: store.events,
      audit,
      listen: { host: '127.0.0.1', port: 0 },
      log,
      version: '0.0.0-test',
      ciIdentities: createCiIdentities(world.outgoing),
      machine: createMachine({ home: directory, isEmbedded: false }),
      ...changes,
    });
    servers.push(server);
    return server;
  };
  await store.transaction((tx) => addTester(tx, clock.now()));
  const server = await another();
  return {
    server,
    store,
    audit,
    world,
    git,
    database,
    another,
    async work() {
      do {
        for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
          await handleJob(world, job, new AbortController().signal);
          const now = clock.now();
          for (const id of await store.transaction((tx) => tx.environments.due(now, 100))) await reconcile(world, id);
        }
        await sweepContributors(world);
      } while (queue.length > 0);
    },
    get: (path, headers) => ask(server, path, { headers: headers ?? {} }),
    post: (path, body = {}, headers) =>
      ask(server, path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async close() {
      await endEdge(processes);
      await Promise.all(servers.map((each) => each.stop()));
      await store.close();
      await database.drop();
      git.remove();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function addTester(tx: Transaction, now: Instant): Promise<void> {
  const id: PersonId = newId('per');
  const person = { id, handle: tester, name: 'Tess Tester', emails: [], createdAt: now, disabledAt: undefined };
  await tx.people.insert({ ...person, createdBy: 'test' });
  for (const role of ['admin', 'developer', 'qa', 'maintainer', 'release-manager'] as const)
    await giveRole(tx, id, role);
  const [, name, secret] = token.split('_');
  await tx.tokens.insert({
    id: `tok_${name}` as TokenId,
    secretHash: sha256(secret!),
    name: 'tests',
    person: id,
    machine: undefined,
    projects: undefined,
    actions: undefined,
    createdAt: now,
    expiresAt: (now + 86_400_000) as Instant,
    lastUsedAt: undefined,
    revokedAt: undefined,
  });
}

async function giveRole(tx: Transaction, person: PersonId, role: Role): Promise<void> {
  const grant = { id: newId('grt'), person, role, project: undefined, from: instant(0), until: undefined };
  await tx.grants.insert({ ...grant, grantedBy: 'test', reason: undefined, revokedAt: undefined });
}

export interface TestPerson {
  readonly handle: string;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

let persons = 0;

/** Somebody with these roles, on the project named or on all, and a token of his own, made by the means of the API. */
export async function makePerson(
  api: Pick<ApiWorld, 'server' | 'post'>,
  roles: readonly Role[],
  {
    project,
    handle = `person-${++persons}`,
    emails = [],
  }: { project?: string; handle?: string; emails?: readonly string[] } = {},
): Promise<TestPerson> {
  const done = (answer: Answer): Loose => {
    if (answer.status !== 200) throw new Error(`${handle} could not be made: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  done(await api.post('/api/v1/people', { handle, name: handle, emails }));
  for (const role of roles)
    done(await api.post('/api/v1/grants', { person: handle, role, ...(project === undefined ? {} : { project }) }));
  return signIn(api, handle);
}

/** Somebody who is known already, with one more token. */
export async function signIn(api: Pick<ApiWorld, 'server' | 'post'>, handle: string): Promise<TestPerson> {
  const { code } = (await api.post(`/api/v1/people/${handle}/link`)).body;
  const own: string = (await api.post('/api/v1/sign-in', { code })).body.token;
  const authorization = `Bearer ${own}`;
  return {
    handle,
    token: own,
    get: (path, headers) => ask(api.server, path, { headers: { authorization, ...headers } }),
    post: (path, body = {}, headers) =>
      ask(api.server, path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', authorization, ...headers },
      }),
  };
}

export async function ask(
  server: Pick<ApiServer, 'url'>,
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
  const text = await response.text();
  const json = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** Environments that only record what is deployed: development, then staging, then production with an approval. */
export function pipelineFile(
  project: string,
  changes: {
    verifyStaging?: string;
    build?: string;
    trust?: string;
    signatures?: string;
    approval?: string;
    /** Before the approval of production. */
    gates?: readonly string[];
  } = {},
): string {
  return `version: 1
project: ${project}
trust: { signatures: ${changes.signatures ?? 'none'}, ${changes.trust ?? 'separation: none'} }
build: { commands: [${JSON.stringify(changes.build ?? 'echo built')}] }
environments:
  - { name: development, kind: development, trigger: { on: main }, verify: none, target: { kind: command, deploy: "" } }
  - name: staging
    kind: staging
    after: [development]
    gates: []
    trigger: { on: success }
    verify: { commands: [{ name: smoke, run: ${JSON.stringify(changes.verifyStaging ?? 'true')} }] }
    target: { kind: command, deploy: "" }
  - { name: production, kind: production, after: [staging], trigger: { on: manual }, verify: none, gates: [${(changes.gates ?? []).map((gate) => `${gate}, `).join('')}{ gate: approval, ${changes.approval ?? 'count: 1'} }], target: { kind: command, deploy: "" } }
`;
}

let projects = 0;

/** A project of its own with one commit in its repository; nothing is built yet. */
export async function makeProject(
  api: ApiWorld,
  changes: Parameters<typeof pipelineFile>[1] = {},
): Promise<{ name: string; path: string; repository: string }> {
  const name = `shop-${++projects}`;
  const source = api.git.init(name);
  api.git.commit(name, { 'index.html': '1' }, 'first change');
  const answer = await api.post('/api/v1/projects', { text: pipelineFile(name, changes), source });
  if (answer.status !== 200) throw new Error(`the project was refused: ${JSON.stringify(answer.body)}`);
  return { name, path: `/api/v1/projects/${name}`, repository: name };
}
