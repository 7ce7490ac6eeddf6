/** `Images` with a Docker engine: what becomes part of an artifact, and what comes back out of it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inspectImage, loadImage, removeTag, tagImage, tagsOf } from '../../src/adapters/targets/docker/images.ts';
import { readImageRecord } from '../../src/adapters/targets/docker/image-record.ts';
import type { ImageWish, Images } from '../../src/ports/images.ts';
import { engine, putProject, withoutDocker } from '../world/docker.ts';
import { imagesAt } from '../make/images.ts';

const skip = await withoutDocker();
const dockerfile = 'FROM scratch\nARG GREETING\nCOPY . /\nLABEL greeting=$GREETING\nCMD ["/busybox", "ls"]\n';

let directory = '';
const made = new Set<string>();

before(async () => (directory = await mkdtemp(join(tmpdir(), 'liftlock images '))));

after(async () => {
  for (const id of made) await engine.tell({ method: 'DELETE', path: `/images/${id}`, also: [404, 409] });
  await rm(directory, { recursive: true, force: true });
});

interface Result {
  readonly code: number;
  readonly output: string;
}

function carryOut(place: string, wish: Partial<ImageWish>, images: Images = imagesAt()): Promise<Result> {
  const whole = { output: '.', variables: {}, labels: {}, spec: { from: 'dockerfile', path: 'Dockerfile' }, ...wish };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', images.command(whole as ImageWish)], { cwd: place }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
    );
  });
}

async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const place = join(directory, name);
  await putProject(place, files);
  return place;
}

async function built(place: string, wish: Partial<ImageWish> = {}): Promise<string> {
  const { code, output } = await carryOut(place, wish);
  assert.equal(code, 0, output);
  const { id } = await readImageRecord(join(place, wish.output ?? '.'));
  made.add(id);
  return id;
}

/** What a command in a container of the image prints. */
async function printed(id: string, command: readonly string[]): Promise<string> {
  const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
    execFile('docker', ['run', '--rm', '--network', 'none', '--entrypoint', '/busybox', id, ...command], (error, out) =>
      error === null ? resolve({ stdout: out }) : reject(error),
    );
  });
  return stdout;
}

