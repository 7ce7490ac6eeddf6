/** People with real keys, real roles and a real repository, for tests of what their signatures start. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ProjectId } from '../../src/domain/base/id.ts';
import { refusals } from '../../src/domain/trigger/check.ts';
import { observe } from '../../src/engine/trigger/observe.ts';
import { addSignersIn } from '../../src/engine/trigger/signers.ts';
import type { StoredJudgement } from '../../src/ports/trust.ts';
import { apiWorld, makePerson, type ApiWorld } from './api-server.ts';
import { opensshSigner } from '../contracts/signatures/ssh-keys.ts';

export interface Team {
  /** Settings for git that sign with this person's key. */
  readonly as: (name: string) => readonly string[];
  readonly publicKeyOf: (name: string) => string;
  /** A key that no registry knows yet; answers its public half. */
  makeKey(name: string, options?: readonly string[]): string;
}

/** mara maintains, rhea releases, dev develops; forge.example is a platform. Everybody has an SSH key of that name. */
export async function makeTeam(api: ApiWorld): Promise<Team> {
  const keys = new Map<string, string>();
  const team: Team = {
    as: (name) => ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${join(api.git.root, `key-${name}`)}`],
    publicKeyOf: (name) => keys.get(name)!,
    makeKey(name, options = ['-t', 'ed25519']) {
      const { publicKey } = opensshSigner(api.git.root, `key-${name}`, options);
      keys.set(name, publicKey);
      return publicKey;
    },
  };
  for (const [handle, roles] of [
    ['mara', ['maintainer']],
    ['rhea', ['release-manager']],
    ['dev', ['developer']],
  ] as const) {
    await makePerson(api, roles, { handle, emails: [`${handle}@example.org`] });
    await addKey(api, { person: handle }, team.makeKey(handle));
  }
  await addKey(api, { platform: 'forge.example' }, team.makeKey('forge'));
  return team;
}

/** A control plane and its people, for the tests of a file. */
export function withTeam(use: (cast: Cast) => void): void {
  let api: ApiWorld | undefined;
  before(async () => {
    api = await apiWorld();
    use({ api, team: await makeTeam(api) });
  });
  after(() => api?.close());
}

export interface Cast {
  readonly api: ApiWorld;
  readonly team: Team;
}

/** A test that `make` a commit of main, in a repository of its own, which is judged with these words. */
export function judges(
  cast: () => Cast,
  { expected, what, make }: { expected: string; what: string; make: (scene: Scene) => Promise<string> | string },
): void {
  test(`${expected}: ${what}`, async () => {
    const scene = await makeScene(cast());
    const commit = await make(scene);
    await scene.look();
    assert.equal(await scene.verdict('refs/heads/main', commit), expected);
  });
}

export function addKey(
  api: ApiWorld,
  owner: { person: string } | { platform: string },
  text: string,
): Promise<unknown> {
  const { world } = api;
  return world.store.transaction((tx) => addSignersIn(world, tx, { owner, text, expiresAt: undefined, actor: 'tess' }));
}

export interface Scene {
  readonly api: ApiWorld;
  readonly team: Team;
  readonly project: ProjectId;
  readonly name: string;
  git(...args: readonly string[]): string;
  /** Writes a file and commits, signed when `by` is given; answers the commit. */
  commit(title: string, by?: string): string;
  /** A merge commit of the branch into the one that is checked out. */
  merge(branch: string, by: string | undefined, ...options: readonly string[]): string;
  tag(name: string, by: string, target?: string): string;
  head(): string;
  /** Lets Liftlock look at the repository. */
  look(): Promise<void>;
  /** The same, and carries out everything that follows. */
  settle(): Promise<void>;
  /** `accepted` and what it rests on, or the codes of the refusals. */
  verdict(ref: string, object: string): Promise<string>;
}

let scenes = 0;

/** A repository, known to Liftlock and looked at: with one commit that mara signed, or with unsigned ones of these titles. */
export async function makeScene(
  { api, team }: { api: ApiWorld; team: Team },
  trust = '{ signatures: strict, separation: none }',
  history?: readonly string[],
): Promise<Scene> {
  const name = `trusted-${++scenes}`;
  const path = api.git.init(name);
  const git = (...args: readonly string[]) => api.git.git(name, args);
  let counted = 0;
  const scene: Omit<Scene, 'project'> = {
    api,
    team,
    name,
    git,
    head: () => git('rev-parse', 'HEAD'),
    commit(title, by) {
      writeFileSync(join(path, `${title.replaceAll(/\W/g, '-')}.txt`), `${++counted}`);
      git('add', '--all');
      git(...(by === undefined ? [] : team.as(by)), 'commit', '-q', ...(by === undefined ? [] : ['-S']), '-m', title);
      return git('rev-parse', 'HEAD');
    },
    merge(branch, by, ...options) {
      const sign = by === undefined ? [] : team.as(by);
      git(
        ...sign,
        'merge',
        '-q',
        '--no-ff',
        ...(by === undefined ? [] : ['-S']),
        '-m',
        `merge ${branch}`,
        ...options,
        branch,
      );
      return git('rev-parse', 'HEAD');
    },
    tag(tag, by, target = 'HEAD') {
      git(...team.as(by), 'tag', '-f', '-s', '-m', `release ${tag}`, tag, target);
      return git('rev-parse', `refs/tags/${tag}`);
    },
    async look() {
      await observe(api.world, (await projectOf()).id);
    },
    async settle() {
      await scene.look();
      await api.work();
    },
    async verdict(ref, object) {
      const { id } = await projectOf();
      const row = await api.store.transaction((tx) => tx.judgements.get(id, ref, object));
      return row === undefined ? 'never judged' : told(row);
    },
  };
  const projectOf = async () => (await api.store.transaction((tx) => tx.projects.byName(name)))!;
  mkdirSync(join(path, 'src'));
  for (const title of history ?? []) scene.commit(title);
  if (history === undefined) scene.commit('begin', 'mara');
  const answer = await api.post('/api/v1/projects', { text: pipelineOf(name, trust), source: path });
  if (answer.status !== 200) throw new Error(`the project was refused: ${JSON.stringify(answer.body)}`);
  await scene.look();
  return { ...scene, project: (await projectOf()).id };
}

function told(row: StoredJudgement): string {
  return row.accepted ? `accepted: ${row.basis}` : refusals(row).join(' ');
}

/** Environments that only record what is deployed; their gates are trust alone. */
function pipelineOf(project: string, trust: string): string {
  return `version: 1
project: ${project}
source: { main: main, poll: 1h }
trust: ${trust}
environments:
  - { name: development, kind: development, trigger: { on: commit, branches: ["**"] }, gates: [], verify: none, target: { kind: command, deploy: "" } }
  - { name: staging, kind: staging, after: [development], trigger: { on: main }, gates: [], verify: none, target: { kind: command, deploy: "" } }
  - { name: production, kind: production, after: [staging], trigger: { on: tag, pattern: "*" }, gates: [], verify: none, target: { kind: command, deploy: "" } }
`;
}
