/**
 * What an environment is when the pipeline file says no more than its kind.
 *
 * The kinds differ where a mistake costs differently: the first environments show everything and
 * wait for nobody, production shows little and waits for a person.
 */
import type { EnvironmentKind, GateSpec, Hosting, QueueMode, Settings, TriggerSpec } from './environment.ts';
import type { TrustSpec } from './pipeline.ts';

export interface KindDefaults {
  readonly hosting: Hosting;
  readonly queue: QueueMode;
  readonly rollback: 'automatic' | 'manual';
  readonly gates: readonly GateSpec[];
  readonly settings: Settings;
  /** True when nothing before this environment is the usual case, so that `after` need not be written. */
  readonly mayStartAlone: boolean;
}

/** What holds when the pipeline says nothing: signatures of people, two people for everything, and no way around. */
export const trustDefaults: TrustSpec = { signatures: 'strict', separation: 'two-person', breakGlass: 'none' };

const common = { hosting: 'local', queue: 'latest' } as const;

const open: Settings = { debug: true, logLevel: 'debug', experimental: true };
const asReleased: Settings = { debug: false, logLevel: 'info', experimental: false };
const live: Settings = { debug: false, logLevel: 'warn', experimental: false };

/**
 * Rollback is manual in development and ci: whoever broke it wants to look at what is broken, and
 * nobody else depends on it. Everywhere else other people do, so the last good release returns.
 * Disaster recovery asks nobody: what it follows was approved for production.
 */
const byKind: Readonly<Record<EnvironmentKind, KindDefaults>> = {
  development: { ...common, rollback: 'manual', gates: [], settings: open, mayStartAlone: true },
  ci: { ...common, rollback: 'manual', gates: [], settings: open, mayStartAlone: true },
  testing: { ...common, rollback: 'automatic', gates: [], settings: open, mayStartAlone: true },
  qa: { ...common, rollback: 'automatic', gates: [], settings: asReleased, mayStartAlone: false },
  staging: { ...common, rollback: 'automatic', gates: [], settings: asReleased, mayStartAlone: false },
  production: {
    ...common,
    rollback: 'automatic',
    gates: [{ gate: 'approval', count: 1 }],
    settings: live,
    mayStartAlone: false,
  },
  'disaster-recovery': { ...common, rollback: 'automatic', gates: [], settings: live, mayStartAlone: false },
};

export function defaultsOf(kind: EnvironmentKind): KindDefaults {
  return byKind[kind];
}

/**
 * The triggers of an environment that names none. `follows` tells whether any environment comes before it:
 * without one there is no success to follow, and main or a person takes its place.
 */
export function defaultTriggers(kind: EnvironmentKind, follows: boolean): readonly TriggerSpec[] {
  switch (kind) {
    case 'development':
    case 'ci':
      return [{ on: 'commit', branches: ['**'] }];
    case 'testing':
      return follows ? [{ on: 'success' }] : [{ on: 'main' }];
    case 'qa':
      return [{ on: 'manual' }];
    case 'staging':
      return [{ on: 'main' }];
    case 'production':
      return [{ on: 'tag', pattern: 'v*' }];
    case 'disaster-recovery':
      return follows ? [{ on: 'success' }] : [{ on: 'manual' }];
  }
}
