/** A Docker engine of a test's own, to be killed, restarted and slowed down: with a bridge of its own and no firewall rules, so that it disturbs no other. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createEngine, type Engine } from '../../src/adapters/targets/docker/engine.ts';
import { until } from './make.ts';

export interface OwnDocker {
  /** As in DOCKER_HOST; everything that goes there is delayed as told. */
  readonly host: string;
  /** Asks it at once. */
  readonly engine: Engine;
  start(): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** So long nothing of a request reaches it. */
  delay(milliseconds: number): void;
  remove(): Promise<void>;
}

const dockerd = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'].find((path) => existsSync(path));

const ip = ['/sbin/ip', '/usr/sbin/ip', '/bin/ip', '/usr/bin/ip'].find((path) => existsSync(path));
/** An engine without a bridge removes the usual one, which is another engine's. */
const bridge = `llt${process.pid}`;

/** Why nobody can start one; `false` when somebody can. */
export function withoutOwnDocker(): string | false {
  if (dockerd === undefined) return 'dockerd is not installed';
  if (process.getuid?.() !== 0) return 'only root starts an engine of its own';
  return ip === undefined ? 'ip (Debian: iproute2) is not installed' : false;
}

export async function makeOwnDocker(): Promise<OwnDocker> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-dockerd-'));
  const socket = join(directory, 'docker.sock');
  const slow = join(directory, 'slow.sock');
  const engine = createEngine({ dockerHost: socket });
  execFileSync(ip!, ['link', 'add', 'name', bridge, 'type', 'bridge']);
  execFileSync(ip!, ['address', 'add', '192.0.2.1/24', 'dev', bridge]);
  let delayMs = 0;
  let running: ChildProcess | undefined;
  const proxy = slowProxy({ from: slow, to: socket, delayMs: () => delayMs });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ended = running;
    if (!isRunning(ended)) return;
    await new Promise((resolve) => {
      ended.once('exit', resolve);
      ended.kill(signal);
    });
  };
  return {
    host: `unix://${slow}`,
    engine,
    async start() {
      // One whose predecessor was killed may give up its first start: it waits in vain for a part of that which is left.
      const begun = async (): Promise<boolean> => {
        if (!isRunning(running)) running = launch(directory, socket);
        return answers(engine);
      };
      await until(begun, `an engine of its own in ${directory}`, 120_000);
    },
    end,
    delay: (milliseconds) => (delayMs = milliseconds),
    async remove() {
      await end('SIGTERM');
      proxy.close();
      execFileSync(ip!, ['link', 'delete', bridge]);
      // What it had mounted for containers that it could not end any more.
      for (const line of readFileSync('/proc/mounts', 'utf8').split('\n').reverse()) {
        const place = line.split(' ')[1] ?? '';
        if (place.startsWith(directory)) execFileSync('umount', ['-l', place]);
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function launch(directory: string, socket: string): ChildProcess {
  const log = openSync(join(directory, 'log'), 'a');
  const places = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')];
  const alone = [
    '--bridge',
    bridge,
    '--iptables=false',
    '--ip-forward=false',
    '--containerd-namespace',
    'liftlock-test',
  ];
  const words = [...places, '--pidfile', join(directory, 'pid'), '--host', `unix://${socket}`, ...alone];
  const child = spawn(dockerd!, [...words, '--containerd-plugins-namespace', 'liftlock-test-plugins'], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

function answers(engine: Engine): Promise<boolean> {
  return engine.ask({ method: 'GET', path: '/version' }, z.unknown()).then(
    () => true,
    () => false,
  );
}

function slowProxy({ from, to, delayMs }: { from: string; to: string; delayMs: () => number }): Server {
  const server = createServer((client: Socket) => {
    const wait = delayMs();
    const begin = (): void => {
      const there = connect(to);
      client.pipe(there).pipe(client);
      for (const [one, other] of [
        [client, there],
        [there, client],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    };
    client.on('error', () => undefined);
    if (wait === 0) begin();
    else setTimeout(begin, wait);
  });
  server.listen(from);
  server.unref();
  return server;
}
