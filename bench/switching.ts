/**
 * Does anybody notice a deployment? Releases follow each other behind the edge, or another leader, by blue-green and by canary, while many clients
 * keep asking, some send slowly, some read long streams and some hold WebSockets. Each old instance is killed when the edge
 * says that nothing is under way there. Every failed request, cut stream and wrongly closed socket is counted.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createProcesses } from '../src/adapters/processes/processes.ts';
import { abilitiesOf } from '../src/domain/pipeline/traffic-spec.ts';
import type { Route, Side, Traffic } from '../src/ports/traffic.ts';
import { idOf } from '../test/make-facts.ts';
import { onPath } from './edge.ts';
import type { Measured } from './figures.ts';
import { endLeaders, openLeader, type Leader } from './leaders.ts';
import { freePort } from './ports.ts';

const connections = 32;
const usual = { switches: 100, requests: 1_000_000 };

/** What a release is here: answers at once, slowly in a stream, and echoes over WebSockets. SIGKILL is all the goodbye it gets. */
const release = `
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const server = createServer({ keepAliveTimeout: 5000 }, (request, response) => {
  if (request.url !== '/stream') return void request.resume().on('end', () => response.end('an answer of some length, as small pages are\\n'));
  let left = 10;
  const timer = setInterval(() => { response.write('piece\\n'); if (--left === 0) { clearInterval(timer); response.end('end\\n'); } }, 100);
});
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.on('error', () => socket.destroy());
  socket.on('data', (frame) => {
    const length = frame[1] & 0x7f;
    if ((frame[0] & 0x0f) === 8) return void socket.end(Buffer.from([0x88, 0]));
    socket.write(Buffer.concat([Buffer.from([0x81, length]), Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ frame[2 + (at % 4)]))]));
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send('ready'));
process.on('disconnect', () => process.exit());
`;

interface Instance {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
}

interface Tally {
  done: number;
  failed: number;
}

