/** One request, from the socket to the engine and back. Every route is answered by the same steps, in the same order. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import { asFailure, Failure, failureCatalog } from '../domain/base/failure.ts';
import type { Log } from '../ports/log.ts';
import { newId, type World } from '../engine/world.ts';
import type { Principal } from '../engine/access/identify.ts';
import { authorize, identify, local, type Authorized } from './authorize.ts';
import { idempotencyKeyHeader, replayHeader, requestIdHeader } from './contract/headers.ts';
import { presentedBy } from './identity.ts';
import type { ConsoleFiles } from './console.ts';
import { failed, json, saved, type Env, type Exchange } from './exchange.ts';
import { digestOf, keyOf, once, type Done } from './idempotency.ts';
import { readBytes, readJson, readQuery, understand } from './input.ts';
import { isLoopback, refuseForeign, type Listening } from './origin.ts';
import type { Asked, CommandRoute, Route, Visible } from './route.ts';
import type { Given } from './subject.ts';
import { visitOf } from './visit.ts';

export interface AppParts {
  /** Absent where none was built. */
  readonly console: ConsoleFiles | undefined;
  readonly world: World;
  readonly routes: readonly Route[];
  readonly listening: () => Listening;
  /** While stopping, answers ask clients to leave. */
  readonly isStopping: () => boolean;
  readonly requestEnded: (method: string, status: number) => void;
  readonly log: Log;
  /** Where a proxy with TLS answers for us. */
  readonly publicUrl: URL | undefined;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function createApp(parts: AppParts): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of parts.routes) {
    app.on(route.endpoint.method, pattern(route), (c) =>
      respond(parts, c, (exchange) => carryOut(parts, route, exchange)),
    );
  }
  for (const [path, routes] of Map.groupBy(parts.routes, pattern)) {
    const allowed = routes.map(({ endpoint }) => endpoint.method as string);
    app.on(
      methods.filter((method) => !allowed.includes(method)),
      path,
      (c) => respond(parts, c, () => refuseMethod(c, allowed)),
    );
  }
  app.notFound((c) => respond(parts, c, (exchange) => showScreen(parts, exchange)));
  return app;
}

/** `{name}` in the contract is `:name` in Hono. */
function pattern({ endpoint }: Route): string {
  return endpoint.path.replace(/\{(\w+)\}/g, ':$1');
}

async function respond(
  parts: AppParts,
  c: Context<Env>,
  act: (exchange: Exchange) => Promise<Response>,
): Promise<Response> {
  const requestId = newId(parts.world, 'req');
  const headers = {
    [requestIdHeader]: requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  };
  const exchange = { c, requestId, headers };
  const response = await act(exchange).catch((thrown: unknown) => failed(parts.log, exchange, asFailure(thrown)));
  const sent = response === RESPONSE_ALREADY_SENT;
  if (!sent && parts.isStopping()) response.headers.set('Connection', 'close');
  parts.requestEnded(c.req.method, sent ? c.env.outgoing.statusCode : response.status);
  return response;
}

async function carryOut(parts: AppParts, route: Route, exchange: Exchange): Promise<Response> {
  const { world } = parts;
  const { c, headers } = exchange;
  const { endpoint } = route;
  refuseForeign(parts.listening(), { host: c.req.header('host'), origin: c.req.header('origin') });
  const admitted = await admit(parts, route, c);
  const params = understand(endpoint.params, c.req.param(), 'path') as Params;
  const given = readQuery(c.req.url);
  const query = understand(endpoint.query, given, 'query') as Params;
  const hasJson =
    endpoint.mostBytes === undefined &&
    (route.kind === 'command' || (route.kind === 'direct' && endpoint.method === 'POST'));
  const raw = hasJson ? await readJson(c.req.raw) : {};
  const body = hasJson ? (understand(endpoint.body, raw, 'body') as Params) : {};
  const authorized = await authorize(world, route, { principal: admitted.principal, given: { params, query, body } });
  const asked = askedFor(authorized, query, body) as Asked<never, never, never>;
  switch (route.kind) {
    case 'query':
      return json(exchange, endpoint.status, await route.look(world, asked));
    case 'signed': {
      const sent = { header: (name: string) => c.req.header(name), body: bodyOf(c) };
      return json(exchange, endpoint.status, await route.receive(world, asked, sent));
    }
    case 'bytes':
      return saved(exchange, await route.fetch(world, asked));
    case 'text':
      return new Response(await route.write(world), { headers: { ...headers, 'Content-Type': endpoint.media } });
    case 'command': {
      // Bytes are many, so they are read once it is known that they are welcome.
      const content = endpoint.mostBytes === undefined ? undefined : await readBytes(c.req.raw, endpoint.mostBytes);
      const done = await command(parts, { route, asked, given, raw, content, c });
      return json(
        { ...exchange, headers: { ...headers, ...(done.replayed ? { [replayHeader]: 'true' } : {}) } },
        done.status,
        done.body,
      );
    }
    case 'direct': {
      const said = (name: string) => c.req.header(name);
      const visit = visitOf(
        { host: said('host'), cookie: said('cookie'), userAgent: said('user-agent') },
        parts.publicUrl,
      );
      const { body: text, headers: own, status = endpoint.status } = await route.answer(world, { ...asked, visit });
      return new Response(text, { status, headers: { ...headers, 'Content-Type': endpoint.media, ...own } });
    }
    case 'stream': {
      if (c.req.raw.method === 'HEAD') return refuseMethod(c, [endpoint.method]);
      const { outgoing } = c.env;
      await route.open(world, asked, {
        outgoing,
        headers,
        lastEventId: c.req.header('last-event-id'),
        stillVisible: () => unlessRefused(seesNow(parts, route, { admitted, given: { params, query, body } })),
      });
      return RESPONSE_ALREADY_SENT;
    }
  }
}

