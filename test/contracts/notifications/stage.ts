/** A control plane that tells of what happens, with receivers on this machine and a clock that is moved by hand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createMail } from '../../../src/adapters/outgoing/mail.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { createFileSecrets } from '../../../src/adapters/secrets/file-secrets.ts';
import type { Instant } from '../../../src/domain/base/time.ts';
import { beginDue } from '../../../src/engine/notification/deliver-notifications.ts';
import { noticeEvents } from '../../../src/engine/notification/notice-events.ts';
import type { World } from '../../../src/engine/world.ts';
import type { NewEvent } from '../../../src/ports/records.ts';
import { apiWorld, type ApiWorld, type Loose } from '../../world/api-server.ts';
import { query } from '../../world/make.ts';

export interface TellingWorld {
  readonly api: ApiWorld;
  readonly world: World;
  /** Hosts that may be asked; may grow. */
  allow(host: string): void;
  advance(milliseconds: number): void;
  secret(name: string, value: string, project?: string): Promise<void>;
  record(event: Pick<NewEvent, 'kind'> & Partial<NewEvent>): Promise<void>;
  /** Reads the log on and makes every attempt that is due now. */
  tell(signal?: AbortSignal): Promise<void>;
  addChannel(name: string, settings: object, more?: object): Promise<Loose>;
  /** The newest notification that went through the channel, with its attempts. */
  newest(channel: string): Promise<Loose>;
  close(): Promise<void>;
}

export async function tellingWorld(): Promise<TellingWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock notifications '));
  const hosts: string[] = [];
  let offset = 0;
  const api = await apiWorld({
    change: (world) => ({
      ...world,
      clock: { ...world.clock, now: () => (world.clock.now() + offset) as Instant },
      // Made afresh for each request: receivers get their ports one after another.
      outgoing: { request: (request) => createOutgoing({ allowHosts: hosts }).request(request) },
      mail: { send: (letter, server) => createMail({ allowHosts: hosts }).send(letter, server) },
      secrets: createFileSecrets({ directory }),
    }),
  });
  const { world } = api;
  // The token of the tests must not end when days pass.
  await query(api.database.url, 'update tokens set expires_at = 9000000000000');
  return {
    api,
    world,
    allow: (host) => void hosts.push(host),
    advance: (milliseconds) => void (offset += milliseconds),
    async secret(name, value, project = '_installation') {
      const file = join(directory, project, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, value, { mode: 0o600 });
    },
    record: (event) =>
      world.store.transaction((tx) =>
        tx.events.append({ actor: 'system:test', at: world.clock.now(), data: {}, ...event }),
      ),
    async tell(signal = new AbortController().signal) {
      await noticeEvents(world, api.store.events);
      for (let begun = await beginDue(world, 8, signal); begun.length > 0; begun = await beginDue(world, 8, signal)) {
        await Promise.all(begun);
        if (signal.aborted) return;
      }
    },
    async addChannel(name, settings, more = {}) {
      const answer = await api.post('/api/v1/channels', {
        name,
        settings,
        routes: [{ atLeast: 'info' }],
        ...more,
      });
      if (answer.status !== 200) throw new Error(`the channel was refused: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async newest(channel) {
      const [one] = (await api.get(`/api/v1/notifications?channel=${channel}&limit=1`)).body.notifications;
      return one && (await api.get(`/api/v1/notifications/${one.id}`)).body;
    },
    async close() {
      await api.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Receiver {
  readonly host: string;
  readonly received: readonly Received[];
  /** What it answers from now on; 204 at first. */
  answer(how: (response: ServerResponse, got: Received) => void): void;
  close(): void;
}

export async function receiver(): Promise<Receiver> {
  const received: Received[] = [];
  const fine = (response: ServerResponse): void => void response.writeHead(204).end();
  let answer: (response: ServerResponse, got: Received) => void = fine;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const got = { url: request.url!, headers: request.headers, body };
      received.push(got);
      answer(response, got);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (how) => void (answer = how),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
