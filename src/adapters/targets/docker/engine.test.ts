import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { z } from 'zod';
import { asFailure, type Failure } from '../../../domain/base/failure.ts';
import { createEngine, type Engine, type EngineRequest } from './engine.ts';

let directory = '';
let server: Server | undefined;

before(async () => (directory = await mkdtemp(join(tmpdir(), 'liftlock engine '))));
after(() => rm(directory, { recursive: true, force: true }));
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Something that listens at a socket as an engine does, and answers as told. */
async function engineThat(answer: RequestListener, version = '1.41'): Promise<Engine> {
  const socket = join(directory, `${Math.random()}.sock`);
  server = createServer((request, response) => {
    if (request.url !== '/_ping') return answer(request, response);
    response.setHeader('api-version', version).end('OK');
  });
  await new Promise<void>((resolve) => server!.listen(socket, resolve));
  return createEngine({ dockerHost: `unix://${socket}` });
}

async function failureOf(engine: Engine, request: Partial<EngineRequest> = {}): Promise<Failure> {
  return engine.ask({ method: 'GET', path: '/x', ...request }, z.object({ ok: z.literal(true) })).then(
    () => assert.fail('it succeeded'),
    (error: unknown) => asFailure(error),
  );
}

const refusing = (status: number, message: string) =>
  engineThat((_, response) => response.writeHead(status).end(JSON.stringify({ message })));

test('an engine is asked in the newest version that both speak', async () => {
  const seen: string[] = [];
  const answer: RequestListener = (request, response) => {
    seen.push(request.url ?? '');
    response.end('{"ok":true}');
  };
  for (const version of ['1.41', '1.99']) {
    await (await engineThat(answer, version)).ask({ method: 'GET', path: '/x', query: { a: 'b c' } }, z.unknown());
    server!.close();
  }
  assert.deepEqual(seen, ['/v1.41/x?a=b+c', '/v1.47/x?a=b+c']);
});

test('an engine that is too old is named with its version', async () => {
  const failure = await failureOf(await engineThat(() => assert.fail('it was asked'), '1.39'));
  assert.equal(failure.reason, 'TOO_OLD');
  assert.match(failure.message, /version 1\.39/);
});

test('no socket, a file that is none, and nobody behind one are told apart', async () => {
  const absent = await failureOf(createEngine({ dockerHost: join(directory, 'absent') }));
  assert.equal(absent.code, 'docker/unreachable');
  assert.match(absent.message, /there is no such socket/);
  assert.match(absent.hint ?? '', /DOCKER_HOST/);
  assert.equal((await failureOf(createEngine({ dockerHost: process.execPath }))).code, 'docker/unreachable');
});

test('an engine elsewhere is refused before it is asked', async () => {
  const failure = await failureOf(createEngine({ dockerHost: 'tcp://10.0.0.1:2375' }));
  assert.equal(failure.code, 'input/invalid');
  assert.match(failure.message, /tcp:\/\/10\.0\.0\.1:2375/);
});

test('what answers without being an engine is not taken for one', async () => {
  const engine = await engineThat(() => undefined, 'hello');
  assert.match((await failureOf(engine)).message, /no Docker engine/);
});

test('an engine that does not answer in time may answer later', async () => {
  const engine = await engineThat(() => undefined);
  const failure = await failureOf(engine, { patienceMs: 50 });
  assert.equal(failure.code, 'docker/unreachable');
  assert.match(failure.message, /did not answer in time/);
});

test('an answer that stops in the middle is no answer', async () => {
  const engine = await engineThat((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"ok":');
    setImmediate(() => response.destroy());
  });
  assert.equal((await failureOf(engine)).code, 'docker/unreachable');
});

test('an answer of another shape is refused instead of believed', async () => {
  const failure = await failureOf(await engineThat((_, response) => response.end('{"ok":"yes"}')));
  assert.equal(failure.reason, 'NOT_UNDERSTOOD');
});

const refusals: readonly (readonly [status: number, said: string, code: string, reason: string | undefined])[] = [
  [409, 'Conflict. The container name "/a" is already in use by container "b".', 'docker/refused', 'NAME_TAKEN'],
  [404, 'No such container: a', 'docker/refused', 'NO_CONTAINER'],
  [404, 'No such image: a', 'image/missing', undefined],
  [500, 'write /var/lib/docker/x: no space left on device', 'docker/disk-full', undefined],
  [500, 'Bind for 127.0.0.1:80 failed: port is already allocated', 'docker/refused', 'PORT_TAKEN'],
  [500, 'listen tcp4 127.0.0.1:80: bind: address already in use', 'docker/refused', 'PORT_TAKEN'],
  [400, 'OCI runtime create failed: exec: "x": executable file not found', 'docker/refused', 'NOT_STARTED'],
  [409, 'conflict: unable to remove: image is being used', 'docker/refused', 'IN_USE'],
  [500, 'something new', 'docker/refused', 'REFUSED'],
];

for (const [status, said, code, reason] of refusals) {
  test(`${status} ${said}`, async () => {
    const failure = await failureOf(await refusing(status, said));
    assert.deepEqual([failure.code, failure.reason], [code, reason]);
    assert.ok(failure.message.includes(said));
    assert.ok(failure.hint !== undefined);
  });
}