/** Goes on until both numbers are reached. */
export async function switching(by: Leader = 'edge', wanted = usual): Promise<Measured> {
  let switches = 0;
  if (!onPath('wrk')) throw new Error('this benchmark needs wrk (Debian: apt-get install wrk)');
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-bench-switching-'));
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const traffic = openLeader(by, directory, processes);
  const port = await freePort();
  const route = { environment: idOf('env', 1), by, listen: { host: '127.0.0.1', port } } as const;
  let stable = await start(0);
  await traffic.apply({ ...route, sides: [sideOf(stable, 10_000)] });
  const over = new AbortController();
  const [slow, streams, sockets]: [Tally, Tally, Tally] = [tally(), tally(), tally()];
  const side = [
    ...Array.from({ length: 4 }, () => repeat(over.signal, slow, () => sendSlowly(port))),
    ...Array.from({ length: 4 }, () => repeat(over.signal, streams, () => readStream(port))),
    ...Array.from({ length: 4 }, () => repeat(over.signal, sockets, () => talk(port))),
  ];
  const load = startLoad(port);
  const backMs: number[] = [];
  try {
    while (switches < wanted.switches || load.requests() < wanted.requests) {
      switches += 1;
      const next = await start(switches);
      await changeOver(traffic, route, { from: stable, to: next, byCanary: switches % 2 === 0 });
      if (switches % 10 === 0) backMs.push(await backAndForth(traffic, route, { stable, next }));
      await drained(traffic, stable);
      await traffic.apply({ ...route, sides: [sideOf(next, 10_000)] });
      stable.child.kill('SIGKILL');
      stable = next;
      await load.goOn();
    }
  } finally {
    over.abort();
    await Promise.all(side);
    await load.end();
    stable.child.kill('SIGKILL');
    await endLeaders(processes);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  // Where the table of abilities does not promise it, it is only told.
  const none = abilitiesOf(by).seamless ? { aim: { is: 'at most', value: 0 } as const } : {};
  return {
    figures: [
      { what: 'requests', value: load.requests(), unit: '' },
      { what: 'failed requests', value: load.failed(), unit: '', ...none },
      { what: 'slow uploads', value: slow.done, unit: '' },
      { what: 'failed slow uploads', value: slow.failed, unit: '', ...none },
      { what: 'streams', value: streams.done, unit: '' },
      { what: 'cut streams', value: streams.failed, unit: '', ...none },
      { what: 'WebSocket conversations', value: sockets.done, unit: '' },
      { what: 'broken WebSocket conversations', value: sockets.failed, unit: '', ...none },
      {
        what: 'all traffic back on stable (median)',
        value: median(backMs),
        unit: 'ms',
        aim: { is: 'at most', value: 100 },
      },
    ],
    setup: { by, switches, connections, strategies: 'blue-green and canary in turns' },
  };
}

type Place = Pick<Route, 'environment' | 'by' | 'listen'>;

async function changeOver(
  traffic: Traffic,
  place: Place,
  { from, to, byCanary }: { from: Instance; to: Instance; byCanary: boolean },
): Promise<void> {
  for (const percent of byCanary ? [1, 5, 25, 50, 100] : [100]) {
    await traffic.apply({ ...place, sides: [sideOf(from, (100 - percent) * 100), sideOf(to, percent * 100)] });
    await wait(50);
  }
}

/** What an abort does: everything back to the old one, which still runs. Answers how long that took. */
async function backAndForth(
  traffic: Traffic,
  place: Place,
  { stable, next }: { stable: Instance; next: Instance },
): Promise<number> {
  const begin = performance.now();
  await traffic.apply({ ...place, sides: [sideOf(stable, 10_000), sideOf(next, 0)] });
  const took = performance.now() - begin;
  await wait(50);
  await traffic.apply({ ...place, sides: [sideOf(stable, 0), sideOf(next, 10_000)] });
  return took;
}

async function drained(traffic: Traffic, { name }: Instance): Promise<void> {
  for (;;) {
    const side = (await traffic.inspect(idOf('env', 1)))!.sides.find((one) => one.name === name);
    if (side === undefined || side.inFlight + side.tunnels === 0) return;
    await wait(20);
  }
}

async function start(number: number): Promise<Instance> {
  const port = await freePort();
  const child = spawn(process.execPath, ['-e', release], {
    env: { PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return { name: `release-${number}`, port, child };
}

function sideOf({ name, port }: Instance, weight: number): Side {
  return { name, weight, instances: [{ host: '127.0.0.1', port }] };
}

function tally(): Tally {
  return { done: 0, failed: 0 };
}

async function repeat(signal: AbortSignal, counted: Tally, act: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    if (await act()) counted.done += 1;
    else counted.failed += 1;
  }
}

/** A client that sends its body a few bytes at a time. */
function sendSlowly(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, method: 'POST', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
      response.once('error', () => resolve(false));
    });
    asked.once('error', () => resolve(false));
    void (async () => {
      for (let piece = 0; piece < 8; piece++) {
        asked.write('some bytes of a slow client\n');
        await wait(40);
      }
      asked.end();
    })();
  });
}

function readStream(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    const asked = request({ host: '127.0.0.1', port, path: '/stream', agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('close', () => resolve(response.complete && text.endsWith('end\n')));
      response.once('error', () => resolve(false));
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

/** Ten words back and forth over one WebSocket, then goodbye. */
function talk(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    let heard = 0;
    socket.addEventListener('open', () => socket.send('word'));
    socket.addEventListener('message', () => {
      heard += 1;
      if (heard === 10) socket.close();
      else setTimeout(() => socket.send('word'), 50);
    });
    socket.addEventListener('close', () => resolve(heard === 10));
    socket.addEventListener('error', () => resolve(false));
  });
}

/** wrk, again and again: it counts answers that are not 2xx and connections that broke. */
function startLoad(port: number) {
  const counted = { requests: 0, failed: 0 };
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) {
      const child = spawn('wrk', ['-t1', `-c${connections}`, '-d5s', '--timeout', '30s', `http://127.0.0.1:${port}/`]);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await once(child, 'exit');
      counted.requests += Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
      const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
      counted.failed += (errors ?? []).slice(1).reduce((sum, number) => sum + Number(number), 0);
      counted.failed += Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
    }
  })();
  return {
    requests: () => counted.requests,
    failed: () => counted.failed,
    /** The address must answer a fresh connection, too. */
    goOn: () =>
      new Promise<void>((resolve, reject) =>
        connect(port, '127.0.0.1')
          .once('connect', function (this: { destroy(): void }) {
            this.destroy();
            resolve();
          })
          .once('error', reject),
      ),
    async end() {
      ending.abort();
      await running;
    },
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
