/**
 * A route as a configuration of Caddy (its JSON, of which nothing is read as a placeholder that came from outside: names are checked,
 * what users send is a pattern).
 */
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Limits, Side } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';
import { setUpOf, type Kept } from '../program/kept.ts';
import { closingFile } from '../program/program.ts';
import { seatOf } from '../program/seats.ts';
import { cookieAttributes, cookieName, cookiesBy } from '../program/places.ts';
import {
  byChance,
  choices,
  chosen,
  digitsOf,
  division,
  ifUsersStay,
  place,
  seatAddress,
  seated,
  seatsInCaddy,
  type Json,
} from './caddy-choice.ts';

export const socketName = 'admin.sock';
/** Caddy answers to who asks for this name, which no page of a browser can. */
export const adminName = 'liftlock';

export interface CaddyBuild {
  /** Knows `stream_close_delay` (2.7): upgraded connections outlive a change of the configuration. */
  readonly keepsStreams: boolean;
}

/** Paths are relative to the environment's directory, in which Caddy runs. */
export function caddyConfig(kept: Kept, key: Uint8Array, build: CaddyBuild): Json {
  const { gone, seats } = kept;
  const route = setUpOf(kept);
  const limits = route.limits ?? {};
  const toSide = (side: Side) => proxy(side, limits, build);
  const hasNoSeat = (side: Side) => seatOf(side, seats) === undefined;
  return {
    admin: { listen: `unix/${socketName}`, origins: [adminName], config: { persist: false } },
    logging,
    apps: {
      http: {
        servers: {
          main: {
            listen: [authorityOf(route.listen)],
            protocols: ['h1'],
            automatic_https: { disable: true },
            read_header_timeout: '60s',
            // Who closes first should be the client.
            idle_timeout: '75s',
            logs: { default_logger_name: 'counted' },
            routes: [
              sideInLog,
              division(kept),
              closing,
              byChance,
              ifUsersStay(users(key)),
              ...choices(route),
              ...seatsInCaddy.map((seat) => ({
                match: [{ vars: { [chosen.seat]: [String(seat)] } }],
                terminal: true,
                handle: [seated(seat), ...bodyLimit(limits), proxyTo([seatAddress(seat)], limits, build)],
              })),
              ...route.sides.filter(hasNoSeat).map((side) => ({
                match: [{ vars: { [chosen.side]: [side.name] } }],
                terminal: true,
                handle: [...bodyLimit(limits), toSide(side)],
              })),
              // Nobody comes here; while it is written, Caddy tells what is under way there.
              ...gone.filter(hasNoSeat).map((side) => ({ match: [{ not: [{}] }], handle: [toSide(side)] })),
              { handle: [refusal(503, 'nothing serves here right now', { 'Retry-After': ['1'] })] },
            ],
            errors: { routes: refusals },
          },
        },
      },
    },
  };
}

const logging: Json = {
  logs: {
    default: { level: 'ERROR', exclude: ['http.log.access.counted'] },
    counted: {
      include: ['http.log.access.counted'],
      writer: { output: 'file', filename: 'access.log', roll_size_mb: 16, roll_keep: 4, roll_gzip: false },
      encoder: {
        format: 'filter',
        wrap: { format: 'json' },
        fields: Object.fromEntries(['request', 'resp_headers'].map((field) => [field, { filter: 'delete' }])),
      },
    },
  },
};

/** The side is written into the log as the user: a map is looked up when the line is written. */
const sideInLog: Json = {
  handle: [
    { handler: 'headers', response: { delete: ['Server'] } },
    {
      handler: 'map',
      source: chosen.side,
      destinations: ['{http.auth.user.id}'],
      mappings: [{ input_regexp: '^(.+)$', outputs: ['${1}'] }],
    },
  ],
};

/** A connection that is upgraded is none that is used again. */
const closing: Json = {
  match: [
    {
      file: { root: '.', try_files: [`/${closingFile}`] },
      not: [{ header_regexp: { Upgrade: { pattern: '.' } } }],
    },
  ],
  handle: [{ handler: 'headers', response: { set: { Connection: ['close'] } } }],
};

