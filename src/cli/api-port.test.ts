import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { freePort } from '../../test/world/traffic.ts';
import { homeAt, type Home } from '../host/home.ts';
import { firstToTry, keepPort } from './api-port.ts';

const host = '127.0.0.1';

async function makeHome(t: TestContext): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'liftlock-port-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return homeAt(folder);
}

test('a home that was up before is tried at the same port again, so that links to it still lead there', async (t) => {
  const home = await makeHome(t);
  const port = await freePort();
  await keepPort(home, port);
  assert.equal(await firstToTry(host, home), port);
});

test('a port that somebody else has by now is passed over', async (t) => {
  const home = await makeHome(t);
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, host, listening));
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  await keepPort(home, port);
  const found = await firstToTry(host, home);
  assert.ok(found !== port && found >= 7400 && found < 7420, `${found}`);
});

test('what is no port is not believed, and a home that cannot be written to keeps nothing', async (t) => {
  const home = await makeHome(t);
  for (const text of ['', '0', '-1', '7400x', '70000', '7400\n7401']) {
    await writeFile(join(home.directory, 'port'), text);
    const found = await firstToTry(host, home);
    assert.ok(found >= 7400 && found < 7420, `${JSON.stringify(text)}: ${found}`);
  }
  await keepPort(homeAt(join(home.directory, 'gone')), 7400);
  assert.deepEqual(await readdir(home.directory), ['port']);
});