async function* bodyOf(c: Context<Env>): AsyncGenerator<Uint8Array> {
  if (c.req.raw.body !== null) yield* c.req.raw.body as unknown as AsyncIterable<Uint8Array>;
}

type Params = Readonly<Record<string, unknown>>;

function askedFor({ caller, visible, params }: Authorized, query: Params, body: Params): Asked<Params, Params, Params> {
  return { params, query, body, caller, actor: caller.handle, visible };
}

interface Admitted {
  readonly principal: Principal;
  /** Looks again who it is, with the same credential. */
  readonly again: () => Promise<Principal>;
}

/** Nothing of a request is read before it is known who asks. */
async function admit({ world }: AppParts, { endpoint }: Route, c: Context<Env>): Promise<Admitted> {
  const unknown = { principal: local, again: () => Promise.resolve(local) };
  if (endpoint.permission === 'public') return unknown;
  // Behind a proxy on this machine everybody comes from loopback; proxies say that they are one.
  const proxied = ['x-forwarded-for', 'forwarded'].some((header) => c.req.header(header) !== undefined);
  if (endpoint.publicOnLoopback && !proxied && isLoopback(c.env.incoming.socket.remoteAddress)) return unknown;
  const presented = presentedBy({
    method: c.req.raw.method,
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
    origin: c.req.header('origin'),
    site: c.req.header('sec-fetch-site'),
  });
  const again = () => identify(world, presented);
  return { principal: await again(), again };
}

async function seesNow(
  { world }: AppParts,
  route: Route,
  { admitted, given }: { admitted: Admitted; given: Given },
): Promise<Visible> {
  const { visible } = await authorize(world, route, { principal: await admitted.again(), given });
  return visible;
}

/** `undefined` when it was refused; a database that is away refuses nobody, and tells nothing either. */
async function unlessRefused(looking: Promise<Visible>): Promise<Visible | undefined> {
  try {
    return await looking;
  } catch (thrown) {
    const { http } = failureCatalog[asFailure(thrown).code];
    if (http === 401 || http === 403 || http === 404) return undefined;
    throw thrown;
  }
}

interface Command {
  readonly route: CommandRoute;
  readonly asked: Asked<never, never, never>;
  /** As sent, for telling whether a request is the same. */
  readonly given: Record<string, string>;
  readonly raw: unknown;
  readonly content: Uint8Array | undefined;
  readonly c: Context<Env>;
}

async function command({ world }: AppParts, { route, asked, given, raw, content, c }: Command): Promise<Done> {
  const { status, secret } = route.endpoint;
  let prepared: unknown;
  const prepare = async () => {
    if (content !== undefined) prepared = await route.prepare?.(world, { ...(asked as object), content } as never);
  };
  const act = async (tx: Parameters<CommandRoute['act']>[1]) => ({
    status,
    body: await route.act(world, tx, { ...(asked as object), prepared } as never),
  });
  const header = c.req.header(idempotencyKeyHeader);
  const done =
    header === undefined || secret
      ? { ...(await prepare().then(() => world.store.transaction(act))), replayed: false }
      : await once(
          world,
          {
            actor: asked.actor,
            key: keyOf(header),
            digest: digestOf(world, {
              method: c.req.method,
              path: c.req.path,
              query: given,
              body: content === undefined ? raw : world.sha256(content),
            }),
          },
          { prepare, act },
        );
  if (!done.replayed) {
    world.jobs.kick();
    route.afterwards(world, done.body as never);
  }
  return done;
}

async function refuseMethod(c: Context<Env>, allowed: readonly string[]): Promise<never> {
  throw new Failure('request/method-not-allowed', `${c.req.path} cannot be asked with ${c.req.raw.method}`, {
    hint: `It answers ${allowed.join(' and ')}.`,
    cause: { allowed },
  });
}

/** What is no address of the API may be a file or a screen of the console. */
async function showScreen({ console, listening }: AppParts, { c, headers }: Exchange): Promise<Response> {
  const { method } = c.req.raw;
  const asked = { accept: c.req.header('accept'), encoding: c.req.header('accept-encoding') };
  const found = method === 'GET' || method === 'HEAD' ? console?.find(c.req.path, asked) : undefined;
  if (found === undefined && console === undefined && c.req.path === '/')
    throw new Failure('request/not-found', 'the web console is not built here', {
      hint: 'npm run build in this clone of Liftlock, then start the server again; the command line needs none.',
    });
  if (found === undefined) return refusePath(c);
  refuseForeign(listening(), { host: c.req.header('host'), origin: undefined });
  return new Response(method === 'HEAD' ? null : found.body, { headers: { ...headers, ...found.headers } });
}

async function refusePath(c: Context<Env>): Promise<never> {
  throw new Failure('request/not-found', `there is nothing at ${c.req.path}`, {
    hint: 'All addresses are in /api/openapi.json.',
  });
}
