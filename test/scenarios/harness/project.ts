/** A project whose deployments leave traces: each command writes to the journal of its environment when it begins and when it ends. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../world/make.ts';
import type { Client } from './client.ts';

export const projectName = 'traced';

/** What release `number` does, told by its number alone, so that every right end is known beforehand. */
export function rightOutcome(number: number): 'succeeded' | 'failed' | 'errored' {
  if (number % 5 === 3) return 'errored';
  return number % 5 === 4 ? 'failed' : 'succeeded';
}

/** `>>` opens with O_APPEND and each printf is one write, so lines of two commands would mix but never tear. */
const trace = `say() { printf '%s %s %s %s\\n' "$1" "$LIFTLOCK_RELEASE_NUMBER" "$$" "$(date +%s)" >> "$JOURNALS/$LIFTLOCK_ENVIRONMENT.$what"; }`;

const deployScript = `#!/bin/sh
what=deploy
${trace}
say start
sleep "\${PAUSE:-0.$(printf '%03d' $((50 + (LIFTLOCK_RELEASE_NUMBER * 97 + \${#LIFTLOCK_ENVIRONMENT} * 53) % 350)))}"
say end
[ $((LIFTLOCK_RELEASE_NUMBER % 5)) -ne 3 ] || { echo "this release cannot be deployed"; exit 1; }
`;

const verifyScript = `#!/bin/sh
what=verify
${trace}
say start
sleep 0.05
say end
[ $((LIFTLOCK_RELEASE_NUMBER % 5)) -ne 4 ] || { echo "this release does not work"; exit 1; }
`;

export interface Repository {
  readonly path: string;
  commit(title: string): void;
}

export function makeRepository(directory: string): Repository {
  const path = join(directory, 'repository');
  mkdirSync(path);
  const git = (...args: string[]): void => {
    const settings = [
      '-c',
      'user.name=Ada Example',
      '-c',
      'user.email=ada@example.org',
      '-c',
      'commit.gpgSign=false',
      '-c',
      'gc.auto=0',
    ];
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      LC_ALL: 'C',
    };
    execFileSync('git', [...settings, ...args], { cwd: path, env, stdio: 'pipe' });
  };
  git('init', '--quiet', '--initial-branch=main');
  for (const [name, script] of [
    ['deploy.sh', deployScript],
    ['verify.sh', verifyScript],
  ] as const) {
    writeFileSync(join(path, name), script);
    chmodSync(join(path, name), 0o755);
  }
  return {
    path,
    commit(title) {
      writeFileSync(join(path, 'title.txt'), title);
      git('add', '--all');
      git('commit', '--quiet', '-m', title);
    },
  };
}

export interface EnvironmentText {
  readonly name: string;
  /** Lines of YAML that differ from the usual, without indentation. */
  readonly more?: readonly string[];
}

/** Takes every commit of main in, since only what some environment wants is built; its promotions deploy nothing. */
export const intake = 'intake';

/** Beside the intake every environment is by itself, started by hand, in the order asked. */
export function pipelineText(journals: string, environments: readonly EnvironmentText[]): string {
  const quoted = JSON.stringify(journals);
  const texts = environments.map(({ name, more = [] }) =>
    [
      `name: ${name}`,
      'kind: staging',
      ...(more.some((line) => line.startsWith('gates:')) ? [] : ['gates: []']),
      'trigger: { on: manual }',
      'queue: queue',
      'rollback: manual',
      ...(more.some((line) => line.startsWith('after:')) ? [] : ['after: []']),
      'target: { kind: command, deploy: ./deploy.sh }',
      'verify: { commands: [{ name: check, run: ./verify.sh }] }',
      ...(more.some((line) => line.startsWith('variables:')) ? [] : [`variables: { JOURNALS: ${quoted} }`]),
      ...more,
    ]
      .map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`)
      .join('\n'),
  );
  const first = `  - { name: ${intake}, kind: ci, trigger: { on: main }, verify: none, target: { kind: command, deploy: "" } }`;
  return `version: 1\nproject: ${projectName}\nsource: { main: main, poll: 1h }\ntrust: { signatures: none, separation: none }\nenvironments:\n${first}\n${texts.join('\n')}\n`;
}

/** Applies the pipeline and makes releases 1 to `count`, one after another. */
export async function makeReleases(
  client: Client,
  wish: { repository: Repository; text: string; count: number },
): Promise<void> {
  const { repository, text, count } = wish;
  await client.post('/api/v1/projects', { text, source: repository.path });
  for (let number = 1; number <= count; number++) {
    repository.commit(`release ${number}`);
    await client.post(`/api/v1/projects/${projectName}/notify`, {});
    await until(async () => (await newest(client)) === number, `release ${number} is built`);
  }
}

async function newest(client: Client): Promise<number | undefined> {
  const { releases } = await client.get<{ releases: readonly { number: number }[] }>(
    `/api/v1/projects/${projectName}/releases?limit=1`,
  );
  return releases[0]?.number;
}

export function promote(
  client: Client,
  wish: { release: number; environment: string; key?: string },
): Promise<{ promotion: string }> {
  const { release, environment, key } = wish;
  return client.post(
    `/api/v1/projects/${projectName}/promotions`,
    { release: String(release), environment },
    key === undefined ? {} : { key },
  );
}
