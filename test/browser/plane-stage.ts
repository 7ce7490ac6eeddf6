/** A control plane of its own process with the console, a service under real requests, and people in front of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { StatusView } from '../../src/api/contract/environments.ts';
import type { RolloutView } from '../../src/api/contract/rollouts.ts';
import type { Role } from '../../src/domain/access/role.ts';
import { makeDatabase, until } from '../world/make.ts';
import { createClient, type Client } from '../scenarios/harness/client.ts';
import { makeStage } from '../scenarios/harness/stage.ts';
import { serviceProgram, type Behaviour } from '../scenarios/rollout-stage.ts';
import { builtConsole } from './built-console.ts';
import { openChromium } from './chromium.ts';

export interface PlaneStage {
  readonly browser: Browser;
  readonly client: Client;
  /** Where users of the environment are led. */
  address(environment: string): Promise<string>;
  status(): Promise<StatusView>;
  rollout(): Promise<RolloutView>;
  /** Commits a release that behaves so, and waits until it is verified in staging; answers its number. */
  release(title: string, behaviour?: Behaviour): Promise<number>;
  /** Asks for it in production by the API, with the word of two people. */
  begin(release: number): Promise<void>;
  /** The same, and waits until it serves there. */
  bringToProduction(release: number): Promise<void>;
  /** Somebody with these roles, in front of the console's first page. */
  enter(handle: string, roles: readonly Role[], context?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

const project = '/api/v1/projects/shop';
/** Generous: what is awaited comes in seconds, on a busy machine in many. */
const patience = 60_000;

export async function openPlaneStage(steps: string): Promise<PlaneStage> {
  const [stage, browser, consoleDirectory, database] = await Promise.all([
    makeStage(),
    openChromium(),
    builtConsole(),
    makeDatabase(),
  ]);
  const repository = join(stage.directory, 'repository');
  mkdirSync(repository);
  const pipeline = pipelineWith(steps);
  const git = (...words: string[]) => execFileSync('git', [...settings, '-C', repository, ...words]);
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(repository, 'liftlock.yaml'), pipeline);
  writeFileSync(join(repository, 'server.js'), serviceProgram);
  const member = stage.start('plane', {
    roles: { serve: true, work: true },
    consoleDirectory,
    databaseUrl: database.url,
  });
  const ready = await member.ready;
  const client = createClient(() => ready);
  let made = 0;
  const self: PlaneStage = {
    browser,
    client,
    status: () => client.get(`${project}/status`),
    rollout: () => client.get(`${project}/environments/production/rollout`),
    async address(environment) {
      return (await self.status()).environments.find(({ name }) => name === environment)!.url!;
    },
    async release(title, behaviour = {}) {
      const number = ++made;
      writeFileSync(join(repository, 'behaviour.json'), JSON.stringify({ ...behaviour, name: `release ${number}` }));
      git('add', '.');
      git('commit', '--quiet', '-m', title);
      if (number === 1) await client.post('/api/v1/projects', { text: pipeline, source: repository });
      await client.post(`${project}/notify`, {});
      await until(() => serves('staging', number), `release ${number} in staging`);
      return number;
    },
    async begin(release) {
      const place = `${project}/environments/production`;
      await client.post(`${project}/promotions`, { release: String(release), environment: 'production' });
      for (const as of ['dee', 'eli']) await client.post(`${place}/approve`, { release: String(release) }, { as });
    },
    async bringToProduction(release) {
      await self.begin(release);
      await until(() => serves('production', release), `release ${release} in production`);
    },
    async enter(handle, roles, context = {}) {
      await client.post('/api/v1/people', { handle, name: handle });
      for (const role of roles) await client.post('/api/v1/grants', { person: handle, role });
      const { path } = await client.post<{ path: string }>(`/api/v1/people/${handle}/link`, {});
      const page = await (await browser.newContext({ baseURL: ready.url!, ...context })).newPage();
      page.setDefaultTimeout(patience);
      await page.goto(path);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Liftlock' }).waitFor();
      return page;
    },
    async close() {
      await browser.close();
      await stage.remove();
      await database.drop();
    },
  };
  const serves = async (environment: string, release: number) => {
    const found = (await self.status()).environments.find(({ name }) => name === environment);
    return found?.running?.release.number === release && found.running.verdict === 'PASS' && found.active === null;
  };
  return self;
}

const settings = ['user.name=Fay', 'user.email=fay@example.org', 'commit.gpgsign=false'].flatMap((one) => ['-c', one]);

/** Production takes releases by canary, with the word of two people who had no hand in them. */
function pipelineWith(steps: string): string {
  return `version: 1
project: shop
source: { main: main, poll: 1s }
trust: { signatures: none, separation: two-person }
service: { start: exec node server.js, health: { path: /healthz, deadline: 20s } }
environments:
  - name: staging
    kind: staging
    after: []
    trigger: { on: main }
    gates: []
    rollout: { strategy: all-at-once }
    verify: { commands: [{ name: smoke, run: "true" }] }
  - name: production
    kind: production
    after: [staging]
    trigger: { on: manual }
    gates: [{ gate: approval, count: 2 }]
    verify: { commands: [{ name: smoke, run: "true" }] }
    rollout:
      strategy: canary
      users: none
      keep: 5s
      analysis: { minRequests: 20, warmUp: 200ms, errorRate: 20%, p95: 2s, dryRun: [latency] }
      steps: [${steps}]
`;
}
