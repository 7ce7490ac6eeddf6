/**
 * The configuration as text, made anew from the state each time. What may change without a reload (which instances, which
 * weights, how users stay) is in it too, so that a process that starts again goes on where the last one was.
 */
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { oneTime, usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { InstanceHealth, Limits } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';
import { groupKey, mapFile } from './maps.ts';
import {
  backendOf,
  healthOf,
  lastResort,
  liveServer,
  serverName,
  type GroupTest,
  type Placed,
  type State,
} from './state.ts';

export interface Surroundings {
  /** Signs cookies. */
  readonly key: Buffer;
  /** Names the structure, so that it can be asked of a process which one it has. */
  readonly named: string;
}

/** The configuration without what is told at run time: two states with the same structure need no reload between them. */
export function structureOf(state: State, around: Omit<Surroundings, 'named'>): string {
  return textOf(state, { ...around, named: '' }, false);
}

export function configurationOf(state: State, around: Surroundings): string {
  return textOf(state, around, true);
}

function textOf(state: State, around: Surroundings, withServers: boolean): string {
  return [
    ...general(around),
    ...state.environments.flatMap((placed) => [
      ...frontend(placed, around),
      ...relay(placed),
      ...placed.slots.flatMap((_, slot) => backend(placed, slot, withServers)),
    ]),
    '',
  ].join('\n');
}

/**
 * A worker that was replaced answers what it still has; an idle connection is closed with its next answer, never under a client that
 * may be writing. Its last streams may take a day.
 */
function general({ named }: Surroundings): readonly string[] {
  return [
    'global',
    `  description ${quoted(named)}`,
    '  hard-stop-after 24h',
    'defaults',
    '  mode http',
    '  option idle-close-on-response',
    '  timeout http-request 60s',
    '  timeout http-keep-alive 75s',
    '  timeout client 300s',
    '  timeout tunnel 24h',
    // Without any address it would not start; `handover.ts` holds a worker by a connection here.
    'frontend liftlock-idle',
    '  bind unix@idle.sock mode 600',
    '  http-request return status 200',
    'backend liftlock-turns',
    '  stick-table type string len 64 size 10k store gpc0',
    'backend liftlock-nothing',
    '  http-request return status 503 content-type "text/plain; charset=utf-8" string "nothing serves here right now\\n" hdr Retry-After 1',
  ];
}

function frontend(placed: Placed, around: Surroundings): readonly string[] {
  const { route, groups = [], notOpen } = placed;
  const { environment, listen, limits = {} } = route;
  return [
    `frontend ${environment}`,
    ...(notOpen === undefined ? [`  bind ${quoted(authorityOf(listen))}`] : []),
    `  bind unix@${environment}.sock accept-proxy mode 600`,
    `  http-request set-var(txn.relay) ${quoted(`str(relay),map(${mapFile(environment, 'users')})`)}`,
    '  acl relayed var(txn.relay) -m found',
    `  use_backend ${environment}-relay if relayed`,
    ...bodyLimit(limits),
    ...headers,
    ...groups.flatMap((group, index) => groupRule(environment, group, index)),
    ...places(placed, around),
    `  use_backend %[${quoted(`var(txn.place),map_int(${mapFile(environment, 'places')})`)}]`,
    '  default_backend liftlock-nothing',
  ];
}

/** How much comes without a told length cannot be known before it has come: its length is asked for. */
function bodyLimit({ bodyBytes }: Limits): readonly string[] {
  if (bodyBytes === undefined) return [];
  const text = 'content-type "text/plain; charset=utf-8" string';
  return [
    `  http-request return status 413 ${text} "the body is larger than allowed here\\n" if { req.hdr_val(Content-Length) gt ${bodyBytes} }`,
    `  http-request return status 411 ${text} "say how long the body is\\n" if { req.hdr(Transfer-Encoding) -m found }`,
  ];
}

/**
 * What belongs to one connection ends here (RFC 9110, 7.6.1); what `Connection` names beside that cannot be found out, and goes
 * through as an ordinary header.
 */
const headers = [
  '  http-request set-header Connection upgrade if { req.hdr(Upgrade) -m found }',
  '  http-request del-header Connection unless { req.hdr(Upgrade) -m found }',
  ...['Keep-Alive', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Connection', 'TE', 'Trailer', 'Forwarded'].map(
    (name) => `  http-request del-header ${name}`,
  ),
  '  http-request add-header X-Forwarded-For %[src] unless relayed',
  // A proxy with TLS on this machine is believed.
  ...[['Proto', 'http'] as const, ['Host', '%[req.hdr(Host)]'] as const].map(
    ([name, own]) =>
      `  http-request set-header X-Forwarded-${name} ${own} unless { src 127.0.0.0/8 ::1 } { req.hdr(X-Forwarded-${name}) -m found }`,
  ),
  '  http-response del-header Keep-Alive',
];

/** The first group in force that matches decides. */
function groupRule(environment: EnvironmentId, { by, name, value }: GroupTest, index: number): readonly string[] {
  const fetched = quoted(by === 'header' ? `req.fhdr(${name})` : `req.cook(${name})`);
  const test = value === undefined ? '-m found' : `-m str -- ${quoted(value)}`;
  const side = quoted(`str(${groupKey(index)}),map(${mapFile(environment, 'users')})`);
  return [`  acl group-${index} ${fetched} ${test}`, `  use_backend %[${side}] if group-${index} { ${side} -m found }`];
}

/**
 * Every request has a place among 10,000, and the map says whose it is. A user's place is the one that the edge would give him.
 * Other requests take turns: of any hundred in a row each hundredth of the places gets exactly one, and 61 is as near to the golden
 * section as keeps them far apart (an additive recurrence: Niederreiter, "Random Number Generation and Quasi-Monte Carlo
 * Methods", 1992).
 */
function places({ route, userHeader }: Placed, { key }: Surroundings): readonly string[] {
  const { environment } = route;
  const users = mapFile(environment, 'users');
  const set = (name: string, from: string, when: string) =>
    `  http-request set-var(txn.${name}) ${quoted(from)} ${when}`;
  const signed = `hmac(sha256,${key.toString('base64')}),ub64enc,bytes(0,22)`;
  return [
    set('users', `str(by),map(${users})`, ''),
    `  http-request track-sc0 str(${environment}) table liftlock-turns if { var(txn.users) -m str none }`,
    set('turn', 'sc_inc_gpc0(0)', 'if { var(txn.users) -m str none }'),
    set('place', 'var(txn.turn),div(100),mul(61),mod(100)', 'if { var(txn.turn) -m found }'),
    set('place', 'var(txn.turn),mul(61),mod(100),mul(100),add(txn.place)', 'if { var(txn.turn) -m found }'),
    set('salt', `str(salt),map(${users})`, 'if !{ var(txn.turn) -m found }'),
    ...(userHeader === undefined
      ? []
      : [
          set(
            'user',
            `req.fhdr(${userHeader})`,
            `if { var(txn.users) -m str header } { ${quoted(`req.fhdr(${userHeader})`)} -m len gt 0 }`,
          ),
        ]),
    set('id', 'req.cook(liftlock-user),field(1,.)', 'if { var(txn.salt) -m found } !{ var(txn.user) -m found }'),
    set('sign', 'req.cook(liftlock-user),field(2,.)', 'if { var(txn.id) -m found }'),
    set('ours', `var(txn.id),${signed}`, 'if { var(txn.id) -m found }'),
    set('user', 'var(txn.id)', 'if { var(txn.sign),secure_memcmp(txn.ours) -m bool }'),
    set('new', 'uuid(4)', 'if { var(txn.salt) -m found } !{ var(txn.user) -m found }'),
    set('user', 'var(txn.new)', 'if { var(txn.new) -m found }'),
    set('sign', `var(txn.new),${signed}`, 'if { var(txn.new) -m found }'),
    set(
      'place',
      'var(txn.user),hmac(sha256,txn.salt),bytes(0,4),hex,hex2i,mod(10000)',
      'if { var(txn.user) -m found }',
    ),
    '  http-after-response add-header Set-Cookie "liftlock-user=%[var(txn.new)].%[var(txn.sign)]; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax" if { var(txn.new) -m found }',
  ];
}

/**
 * The servers of a worker that was replaced cannot be told anything any more, so it hands what still comes on its kept connections
 * to the one that replaced it, with the client's address (PROXY protocol).
 */
function relay({ route: { environment, limits = {} } }: Placed): readonly string[] {
  return [
    `backend ${environment}-relay`,
    '  http-reuse never',
    '  timeout connect 5s',
    // The one behind it says when a time is over.
    `  timeout server ${Math.max(300_000, oneTime(limits)) + 5_000}ms`,
    `  server next unix@${environment}.sock send-proxy-v2`,
  ];
}

/**
 * An instance that refuses a connection is passed over at once (`redispatch`); only what has no effect, or has not been sent, is sent
 * again. Idle connections are closed before the servers that most releases are would close them (Node: 5 s).
 */
function backend(placed: Placed, slot: number, withServers: boolean): readonly string[] {
  const { environment, limits = {} } = placed.route;
  const text = (words: string) => `content-type "text/plain; charset=utf-8" string "${words}\\n"`;
  const health = healthOf(placed, slot);
  const server = (index: number): readonly string[] => {
    const known = withServers ? liveServer(placed, slot, index) : undefined;
    const address = `${known === undefined ? '127.0.0.1:1' : authorityOf(known)} pool-purge-delay 2s`;
    const disabled = known === undefined ? ' disabled' : '';
    const name = serverName(index);
    if (health === undefined) return [`  server ${name} ${address}${disabled}`];
    return [
      `  server ${name} ${address} ${asked}${disabled}`,
      `  server ${lastResort(name)} ${address} backup${disabled}`,
    ];
  };
  return [
    `backend ${backendOf(environment, slot)}`,
    '  balance leastconn',
    '  http-reuse safe',
    '  retries 3',
    '  option redispatch 1',
    '  retry-on conn-failure empty-response',
    '  acl has-no-effect method GET HEAD OPTIONS TRACE',
    '  http-request disable-l7-retry unless has-no-effect',
    `  timeout connect ${limits.connectMs ?? usualTimes.connectMs}ms`,
    `  timeout server ${oneTime(limits)}ms`,
    `  http-error status 502 ${text('the release broke off before it answered')}`,
    `  http-error status 503 ${text('no instance of this release can be reached')}`,
    `  http-error status 504 ${text('the release did not answer in time')}`,
    ...(health === undefined ? [] : healthCheck(health)),
    ...Array.from({ length: placed.room }, (_, index) => server(index)).flat(),
  ];
}

/** One that no longer answers is not waited for: what is safe to repeat is asked elsewhere. */
const asked = 'check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions';

/** One that says that it is not well gets no new request and ends what it is at; only silence and a refused connection are an end. */
function healthCheck({ path, timeoutMs }: InstanceHealth): readonly string[] {
  return [
    '  option allbackups',
    `  timeout check ${timeoutMs}ms`,
    ...(path === undefined
      ? []
      : [
          '  option httpchk',
          `  http-check send meth GET uri ${quoted(path)} ver HTTP/1.1 hdr Host 127.0.0.1`,
          `  http-check expect error-status L7OKC rstatus ${quoted('^[23]')}`,
        ]),
  ];
}

/** One word, whatever is in it (configuration manual, 2.2: strong quoting). */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
