import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classifierOf, isRoutePattern } from './route-classes.ts';

test('a pattern is a method and a path, with stars for whole parts of it', () => {
  const patterns = ['GET /', 'GET /api', 'GET /api/', '* /api/*', 'POST /a/*/b/**', '* /**', 'GET /a.b+(c)'];
  for (const good of patterns) assert.ok(isRoutePattern(good), good);
  const others = [
    '',
    '/api',
    'get /api',
    'GET api',
    'GET /a*',
    'GET /**/a',
    'GET /a/***',
    'GET /a?b',
    'GET //x',
    'GET /a b',
    'GET  /a',
  ];
  for (const bad of others) assert.ok(!isRoutePattern(bad), bad);
});

test('the first class that matches has the request, whatever its query; the rest is other', () => {
  const classOf = classifierOf([
    { name: 'one', match: ['GET /api/orders/*', 'POST /api/orders'] },
    { name: 'api', match: ['* /api/**'] },
    { name: 'home', match: ['GET /'] },
  ]);
  const told = (text: string) => classOf(...(text.split(' ') as [string, string]));
  assert.deepEqual(
    [
      'GET /api/orders/7?x=/1',
      'GET /api/orders/7/lines',
      'POST /api/orders',
      'DELETE /api/orders/7',
      'GET /api',
      'GET /apis',
    ].map(told),
    ['one', 'api', 'one', 'api', 'api', 'other'],
  );
  assert.deepEqual(['GET /', 'GET /?a', 'HEAD /', 'GET http://host/api/x'].map(told), [
    'home',
    'home',
    'other',
    'other',
  ]);
});

test('whatever stands in a pattern is meant as it is written', () => {
  const part = fc.stringMatching(/^[^\s/?#*]{1,8}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, other) => {
      const path = `/${parts.join('/')}`;
      fc.pre(isRoutePattern(`GET ${path}`) && !parts.includes(other));
      const classOf = classifierOf([{ name: 'this', match: [`GET ${path}`] }]);
      assert.equal(classOf('GET', path), 'this');
      assert.equal(classOf('GET', `${path}/${other}`), 'other');
      assert.equal(classOf('GET', path.slice(0, -1)), 'other');
    }),
  );
});

test('a target made to be tried again and again is sorted in the time that its length takes', () => {
  const classOf = classifierOf([{ name: 'deep', match: [`GET ${'/*'.repeat(50)}/end`, '* /a/*/*/*/**'] }]);
  const hostile = `/${'a/'.repeat(8_000)}`;
  const begin = performance.now();
  for (let time = 0; time < 100; time++) classOf('GET', hostile);
  assert.ok(performance.now() - begin < 2_000);
});
