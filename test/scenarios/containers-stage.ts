/** A control plane whose releases are images, built from a Dockerfile, with a service that behaves as its files say. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containersOfHome } from '../../src/main/containers.ts';
import { putProject } from '../world/docker.ts';
import { makeDatabase, until } from '../world/make.ts';
import { createClient, type Client } from './harness/client.ts';
import type { Member } from './harness/member.ts';
import { makeStage } from './harness/stage.ts';

export interface Promotion {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
}

export interface ContainersStage {
  readonly client: Client;
  readonly home: string;
  /** Commits a release that answers its number, or status 500; answers the number. */
  commit(behaviour?: { broken?: boolean; starts?: boolean }): Promise<number>;
  /** The promotion of a release into an environment, once it has ended. */
  ended(release: number, environment: string): Promise<Promotion>;
  started(release: number, environment: string): Promise<Promotion>;
  url(environment: string): Promise<string>;
  killControlPlane(): Promise<void>;
  /** Starts it again after `reboot`, which ends everything else of the machine. */
  restartAfter(reboot: () => Promise<void>): Promise<void>;
  remove(): Promise<void>;
}

export const project = '/api/v1/projects/boxed';

const dockerfile = `FROM scratch
COPY busybox /bin/busybox
COPY www /www
COPY start.sh /start.sh
CMD ["/bin/busybox", "sh", "/start.sh"]
`;

/** `rollout`: of production. `network`: of every container. */
export async function makeContainersStage({
  rollout,
  network = 'bridge',
  dockerHost,
}: {
  rollout: string;
  network?: string;
  dockerHost?: string;
}): Promise<ContainersStage> {
  const stage = await makeStage();
  const database = await makeDatabase();
  const repository = join(stage.directory, 'repository');
  const verify = `"'${process.execPath}' -e 'fetch(process.env.LIFTLOCK_URL).then((a) => process.exit(a.status < 500 ? 0 : 1))'"`;
  const pipeline = `version: 1
project: boxed
source: { main: main, poll: 1s }
trust: { signatures: none, separation: none }
build: { dockerfile: Dockerfile }
service: { health: { path: /healthz, deadline: 30s }, stopGrace: 1s }
environments:
  - name: testing
    kind: testing
    trigger: { on: main }
    target: { kind: docker, network: ${network} }
    verify: { commands: [{ name: answers, run: ${verify} }] }
  - name: production
    kind: production
    after: [testing]
    trigger: { on: success }
    gates: []
    target: { kind: docker, network: ${network} }
    verify: none
    variables: { GREETING: hello }
    rollout: ${rollout}
`;
  await putProject(repository, { 'liftlock.yaml': pipeline, Dockerfile: dockerfile, 'www/healthz': 'well' });
  mkdirSync(join(repository, 'www/cgi-bin'), { recursive: true });
  const settings = ['user.name=Ann', 'user.email=ann@example.org', 'commit.gpgsign=false'];
  const git = (...words: string[]) =>
    execFileSync('git', [...settings.flatMap((one) => ['-c', one]), '-C', repository, ...words]);
  git('init', '--quiet', '--initial-branch=main');
  let starts = 0;
  const order = {
    roles: { serve: true, work: true },
    databaseUrl: database.url,
    ...(dockerHost === undefined ? {} : { dockerHost }),
  };
  const start = (): Member => stage.start(`plane-${++starts}`, order);
  let member = start();
  let ready = await member.ready;
  const client = createClient(() => ready);
  let made = 0;

  const promotionOf = async (release: number, environment: string, wanted: (one: Promotion) => boolean) => {
    let found: Promotion | undefined;
    await until(
      async () => {
        const path = `${project}/promotions?environment=${environment}&limit=20`;
        const { promotions } = await client.get<{ promotions: (Promotion & { release: { number: number } })[] }>(path);
        found = promotions.find((one) => one.release.number === release && wanted(one));
        return found !== undefined;
      },
      `the promotion of release ${release} into ${environment}`,
      90_000,
    );
    return found!;
  };

  const self: ContainersStage = {
    client,
    home: stage.home,
    async commit({ broken = false, starts: doesStart = true } = {}) {
      const number = ++made;
      const head = `${broken ? 'Status: 500 Broken\\r\\n' : ''}Content-Type: text/plain\\r\\n\\r\\n`;
      const answer = `#!/bin/busybox sh\nprintf '${head}release ${number}\\n'\n`;
      const script = doesStart
        ? `echo release ${number} starts\nexec /bin/busybox httpd -f -p $PORT -h /www\n`
        : 'echo no way; exit 3\n';
      writeFileSync(join(repository, 'www/cgi-bin/answer'), answer);
      chmodSync(join(repository, 'www/cgi-bin/answer'), 0o755);
      writeFileSync(join(repository, 'start.sh'), script);
      git('add', '.');
      git('commit', '--quiet', '-m', `release ${number}`);
      if (number === 1) await client.post('/api/v1/projects', { text: pipeline, source: repository });
      await client.post(`${project}/notify`, {});
      return number;
    },
    ended: (release, environment) => promotionOf(release, environment, ({ state }) => state === 'ended'),
    started: (release, environment) => promotionOf(release, environment, ({ state }) => state === 'running'),
    async url(environment) {
      const { environments } = await client.get<{ environments: { name: string; url: string }[] }>(`${project}/status`);
      return `${environments.find(({ name }) => name === environment)!.url}/cgi-bin/answer`;
    },
    killControlPlane: () => self.restartAfter(() => Promise.resolve()),
    async restartAfter(reboot) {
      await member.kill();
      await reboot();
      member = start();
      ready = await member.ready;
    },
    async remove() {
      await member.kill();
      const containers = await containersOfHome(stage.home, dockerHost ?? process.env['DOCKER_HOST']);
      await containers.removeAll().finally(() => stage.remove());
      await database.drop();
    },
  };
  return self;
}
