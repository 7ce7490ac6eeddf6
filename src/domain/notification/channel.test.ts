import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChannelId, EnvironmentId, ProjectId } from '../base/id.ts';
import { instant } from '../base/time.ts';
import { environmentKinds } from '../pipeline/environment.ts';
import { hears, type Channel, type Placed, type Route } from './channel.ts';
import { isAtLeast, severities } from './severity.ts';

const shop = 'prj_shop' as ProjectId;
const everything: Route = { atLeast: 'info', kinds: [], environments: [] };

function channel(changes: Partial<Channel> = {}): Channel {
  return {
    id: 'chn_ops' as ChannelId,
    name: 'ops',
    project: undefined,
    settings: { kind: 'command', command: 'true' },
    routes: [everything],
    createdBy: 'ann',
    createdAt: instant(100),
    disabled: undefined,
    ...changes,
  };
}

function placed(changes: Partial<Placed> = {}): Placed {
  return {
    severity: 'warning',
    at: instant(200),
    project: shop,
    environment: { id: 'env_1' as EnvironmentId, name: 'live', kind: 'production' },
    deciders: [],
    only: undefined,
    except: undefined,
    ...changes,
  };
}

const route = fc.record<Route>({
  atLeast: fc.constantFrom(...severities),
  kinds: fc.subarray([...environmentKinds]),
  environments: fc.subarray(['live', 'trial']),
});
const place = fc
  .record({
    severity: fc.constantFrom(...severities),
    name: fc.constantFrom('live', 'trial', 'other'),
    kind: fc.constantFrom(...environmentKinds),
    whole: fc.boolean(),
  })
  .map(({ severity, name, kind, whole }) =>
    placed({ severity, environment: whole ? undefined : { id: 'env_1' as EnvironmentId, name, kind } }),
  );

test('a channel hears exactly what one of its routes alone would lead to it', () => {
  fc.assert(
    fc.property(fc.array(route, { maxLength: 4 }), place, (routes, what) => {
      const alone = routes.some((one) => hears(channel({ routes: [one] }), what));
      assert.equal(hears(channel({ routes }), what), alone);
    }),
  );
});

test('a route never leads to what is less urgent than it asks, and more urgent news is heard wherever less urgent ones are', () => {
  fc.assert(
    fc.property(route, place, (one, what) => {
      const heard = hears(channel({ routes: [one] }), what);
      if (heard) assert.ok(isAtLeast(what.severity, one.atLeast));
      if (heard) assert.ok(hears(channel({ routes: [one] }), { ...what, severity: 'page' }));
    }),
  );
});

test('a channel of a project hears nothing of others, nor of the installation; one of the installation hears all', () => {
  const own = channel({ project: shop });
  assert.ok(hears(own, placed()));
  assert.ok(!hears(own, placed({ project: 'prj_bank' as ProjectId })));
  assert.ok(!hears(own, placed({ project: undefined, environment: undefined })));
  assert.ok(hears(channel(), placed({ project: undefined, environment: undefined })));
});

test('nothing is told of the time before a channel was there, nor to one that is disabled', () => {
  assert.ok(!hears(channel(), placed({ at: instant(99) })));
  assert.ok(!hears(channel({ disabled: { at: instant(150), because: 'gone' } }), placed()));
});

test('a test goes to its channel alone whatever its routes; news of a broken channel never to itself', () => {
  const quiet = channel({ routes: [{ ...everything, atLeast: 'page' }] });
  assert.ok(hears(quiet, placed({ severity: 'info', only: quiet.id })));
  assert.ok(!hears(channel(), placed({ only: 'chn_other' })));
  assert.ok(!hears(channel(), placed({ except: channel().id })));
});

test('a channel for those who could decide alone hears of nothing else', () => {
  const mail = { kind: 'email', host: 'h', port: 25, security: 'tls', from: 'a@b', to: [], deciders: true } as const;
  assert.ok(!hears(channel({ settings: mail }), placed()));
  assert.ok(hears(channel({ settings: mail }), placed({ deciders: ['ann'] })));
});
