/** Who asks while releases follow each other: many short requests, slow uploads, long streams and WebSockets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface Tally {
  done: number;
  failed: number;
}

export interface SlowClients {
  readonly slow: Tally;
  readonly streams: Tally;
  readonly sockets: Tally;
  end(): Promise<void>;
}

export interface Clients extends SlowClients {
  readonly requests: Tally;
}

const alike = 4;
export const connections = 32;

export function startClients(port: number): Clients {
  const over = new AbortController();
  const requests = tally();
  const asking = askAlways(over.signal, requests, port);
  const others = startSlowClients(port);
  return {
    ...others,
    requests,
    async end() {
      over.abort();
      await Promise.all([asking, others.end()]);
    },
  };
}

/** Those whose requests outlast a switch. */
export function startSlowClients(port: number): SlowClients {
  const over = new AbortController();
  const [slow, streams, sockets] = [tally(), tally(), tally()];
  const running = [
    ...Array.from({ length: alike }, () => repeat(over.signal, slow, () => sendSlowly(port))),
    ...Array.from({ length: alike }, () => repeat(over.signal, streams, () => readStream(port))),
    ...Array.from({ length: alike }, () => repeat(over.signal, sockets, () => talk(port))),
  ];
  return {
    slow,
    streams,
    sockets,
    async end() {
      over.abort();
      await Promise.all(running);
    },
  };
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

/** wrk, again and again: it counts answers that are not 2xx and connections that broke or were refused. */
async function askAlways(signal: AbortSignal, counted: Tally, port: number): Promise<void> {
  while (!signal.aborted) {
    const child = spawn('wrk', ['-t1', `-c${connections}`, '-d5s', '--timeout', '30s', `http://127.0.0.1:${port}/`]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'exit');
    counted.done += Number(/(\d+) requests in/.exec(text)?.[1] ?? 0);
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
    counted.failed += (errors ?? []).slice(1).reduce((sum, number) => sum + Number(number), 0);
    counted.failed += Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  }
}