describe('the image of a release', { skip, timeout: 120_000 }, () => {
  test('is built from the Dockerfile, and kept with the output', async () => {
    const place = await project('plain', { Dockerfile: dockerfile, 'www/index.html': 'hello' });
    const id = await built(place, { variables: { GREETING: 'good morning' }, labels: { origin: 'here' } });
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.equal((await inspectImage(engine, id))?.id, id);
    assert.equal(await printed(id, ['cat', '/www/index.html']), 'hello');
    assert.ok((await stat(join(place, '.liftlock-image/image.tar'))).size > 1_000_000);
  });

  test('comes back with the same digest on an engine that has lost it', async () => {
    const place = await project('lost', { Dockerfile: dockerfile, 'www/index.html': 'lost and found' });
    const id = await built(place);
    await engine.tell({ method: 'DELETE', path: `/images/${id}` });
    assert.equal(await inspectImage(engine, id), undefined);
    await loadImage(engine, createReadStream(join(place, '.liftlock-image/image.tar')));
    assert.deepEqual((await inspectImage(engine, id))?.layers, (await readImageRecord(place)).layers);
    assert.equal(await printed(id, ['cat', '/www/index.html']), 'lost and found');
  });

  test('holds nothing that .dockerignore names, what is taken back excepted', async () => {
    const place = await project('ignoring', {
      Dockerfile: dockerfile,
      '.dockerignore': 'secret*\nnotes\n!notes/kept.md\nDockerfile\n',
      'secret.key': 'x',
      'notes/a.md': 'a',
      'notes/kept.md': 'k',
    });
    const id = await built(place);
    const names = (await printed(id, ['find', '/', '-xdev', '-type', 'f'])).split('\n');
    assert.ok(names.includes('/notes/kept.md'), names.join(' '));
    assert.ok(!names.some((name) => /secret|a\.md/.test(name)), names.join(' '));
  });

  test('a Dockerfile below, with an ignore file of its own, and another output', async () => {
    const place = await project('below', {
      'deploy/Dockerfile': dockerfile,
      'deploy/Dockerfile.dockerignore': 'b.txt',
      'a.txt': 'a',
      'b.txt': 'b',
      'out/x': 'x',
    });
    const id = await built(place, { output: 'out', spec: { from: 'dockerfile', path: 'deploy/Dockerfile' } });
    const names = await printed(id, ['ls', '/']);
    assert.ok(names.includes('a.txt') && !names.includes('b.txt'), names);
  });

  test('an instruction that says no fails the build with what it printed', async () => {
    const text = 'FROM scratch\nCOPY busybox /busybox\nRUN ["/busybox", "sh", "-c", "echo the reason; exit 3"]\n';
    const { code, output } = await carryOut(await project('failing', { Dockerfile: text }), {});
    assert.equal(code, 1);
    assert.match(output, /the reason/);
    assert.match(output, /returned a non-zero code: 3/);
  });

  test('a Dockerfile that is not there is named', async () => {
    const { code, output } = await carryOut(await project('none', {}), {});
    assert.equal(code, 1);
    assert.match(output, /there is no Dockerfile in this commit/);
  });

  test('an engine that is not there is an error that says so, and no failure of the build', async () => {
    const place = await project('unreached', { Dockerfile: dockerfile });
    const { code, output } = await carryOut(place, {}, imagesAt(`unix://${directory}/no.sock`));
    assert.equal(code, 75, output);
    assert.match(output, /there is no such socket/);
    assert.match(output, /DOCKER_HOST/);
  });

  test('one that the build made itself is taken by the digest that it wrote down', async () => {
    const id = await built(await project('source', { Dockerfile: dockerfile, a: 'taken' }));
    const place = await project('taking', { 'image.txt': `${id}\n` });
    const taken = await built(place, { spec: { from: 'file', path: 'image.txt' } });
    assert.equal(taken, id);
    assert.equal((await readImageRecord(place)).reference, id);
  });

  test('a name without a digest is refused, and so is a digest that nobody has', async () => {
    const byName = await project('by-name', { 'image.txt': 'example/shop:latest' });
    const named = await carryOut(byName, { spec: { from: 'file', path: 'image.txt' } });
    assert.equal(named.code, 1);
    assert.match(named.output, /does not name an image by its digest: "example\/shop:latest"/);
    const unknown = await project('unknown', { 'image.txt': `sha256:${'0'.repeat(64)}` });
    const missing = await carryOut(unknown, { spec: { from: 'file', path: 'image.txt' } });
    assert.equal(missing.code, 1);
    assert.match(missing.output, /does not have sha256:0000/);
    const none = await carryOut(unknown, { spec: { from: 'file', path: 'other.txt' } });
    assert.match(none.output, /was to write the digest of its image into other.txt/);
  });

  test('tags keep images, and taking the last one away removes what nothing uses', async () => {
    const place = await project('tagged', { Dockerfile: dockerfile, a: 'tagged' });
    const id = await built(place);
    await tagImage(engine, id, { repository: 'liftlock-test-tags', tag: 'one' });
    await tagImage(engine, id, { repository: 'liftlock-test-tags', tag: 'two' });
    assert.deepEqual((await tagsOf(engine, 'liftlock-test-tags')).map(({ tag }) => tag).sort(), ['one', 'two']);
    assert.ok(await removeTag(engine, 'liftlock-test-tags', 'one'));
    assert.notEqual(await inspectImage(engine, id), undefined);
    assert.ok(await removeTag(engine, 'liftlock-test-tags', 'two'));
    assert.equal(await inspectImage(engine, id), undefined);
    assert.ok(await removeTag(engine, 'liftlock-test-tags', 'two'));
  });
});
