/** A route as a configuration of nginx. Every value in it is a number, a checked name or a pattern of escapes. */
import { oneTime, usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Group, Instance, Limits, Route, Sticky } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';
import { cookiePattern, literal } from '../program/pattern.ts';
import { cookieAttributes, cookieName, cookiesBy, hexDigits, placeDigits } from '../program/places.ts';
import { groupAt, sharesName, usersShare } from '../program/shares.ts';
import { lineFormat } from './log-line.ts';
import { closingFile } from '../program/program.ts';

export interface NginxBuild {
  /** Knows `keepalive_min_timeout` (1.27.4): an idle connection is left open for a moment after a reload. */
  readonly keepsIdle: boolean;
  /** Workers keep the rights of whoever starts nginx, so that they may reopen a log in a directory that is closed to others. */
  readonly asRoot: boolean;
}

/** Paths are relative to the environment's directory, in which nginx runs (`-p`). */
export function nginxConfig(route: Route, build: NginxBuild): string {
  return `daemon off;
${build.asRoot ? 'user root;\n' : ''}worker_processes auto;
worker_shutdown_timeout 1h;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
${indented([...general(build), ...limits(route.limits ?? {}), ...choices(route), ...upstreams(route)])}
  server {
${indented(server(route), 4)}
  }
${indented(shadowServer(route))}
}
`;
}

function indented(lines: readonly string[], by = 2): string {
  return lines.map((line) => `${' '.repeat(by)}${line}`).join('\n');
}

