/** What should run does: a service whose keeper and process were killed from outside is started again. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startControlPlane } from '../../src/main.ts';
import { until } from '../world/make.ts';

const pipeline = `version: 1
project: steady
source: { main: main, poll: 1s }
trust: { signatures: none }
service: { start: exec node server.js, health: { path: /, deadline: 20s } }
environments:
  - { name: development, kind: development, verify: none }
`;
const server = `
require('node:fs').appendFileSync(process.env.LIFTLOCK_DATA + '/starts', process.pid + '\\n');
require('node:http').createServer((_, response) => response.end(String(process.pid) + ' ' + String(process.ppid))).listen(process.env.PORT, '127.0.0.1');
`;

test('R39: a service that was killed together with its keeper is started again, and the log says so', async () => {
  const place = mkdtempSync(join(tmpdir(), 'liftlock heal '));
  const repository = join(place, 'repository');
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-c',
      'user.name=Ann',
      '-c',
      'user.email=ann@example.org',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ]);
  git('init', '--quiet', '--initial-branch=main', repository);
  writeFileSync(join(repository, 'liftlock.yaml'), pipeline);
  writeFileSync(join(repository, 'server.js'), server);
  git('-C', repository, 'add', '.');
  git('-C', repository, 'commit', '--quiet', '-m', 'serve');
  const plane = await startControlPlane({
    homeDirectory: join(place, 'home'),
    roles: { serve: true, work: true },
    listen: { host: '127.0.0.1', port: 0 },
    databaseUrl: undefined,
    logLevel: 'error',
    operator: { handle: 'ann', name: 'Ann', emails: [] },
    variables: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
  });
  try {
    const token = (await import('node:fs')).readFileSync(plane.tokenFile, 'utf8').trim();
    const api = async (path: string, body?: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
      return (await (await fetch(`${plane.url}/api/v1/${path}`, init)).json()) as Record<string, never>;
    };
    await api('projects', { file: 'liftlock.yaml', text: pipeline, source: repository });
    const look = async (): Promise<{ url: string; running: { verdict: string } | null }> =>
      (await api('projects/steady/status'))['environments']![0]!;
    await until(async () => (await look()).running?.verdict === 'PASS', 'the service to be deployed', 60_000);
    const { url } = await look();
    const pids = async () => (await (await fetch(url)).text()).split(' ').map(Number);
    const [service, keeper] = await pids();
    process.kill(keeper!, 'SIGKILL');
    process.kill(service!, 'SIGKILL');
    await until(
      async () => {
        const now = await pids().catch(() => [service]);
        // While nothing serves, the edge says so: that is no answer of the service.
        return Number.isInteger(now[0]) && now[0] !== service;
      },
      'the service to serve again',
      60_000,
    );
    const kept = readFileSync(join(place, 'home', 'data', 'steady', 'development', 'starts'), 'utf8')
      .trim()
      .split('\n');
    assert.ok(kept.length >= 2 && Number(kept[0]) === service, 'what it wrote to LIFTLOCK_DATA is still there');
    await until(
      async () => {
        const { events } = (await api('events/list?project=steady&limit=100')) as unknown as {
          events: { kind: string }[];
        };
        const kinds = events.map(({ kind }) => kind);
        return kinds.includes('environment.down') && kinds.includes('environment.healed');
      },
      'the log to say so',
      20_000,
    );
    assert.equal((await look()).running?.verdict, 'PASS');
  } finally {
    await plane.stopServices();
    await plane.stop({ keepDatabase: false });
    rmSync(place, { recursive: true, force: true });
  }
});
