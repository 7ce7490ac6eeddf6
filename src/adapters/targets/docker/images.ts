/** What Liftlock asks of an engine about images. They are named by their digest; names and tags move, and say nothing here. */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../../../domain/base/failure.ts';
import type { Engine, EngineRequest } from './engine.ts';
import { refusedBy } from './engine-failure.ts';
import { progressOf } from './progress.ts';

export interface Image {
  /** `sha256:…` */
  readonly id: string;
  /** Digests of the unpacked layers: the same content on every engine. */
  readonly layers: readonly string[];
}

/** Saving, loading and building an image of gigabytes takes what it takes; an engine that says nothing for so long is gone. */
const transferPatienceMs = 600_000;

const image = z.object({
  Id: z.string(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }),
});

/** `undefined` when the engine does not have it. */
export async function inspectImage(engine: Engine, reference: string): Promise<Image | undefined> {
  const path = `/images/${encodeURI(reference)}/json`;
  const found = await engine.ask({ method: 'GET', path }, image).catch(unlessMissing);
  return found && { id: found.Id, layers: found.RootFS.Layers ?? [] };
}

export interface BuildWish {
  /** An archive of the files that the Dockerfile may use. */
  readonly context: Readable;
  /** Its path in the context. */
  readonly dockerfile: string;
  /** Whoever has the image can read them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Answers the digest of the image. @throws Failure `build/failed` when an instruction says no. */
export async function buildImage(engine: Engine, wish: BuildWish, say: (text: string) => void): Promise<string> {
  const stream = await engine.open({
    method: 'POST',
    path: '/build',
    query: {
      dockerfile: wish.dockerfile,
      buildargs: JSON.stringify(wish.variables),
      labels: JSON.stringify(wish.labels),
      rm: '1',
      forcerm: '1',
    },
    body: wish.context,
    // An instruction may be silent for as long as it likes: the time limit is that of the whole build.
    patienceMs: 0,
  });
  let id: string | undefined;
  for await (const step of progressOf(engine.socket, stream)) {
    if (step.stream !== undefined) say(step.stream);
    if (step.status !== undefined) say(`${step.status}\n`);
    if (step.error !== undefined) throw new Failure('build/failed', step.error);
    id = step.aux?.ID ?? id;
  }
  if (id !== undefined) return id;
  throw new Failure('build/failed', 'the Docker engine ended the build without an image', {
    hint: 'Its log may say why: journalctl -u docker.',
  });
}

/** The whole image as an archive that `loadImage` takes, on this engine or another. */
export function saveImage(engine: Engine, id: string): Promise<Readable> {
  return engine.open({ method: 'GET', path: `/images/${encodeURI(id)}/get`, patienceMs: transferPatienceMs });
}

/** What it holds is verified by the engine layer by layer; whether it is what was wanted, by whoever asks for its digest then. */
export async function loadImage(engine: Engine, archive: Readable): Promise<void> {
  await follow(engine, {
    method: 'POST',
    path: '/images/load',
    query: { quiet: '1' },
    body: archive,
    patienceMs: transferPatienceMs,
  });
}

/** `name@sha256:…`, without a sign-in. */
export async function pullImage(engine: Engine, reference: string): Promise<void> {
  await follow(engine, {
    method: 'POST',
    path: '/images/create',
    query: { fromImage: reference },
    patienceMs: transferPatienceMs,
  });
}

export async function tagImage(engine: Engine, id: string, name: { repository: string; tag: string }): Promise<void> {
  await engine.tell({
    method: 'POST',
    path: `/images/${encodeURI(id)}/tag`,
    query: { repo: name.repository, tag: name.tag },
  });
}

const listed = z.array(z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish(), Size: z.number() }));

/** Every tag of a repository of this engine. */
export async function tagsOf(
  engine: Engine,
  repository: string,
): Promise<readonly { readonly tag: string; readonly bytes: number }[]> {
  const query = { filters: JSON.stringify({ reference: [repository] }) };
  const found = await engine.ask({ method: 'GET', path: '/images/json', query }, listed);
  return found.flatMap(({ RepoTags, Size }) =>
    (RepoTags ?? []).flatMap((name) =>
      name.startsWith(`${repository}:`) ? [{ tag: name.slice(repository.length + 1), bytes: Size }] : [],
    ),
  );
}

/** Takes the tag away, and the image with it when nothing else names or uses it. False when something uses it. */
export async function removeTag(engine: Engine, repository: string, tag: string): Promise<boolean> {
  const path = `/images/${encodeURI(`${repository}:${tag}`)}`;
  return (await engine.tell({ method: 'DELETE', path, also: [404, 409] })) !== 409;
}

/** Failures in the middle of a transfer come in an answer that began well. */
async function follow(engine: Engine, request: EngineRequest): Promise<void> {
  for await (const { error } of progressOf(engine.socket, await engine.open(request)))
    if (error !== undefined) throw refusedBy(request, /not found|no such/i.test(error) ? 404 : 500, error);
}

function unlessMissing(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.code === 'image/missing') return undefined;
  throw thrown;
}