function general({ keepsIdle }: NginxBuild): string[] {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path tmp/${name};`,
  );
  return [
    ...temporary,
    `log_format liftlock '${lineFormat}';`,
    'access_log off;',
    'server_tokens off;',
    'uninitialized_variable_warn off;',
    'underscores_in_headers on;',
    'map_hash_max_size 16384;',
    'map_hash_bucket_size 128;',
    'variables_hash_max_size 2048;',
    'large_client_header_buffers 4 32k;',
    // Who closes first should be the client.
    'keepalive_timeout 75s;',
    'keepalive_requests 1000000;',
    ...(keepsIdle ? ['keepalive_min_timeout 2s;'] : []),
    'map $http_upgrade $liftlock_tunnel { default ""; "~*^websocket$" 1; }',
    'map $request_completion $liftlock_whole { default -; OK +; }',
    'map $upstream_addr $liftlock_asked { default +; "" -; }',
    // A proxy with TLS on this machine is believed.
    'map $remote_addr $liftlock_here { default ""; ~^127\\. 1; ::1 1; }',
    'map $liftlock_here$http_x_forwarded_proto $liftlock_proto { default $scheme; "~^1(?<liftlock_told_proto>.+)$" $liftlock_told_proto; }',
    'map $liftlock_here$http_x_forwarded_host $liftlock_host { default $http_host; "~^1(?<liftlock_told_host>.+)$" $liftlock_told_host; }',
  ];
}

function limits(told: Limits): string[] {
  const { bodyBytes = 0, connectMs = usualTimes.connectMs, idleMs = usualTimes.idleMs } = told;
  return [
    `client_max_body_size ${bodyBytes};`,
    `proxy_connect_timeout ${connectMs}ms;`,
    `proxy_read_timeout ${oneTime(told)}ms;`,
    `proxy_send_timeout ${idleMs}ms;`,
    `send_timeout ${idleMs}ms;`,
    `client_body_timeout ${idleMs}ms;`,
  ];
}

/** Maps are worked out where they are asked for: `$liftlock_group`, and the digits of a place. */
function choices(route: Route): string[] {
  const { groups = [] } = route;
  return [
    ...groups.flatMap(groupMap),
    `map "" ${groupVariable(groups.length)} { default ""; }`,
    `map $request_id $liftlock_new { default 000; "~^(?<liftlock_random>${digits})" $liftlock_random; }`,
    ...(route.sticky === undefined ? ['map "" $liftlock_place { default $liftlock_new; }'] : users(route.sticky)),
    'map $liftlock_place $liftlock_place_1 { "~^(?<liftlock_first>.)" $liftlock_first; }',
    'map $liftlock_place $liftlock_place_2 { "~^(?<liftlock_second>..)" $liftlock_second; }',
  ];
}

/** The first group in force that matches decides: each one's map goes on with the next. */
function groupMap({ by, name, value }: Group, index: number): string[] {
  const source = by === 'cookie' ? '$http_cookie' : headerVariable(name);
  const header = value === undefined ? '.' : `^${literal(value, 'bytes')}$`;
  const pattern = by === 'cookie' ? cookiePattern(name, value, 'bytes') : header;
  return [
    `map ${source} $liftlock_meant_${index} { default ""; "~${pattern}" 1; }`,
    `map "${groupSide(index)}:$liftlock_meant_${index}" ${groupVariable(index)} { default ${groupVariable(index + 1)}; "~^.+:1$" ${groupSide(index)}; }`,
  ];
}

function groupVariable(index: number): string {
  return `$liftlock_group_${index}`;
}

/** The side that a group is led to, and nothing while it is led nowhere. */
function groupSide(index: number): string {
  return `$liftlock_group_side_${index}`;
}

/** 1 while users stay on their side, and nothing otherwise. */
const usersStay = '$liftlock_users_stay';

/** The value of the last share that is there. */
function lookUp(variable: string, values: readonly { readonly share: string; readonly value: string }[]): string[] {
  return [
    `set ${variable} "";`,
    ...values.map(({ share, value }) => `if (-f ${sharesName}/${share}) { set ${variable} ${value}; }`),
  ];
}

function headerVariable(name: string): string {
  return `$http_${name.toLowerCase().replaceAll('-', '_')}`;
}

const digits = `[${hexDigits.join('')}]`.repeat(placeDigits);

/** A cookie is ours when it is the one that belongs to the place in it; anybody else gets a new one. */
function users({ header }: Sticky): string[] {
  const byCookie = header === undefined ? '$liftlock_place' : '$liftlock_cookie_place';
  const isOurs = '"~^([^:]+):\\1$"';
  return [
    `map $http_cookie $liftlock_given { default ""; "~(?:^|;)[ \\t]*${cookieName}=(?<liftlock_value>${digits}\\.[A-Za-z0-9_-]+)[ \\t]*(?:;|$)" $liftlock_value; }`,
    `map $liftlock_given $liftlock_given_place { default ""; "~^(?<liftlock_digits>${digits})" $liftlock_digits; }`,
    `map $liftlock_given_place $liftlock_right { default none; include ${cookiesFile}; }`,
    `map $liftlock_new $liftlock_new_cookie { default ""; include ${cookiesFile}; }`,
    `map "$liftlock_given:$liftlock_right" ${byCookie} { default $liftlock_new; ${isOurs} $liftlock_given_place; }`,
    `map "$liftlock_given:$liftlock_right" $liftlock_fresh { default "${cookieName}=$liftlock_new_cookie; ${cookieAttributes}"; ${isOurs} ""; }`,
    `map ${usersStay} $liftlock_told_cookie { default ""; 1 $liftlock_set_cookie; }`,
    ...(header === undefined ? ['map "" $liftlock_set_cookie { default $liftlock_fresh; }'] : byHeader(header)),
  ];
}

/** Three hashes of the user, a digit each. */
function byHeader(header: string): string[] {
  const user = headerVariable(header);
  const sixteen = hexDigits.map((digit, at) => (at === 15 ? `* ${digit};` : `6.25% ${digit};`)).join(' ');
  return [
    ...[1, 2, 3].map((at) => `split_clients "${at}:${user}" $liftlock_hash_${at} { ${sixteen} }`),
    `map ${user} $liftlock_place { default $liftlock_hash_1$liftlock_hash_2$liftlock_hash_3; "" $liftlock_cookie_place; }`,
    `map ${user} $liftlock_set_cookie { default ""; "" $liftlock_fresh; }`,
  ];
}

export const cookiesFile = 'cookies';

/** The first side has whom no other one has; the ones after it go first. */
function chooseSide(route: Route): string[] {
  const { sides, groups = [] } = route;
  const [first, ...others] = sides.map(({ name }) => name);
  const places = ['$liftlock_place_1', '$liftlock_place_2', '$liftlock_place'];
  return [
    `set $liftlock_side ${first};`,
    ...others.flatMap((name) =>
      places.map((place) => `if (-f ${sharesName}/${name}/${place}) { set $liftlock_side ${name}; }`),
    ),
    // A group is led to its side also while nobody else is.
    ...(sides.some(({ weight }) => weight > 0) ? [] : ['set $liftlock_side "";']),
    ...groups.flatMap((_, index) =>
      lookUp(
        groupSide(index),
        sides.map(({ name }) => ({ share: groupAt(index, name), value: name })),
      ),
    ),
    `if (${groupVariable(0)}) { set $liftlock_side ${groupVariable(0)}; }`,
    'if ($liftlock_side = "") { return 503; }',
  ];
}

/** What `include cookies` stands for. */
export function cookieTable(key: Uint8Array): string {
  return [...cookiesBy(key)].map(([place, cookie]) => `${place} ${cookie};\n`).join('');
}

function upstreams({ sides: all, shadow }: Route): string[] {
  return [
    ...all.flatMap(({ name, instances }) => upstream(upstreamOf(name), instances)),
    ...(shadow === undefined || shadow.length === 0 ? [] : upstream(shadowUpstream, shadow)),
  ];
}

const shadowUpstream = 'liftlock_shadow';

function upstreamOf(side: string): string {
  return `liftlock_side_${side}`;
}

/**
 * Idle connections are kept for less than servers usually do (Node: 5 s), so that we close first; and shortly, because on a side that
 * drains they cannot be told from requests.
 */
function upstream(name: string, instances: readonly Instance[]): string[] {
  const servers = instances.map(
    (instance) => `server ${authorityOf(instance)}${instances.length === 1 ? '' : ' max_fails=1 fail_timeout=1s'};`,
  );
  return [
    `upstream ${name} {`,
    ...(servers.length === 0
      ? ['  server 127.0.0.1:1 down;']
      : ['  least_conn;', ...servers.map((line) => `  ${line}`)]),
    '  keepalive 64;',
    '  keepalive_requests 1000000;',
    '  keepalive_timeout 1s;',
    '}',
  ];
}

const asAsked = [
  'proxy_http_version 1.1;',
  'proxy_buffering off;',
  'proxy_request_buffering off;',
  'proxy_buffer_size 16k;',
  'proxy_buffers 4 16k;',
  'proxy_busy_buffers_size 32k;',
  // What may be repeated is asked elsewhere once; whoever refuses or hangs is passed over for a second.
  'proxy_next_upstream error timeout;',
  'proxy_next_upstream_tries 2;',
  'proxy_pass_header Server;',
  'proxy_pass_header Date;',
];
const headers = [
  'proxy_set_header Host $http_host;',
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header X-Forwarded-Proto $liftlock_proto;',
  'proxy_set_header X-Forwarded-Host $liftlock_host;',
  'proxy_set_header Forwarded "";',
];

function server(route: Route): string[] {
  const { listen, sticky, shadow = [] } = route;
  const toSide = `proxy_pass http://${upstreamOf('$liftlock_side')};`;
  const usual = [
    ...headers,
    'proxy_set_header Connection "";',
    ...(sticky === undefined ? [] : ['add_header Set-Cookie $liftlock_told_cookie always;']),
    ...(shadow.length === 0 ? [] : [`mirror ${copyPath};`, 'mirror_request_body off;']),
    toSide,
  ];
  return [
    `listen ${authorityOf(listen)} backlog=1024;`,
    'access_log access.log liftlock;',
    ...asAsked,
    ...chooseSide(route),
    ...(sticky === undefined ? [] : lookUp(usersStay, [{ share: usersShare, value: '1' }])),
    'error_page 418 = @tunnel;',
    'error_page 419 = @closing;',
    'error_page 502 @unreachable;',
    'error_page 503 @nobody;',
    'error_page 504 @late;',
    ...location('/', ['if ($liftlock_tunnel) { return 418; }', `if (-f ${closingFile}) { return 419; }`, ...usual]),
    ...location('@closing', ['keepalive_timeout 0;', ...usual]),
    // An upgraded connection may be silent for as long as its ends like.
    ...location('@tunnel', [
      ...headers,
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection upgrade;',
      'proxy_read_timeout 1d;',
      'proxy_send_timeout 1d;',
      toSide,
    ]),
    ...(shadow.length === 0 ? [] : location(`= ${copyPath}`, copy)),
    ...refusal('@unreachable', 502, 'no instance of this release can be reached'),
    ...refusal('@nobody', 503, 'nothing serves here right now'),
    ...refusal('@late', 504, 'the release did not answer in time'),
  ];
}

function location(name: string, lines: readonly string[]): string[] {
  return [`location ${name} {`, ...lines.map((line) => `  ${line}`), '}'];
}

function refusal(name: string, status: number, text: string): string[] {
  return location(name, [
    'default_type text/plain;',
    ...(status === 503 ? ['add_header Retry-After 1 always;'] : []),
    `return ${status} "${text}\\n";`,
  ]);
}

const copyPath = '/liftlock-shadow-copy';
const copyUpstream = 'liftlock_copy';
export const shadowSocket = 'shadow.sock';
const mostCopies = 64;

/**
 * A copy goes to a server inside nginx that answers at once and asks the shadow only then: whoever asked does not wait for the shadow, not
 * even with the next request on the same connection, as with a plain `mirror`.
 */
const copy = [
  'internal;',
  'if ($request_method !~ ^(?:GET|HEAD)$) { return 204; }',
  ...headers,
  'proxy_set_header Connection close;',
  'proxy_connect_timeout 1s;',
  'proxy_read_timeout 1s;',
  `proxy_pass http://${copyUpstream}$request_uri;`,
];

function shadowServer({ shadow = [] }: Route): string[] {
  if (shadow.length === 0) return [];
  return [
    `upstream ${copyUpstream} { server unix:${shadowSocket}; }`,
    'limit_conn_zone $server_name zone=liftlock_copies:32k;',
    'server {',
    `  listen unix:${shadowSocket};`,
    '  server_name shadow;',
    // A shadow that cannot keep up loses copies, never time of users.
    `  limit_conn liftlock_copies ${mostCopies};`,
    '  limit_conn_log_level info;',
    '  proxy_ignore_client_abort on;',
    ...asAsked.map((line) => `  ${line}`),
    ...location('/', [`mirror ${copyPath};`, 'mirror_request_body off;', 'empty_gif;']).map((line) => `  ${line}`),
    ...location(`= ${copyPath}`, [
      'internal;',
      'proxy_set_header Host $http_host;',
      'proxy_set_header Connection "";',
      'proxy_set_header X-Liftlock-Shadow true;',
      `proxy_pass http://${shadowUpstream}$request_uri;`,
    ]).map((line) => `  ${line}`),
    '}',
  ];
}
