/** How the console is served; what it shows is tried in a browser. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readConsole } from '../../src/api/console.ts';
import { apiWorld, type ApiWorld } from '../world/api-server.ts';

describe('the console', () => {
  let directory: string;
  let api: ApiWorld;
  let url: URL;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock console '));
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), '<!doctype html><title>Liftlock</title>');
    await writeFile(join(directory, 'assets', 'index-1.js'), 'export {};');
    await writeFile(join(directory, 'assets', 'secret.txt'), 'not of the console');
    api = await apiWorld();
    url = new URL((await api.another({ consoleDirectory: directory })).url);
  });
  after(async () => {
    await api.close();
    await rm(directory, { recursive: true, force: true });
  });

  const get = (path: string, headers: Record<string, string> = { accept: 'text/html' }, method = 'GET') =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      request({ host: url.hostname, port: url.port, path, headers, method }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
        .once('error', reject)
        .end();
    });

  test('every screen is the same page, under a policy that allows nothing but our own files', async () => {
    for (const path of ['/', '/p/shop', '/p/shop/environments/production?tab=history']) {
      const { status, headers, body } = await get(path);
      assert.deepEqual([status, body.toString()], [200, '<!doctype html><title>Liftlock</title>']);
      const policy = headers['content-security-policy'];
      assert.match(String(policy), /default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.doesNotMatch(String(policy), /unsafe|https?:/);
      assert.equal(headers['cache-control'], 'no-cache');
    }
  });

  test('assets are kept by browsers for ever, packed for those that can unpack', async () => {
    const { headers, body } = await get('/assets/index-1.js', { 'accept-encoding': 'br, gzip' });
    assert.equal(gunzipSync(body).toString(), 'export {};');
    assert.match(String(headers['cache-control']), /immutable/);
    assert.equal((await get('/assets/index-1.js', {})).body.toString(), 'export {};');
    const head = await get('/assets/index-1.js', {}, 'HEAD');
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  });

  test('what is neither a file of the console nor a screen is not there, for programs least of all', async () => {
    for (const path of [
      '/assets/secret.txt',
      '/assets/missing.js',
      '/../package.json',
      '/assets/..%2findex.html',
      '/api/v1/nothing',
    ])
      assert.equal((await get(path)).status, 404, path);
    assert.equal((await get('/p/shop', { accept: 'application/json' })).status, 404);
    assert.equal((await get('/p/shop', { accept: 'text/html' }, 'POST')).status, 404);
  });

  test('a page of another name gets nothing', async () => {
    assert.equal((await get('/', { accept: 'text/html', host: 'evil.example' })).status, 403);
  });

  test('where none was built there is none', async () => {
    assert.equal(await readConsole(join(directory, 'assets')), undefined);
    assert.equal(await readConsole(join(directory, 'absent')), undefined);
  });
});
