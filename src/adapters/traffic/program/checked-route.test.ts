import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Route } from '../../../ports/traffic.ts';
import { caddyConfig } from '../caddy/caddy-config.ts';
import { nginxConfig } from '../nginx/nginx-config.ts';
import { requireWritable } from './checked-route.ts';

const route: Route = {
  environment: 'env_1' as EnvironmentId,
  by: 'nginx',
  listen: { host: '127.0.0.1', port: 8080 },
  sides: [
    { name: 'dep_1', weight: 10_000, instances: [{ host: '127.0.0.1', port: 17_500 }] },
    {
      name: 'dep_2',
      weight: 0,
      instances: [{ host: '::1', port: 17_501 }],
      health: { path: '/health?a=b', timeoutMs: 1_000 },
    },
  ],
  groups: [{ side: 'dep_2', by: 'header', name: 'X-Beta', value: 'yes' }],
  limits: { bodyBytes: 1_000, answerMs: 1_000, connectMs: 500, idleMs: 2_000 },
};

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'"\'\\;{}$#~/ \n\r\t\u0000aZ09.-_:') }),
  fc.constantFrom(
    'a; } http { x',
    '$host',
    '{env.HOME}',
    'a"b',
    'a\nb',
    '127.0.0.1:80;',
    'unix:/tmp/x',
    '',
    '{',
    'a b',
  ),
);

/** Every place of a route that is a text. */
const places: Readonly<Record<string, (text: string) => Route>> = {
  'listen host': (host) => ({ ...route, listen: { host, port: 8080 } }),
  'instance host': (host) => ({
    ...route,
    sides: [{ name: 'dep_1', weight: 10_000, instances: [{ host, port: 17_500 }] }],
  }),
  'shadow host': (host) => ({ ...route, shadow: [{ host, port: 17_500 }] }),
  'side name': (name) => ({ ...route, sides: [{ name, weight: 10_000, instances: [] }] }),
  'health path': (path) => ({
    ...route,
    sides: [{ name: 'dep_1', weight: 10_000, instances: [], health: { path: `/${path}`, timeoutMs: 1_000 } }],
  }),
  'sticky header': (header) => ({ ...route, sticky: { header, salt: 'one' } }),
  'group side': (side) => ({ ...route, groups: [{ side, by: 'header', name: 'X-Beta' }] }),
  'group header': (name) => ({ ...route, groups: [{ side: 'dep_2', by: 'header', name, value: 'yes' }] }),
  'group cookie': (name) => ({ ...route, groups: [{ side: 'dep_2', by: 'cookie', name, value: 'yes' }] }),
  'group value': (value) => ({ ...route, groups: [{ side: 'dep_2', by: 'header', name: 'X-Beta', value }] }),
  salt: (salt) => ({ ...route, sticky: { salt } }),
};

const build = { keepsIdle: true, asRoot: true };
const tokensOf = (text: string) =>
  text
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .match(/[;{}]/g)!
    .join('');

test('an ordinary route is taken', () =>
  requireWritable({ ...route, sticky: { header: 'X-User', salt: 'any "salt"; } at all' } }));

for (const [what, routeWith] of Object.entries(places))
  test(`whatever stands as ${what}, it is refused or changes nothing but itself`, () => {
    const ordinary = tokensOf(nginxConfig(routeWith('ordinary'), build));
    fc.assert(
      fc.property(hostile, (text) => {
        const wish = routeWith(text);
        try {
          requireWritable(wish);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'traffic/refused');
          return;
        }
        const written = nginxConfig(wish, build);
        // eslint-disable-next-line no-control-regex
        assert.match(written, /^[\n\x20-\x7e]*$/);
        if (what !== 'group side') assert.equal(tokensOf(written), ordinary);
        const kept = { route: wish, gone: [], drainingSince: {} };
        const config = JSON.stringify(caddyConfig(kept, Buffer.alloc(32), { keepsStreams: true }));
        const known =
          /^\{(?:http\.(?:vars|request|error|auth|regexp|matchers)\.[a-zA-Z0-9_.-]+|liftlock\.[a-z_0-9]+)\}$/;
        const named = JSON.stringify(texts(JSON.parse(config))).match(/\{[A-Za-z][^{}"]*\}/g) ?? [];
        assert.ok(
          named.every((placeholder) => known.test(placeholder)),
          named.join(' '),
        );
      }),
      { numRuns: routeWith('ordinary').sticky === undefined ? 100 : 20 },
    );
  });

/** All strings but patterns, in which braces belong to escapes. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'pattern' || key === 'input_regexp' || key === 'outputs' ? [] : [key, ...texts(inner)],
  );
}