/** A cookie is ours when it is the one that belongs to the place in it; anybody else gets a new one. */
function users(key: Uint8Array): Json[] {
  const given = `{http.request.cookie.${cookieName}}`;
  return [
    {
      handle: [
        digitsOf(given, ['{liftlock.given}'], ['${1}${2}${3}']),
        { handler: 'vars', liftlock_place: '{liftlock.given}' },
        {
          handler: 'map',
          source: place,
          destinations: ['{liftlock.cookie}'],
          mappings: [...cookiesBy(key)].map(([input, cookie]) => ({ input, outputs: [cookie] })),
          defaults: ['none'],
        },
      ],
    },
    {
      match: [{ not: [{ vars: { [given]: ['{liftlock.cookie}'] } }] }],
      handle: [
        { handler: 'vars', liftlock_place: '{liftlock.new}' },
        {
          handler: 'headers',
          response: { add: { 'Set-Cookie': [`${cookieName}={liftlock.cookie}; ${cookieAttributes}`] } },
        },
      ],
    },
  ];
}

function bodyLimit({ bodyBytes }: Limits): Json[] {
  return bodyBytes === undefined ? [] : [{ handler: 'request_body', max_size: bodyBytes }];
}

function proxy({ instances, health }: Side, limits: Limits, build: CaddyBuild): Json {
  if (instances.length === 0) return refusal(502, 'no instance of this release can be reached');
  return {
    ...proxyTo(instances.map(authorityOf), limits, build),
    // The only instance is asked always: it is better to fail than not to try.
    ...(instances.length === 1 ? {} : { health_checks: healthChecks(health) }),
  };
}

/** Idle connections are kept for less than servers usually do (Node: 5 s), so that we close first. */
function proxyTo(addresses: readonly string[], limits: Limits, { keepsStreams }: CaddyBuild): Json {
  const { connectMs, answerMs, idleMs } = { ...usualTimes, ...limits };
  return {
    handler: 'reverse_proxy',
    upstreams: addresses.map((dial) => ({ dial })),
    // A proxy with TLS on this machine is believed.
    trusted_proxies: ['127.0.0.0/8', '::1/128'],
    // Not -1, "at once": Caddy 2.6 then breaks off what is under way when its configuration changes.
    flush_interval: '5ms',
    ...(keepsStreams ? { stream_close_delay: '1h' } : {}),
    load_balancing: { selection_policy: { policy: 'least_conn' }, retries: addresses.length === 1 ? 0 : 1 },
    transport: {
      protocol: 'http',
      dial_timeout: `${connectMs}ms`,
      response_header_timeout: `${answerMs}ms`,
      // Counted for each read, the one for the beginning of the answer included.
      read_timeout: `${Math.max(idleMs, answerMs)}ms`,
      compression: false,
      keep_alive: { idle_timeout: '4s', max_idle_conns_per_host: 64 },
    },
  };
}

/** Caddy asks a path only: without one, an instance that refuses a connection is known by that. */
function healthChecks(health: Side['health']): Json {
  const passive = { fail_duration: '1s', max_fails: 1 };
  if (health?.path === undefined) return { passive };
  return { passive, active: { uri: health.path, interval: '1s', timeout: `${health.timeoutMs}ms` } };
}

function refusal(status: number, text: string, headers: Json = {}): Json {
  return {
    handler: 'static_response',
    status_code: status,
    headers: { 'Content-Type': ['text/plain; charset=utf-8'], ...headers },
    body: `${text}\n`,
  };
}

const tooLarge = 'the body is larger than allowed here';
const isStatus = (status: number) => [{ vars: { '{http.error.status_code}': [String(status)] } }];

const refusals: readonly Json[] = [
  {
    // Caddy calls a body that it broke off itself a failure of the instance (502).
    match: [{ vars_regexp: { '{http.error.message}': { pattern: 'http: request body too large$' } } }],
    terminal: true,
    handle: [{ ...refusal(413, tooLarge), close: true }],
  },
  { match: isStatus(413), terminal: true, handle: [{ ...refusal(413, tooLarge), close: true }] },
  { match: isStatus(502), terminal: true, handle: [refusal(502, 'no instance of this release can be reached')] },
  { match: isStatus(503), terminal: true, handle: [refusal(502, 'no instance of this release can be reached')] },
  { match: isStatus(504), terminal: true, handle: [refusal(504, 'the release did not answer in time')] },
];
