import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepAlive, type EmbeddedEvent } from './keep-alive.ts';
import { query, realClock as clock, scratch, until } from './scratch.ts';
import { isAlive } from '../../../system/alive.ts';
import { startEmbedded, type EmbeddedServer } from './start-embedded.ts';

test('a server that is killed is restarted on the same port with its data, as often as it dies', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
  const watch = watched(first, directory);
  let current = first;
  for (const round of [1, 2]) {
    process.kill(current.pid, 'SIGKILL');
    await until(() => watch.restarts().length === round, `restart ${round}`);
    const restarted = watch.restarts().at(-1);
    assert.ok(restarted !== undefined && restarted.pid !== current.pid);
    current = restarted;
    assert.equal(current.url('postgres'), first.url('postgres'));
    assert.deepEqual(await query(first.url('postgres'), 'SELECT answer FROM kept'), [{ answer: 42 }]);
  }
  assert.deepEqual(
    watch.events.map((event) => event.kind),
    ['died', 'restarted', 'died', 'restarted'],
  );
  await watch.end();
});

test('two watchers of one server agree on one successor', async (t) => {
  const directory = await scratch(t);
  const first = await startEmbedded({ directory, clock });
  const watches = [watched(first, directory), watched(first, directory)];
  process.kill(first.pid, 'SIGKILL');
  await until(() => watches.every((watch) => watch.restarts().length === 1), 'both report the restart');
  assert.equal(new Set(watches.map((watch) => watch.restarts()[0]?.pid)).size, 1);
  await Promise.all(watches.map((watch) => watch.end()));
});

test('ending the watch leaves the server running', async (t) => {
  const directory = await scratch(t);
  const server = await startEmbedded({ directory, clock });
  const watch = watched(server, directory);
  await watch.end();
  assert.equal(isAlive(server.pid), true);
  assert.deepEqual(watch.events, []);
});

function watched(server: EmbeddedServer, directory: string) {
  const events: EmbeddedEvent[] = [];
  const abort = new AbortController();
  const ended = keepAlive(server, { directory, clock, signal: abort.signal }, (event) => events.push(event));
  return {
    events,
    restarts: () => events.flatMap((event) => (event.kind === 'restarted' ? [event.server] : [])),
    end: async () => {
      abort.abort();
      await ended;
    },
  };
}
