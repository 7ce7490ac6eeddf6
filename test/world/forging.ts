/** What tests of signatures do to a repository, and to the registry, beside committing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePerson } from './api-server.ts';
import { query } from './make.ts';
import { addKey, type Scene } from './signing.ts';

/** Somebody with these roles, and a key for this case alone. Answers the handle, which is also the name of the key. */
export async function member(
  scene: Scene,
  prefix: string,
  { roles = ['maintainer'], key }: { roles?: Parameters<typeof makePerson>[1]; key?: readonly string[] } = {},
): Promise<string> {
  const handle = `${prefix}-${scene.name}`;
  await makePerson(scene.api, roles, { handle });
  await addKey(scene.api, { person: handle }, scene.team.makeKey(handle, key));
  return handle;
}

export async function fingerprintOf({ api }: Scene, handle: string): Promise<string> {
  const signers = await api.store.transaction((tx) => tx.signers.list());
  return signers.find(({ owner }) => owner.by === 'person' && owner.handle === handle)!.fingerprint;
}

/** Time passes for one key only. */
export async function expire(scene: Scene, handle: string): Promise<void> {
  const values = [Date.now() - 1_000, await fingerprintOf(scene, handle)];
  await query(scene.api.database.url, 'update signers set expires_at = $1 where fingerprint = $2', values);
}

/** A branch with one commit; main is checked out again. */
export function branch(scene: Scene, name: string, commit: { title: string; by?: string }): void {
  scene.git('checkout', '-q', '-b', name);
  scene.commit(commit.title, commit.by);
  scene.git('checkout', '-q', 'main');
}

/** Commits with variables that decide about dates or keyrings. */
export function commitWith(
  scene: Scene,
  settings: readonly string[],
  variables: Readonly<Record<string, string>>,
): string {
  writeFileSync(join(scene.api.git.root, scene.name, 'special.txt'), 'special');
  scene.git('add', '--all');
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const env = {
    PATH: process.env['PATH'],
    HOME: scene.api.git.root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...variables,
  };
  const args = [...who, ...settings, 'commit', '-q', '-S', '-m', 'special'];
  const ended = spawnSync('git', args, { cwd: join(scene.api.git.root, scene.name), env });
  assert.equal(ended.status, 0, ended.stderr.toString());
  return scene.head();
}

/** The bytes of an unsigned commit on top of main. */
export function unsignedChild(scene: Scene, title: string): string {
  const id = scene.git('commit-tree', '-p', 'HEAD', '-m', title, 'HEAD^{tree}');
  return `${scene.git('cat-file', 'commit', id)}\n`;
}

export function withSignature(payload: string, armor: string): string {
  const end = payload.indexOf('\n\n');
  return `${payload.slice(0, end)}\ngpgsig ${armor.trimEnd().split('\n').join('\n ')}${payload.slice(end)}`;
}

/** Makes main the commit with these bytes. */
export function plant(scene: Scene, content: string): string {
  const id = plantObject(scene, 'commit', content);
  scene.git('reset', '-q', '--hard', id);
  return id;
}

export function plantObject({ api, name }: Scene, type: 'commit' | 'tag', content: string): string {
  return api.git.git(name, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], { input: content });
}

/** Git, trusting exactly these people's keys, finds the signature good. */
export function gitIsSatisfied(
  scene: Scene,
  object: string,
  { command = 'verify-commit', trusting = ['mara', 'rhea', 'dev'], until }: GitTrust = {},
): void {
  const { api, team } = scene;
  const allowed = join(api.git.root, `allowed-${scene.name}`);
  const limit = until === undefined ? '' : `valid-before="${until}" `;
  writeFileSync(allowed, trusting.map((name) => `${name}@example.org ${limit}${team.publicKeyOf(name)}\n`).join(''));
  const settings = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`];
  const asked = spawnSync('git', [...settings, command, object], { cwd: join(api.git.root, scene.name) });
  assert.equal(asked.status, 0, `git says: ${asked.stderr.toString()}${asked.stdout.toString()}`);
}

export interface GitTrust {
  readonly command?: 'verify-commit' | 'verify-tag';
  /** Names of keys. */
  readonly trusting?: readonly string[];
  /** A day, as `allowed_signers` writes it. */
  readonly until?: string;
}
