import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultGates, defaultsOf, defaultTriggers } from './defaults.ts';
import { environmentKinds, type EnvironmentKind } from './environment.ts';

test('only production asks a person unless the pipeline says so', () => {
  const asking = environmentKinds.filter((kind) => defaultGates(kind, true).some(({ gate }) => gate === 'approval'));
  assert.deepEqual(asking, ['production']);
});

test('what staging and production ask by default, and that no other kind asks anything', () => {
  const words = (kind: EnvironmentKind) => defaultGates(kind, true).map(({ gate }) => gate);
  assert.deepEqual(words('staging'), ['tests', 'review', 'merged', 'deployed']);
  assert.deepEqual(words('production'), ['qa', 'performance', 'security', 'tagged', 'notes', 'plan', 'approval']);
  for (const kind of environmentKinds)
    if (kind !== 'staging' && kind !== 'production') assert.deepEqual(words(kind), [], kind);
});

test('R2: where nothing comes before, no gate asks what came before', () => {
  for (const kind of environmentKinds) {
    const upstream = defaultGates(kind, false).filter(({ gate }) => gate === 'tests' || gate === 'deployed');
    assert.deepEqual(upstream, [], kind);
  }
});

test('debug and experiments are off in every kind from qa on, and logs get quieter towards production', () => {
  for (const kind of ['qa', 'staging', 'production', 'disaster-recovery'] as const) {
    const { debug, experimental } = defaultsOf(kind).settings;
    assert.deepEqual({ kind, debug, experimental }, { kind, debug: false, experimental: false });
  }
  const levels = (['development', 'staging', 'production'] as const).map((kind) => defaultsOf(kind).settings.logLevel);
  assert.deepEqual(levels, ['debug', 'info', 'warn']);
});

test('disaster recovery has the settings of production', () => {
  assert.deepEqual(defaultsOf('disaster-recovery').settings, defaultsOf('production').settings);
});

test('a failed verification goes back by itself wherever other people depend on the environment', () => {
  const manual = environmentKinds.filter((kind) => defaultsOf(kind).rollback === 'manual');
  assert.deepEqual(manual, ['development', 'ci']);
});

test('no kind follows a success when nothing comes before it', () => {
  for (const kind of environmentKinds) {
    assert.ok(
      defaultTriggers(kind, false).every(({ on }) => on !== 'success'),
      kind,
    );
    assert.ok(defaultTriggers(kind, true).length > 0, kind);
  }
  assert.deepEqual(defaultTriggers('testing', true), [{ on: 'success' }]);
  assert.deepEqual(defaultTriggers('disaster-recovery', true), [{ on: 'success' }]);
});

test('no commit of a branch starts a promotion into staging, production or disaster recovery by default', () => {
  for (const kind of ['qa', 'staging', 'production', 'disaster-recovery'] as const) {
    assert.ok(
      defaultTriggers(kind, true).every(({ on }) => on !== 'commit'),
      kind,
    );
  }
});
