/** The pipeline of the model: every queue mode, both ways to name predecessors, every gate. */
import type { Duration } from '../../../src/domain/base/time.ts';
import type { EnvironmentSpec } from '../../../src/domain/pipeline/environment.ts';
import type { Pipeline } from '../../../src/domain/pipeline/pipeline.ts';
import { specWith } from '../../make/facts.ts';

const minutes = (count: number) => (count * 60_000) as Duration;
const tests: EnvironmentSpec['verification'] = { commands: [{ name: 'tests', run: './test', timeout: minutes(5) }] };
const target: EnvironmentSpec['target'] = { kind: 'command', deploy: './deploy', timeout: minutes(5) };
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const environmentNames = ['testing', 'staging', 'nightly', 'production'] as const;

/** `version` only tells one revision of the pipeline from another. */
export function pipelineWith(version: number): Pipeline {
  return {
    project: 'shop',
    mainBranch: 'main',
    poll: minutes(version),
    build: {
      commands: [],
      timeout: minutes(5),
      outputLimitBytes: 1_000,
      allowVariables: [],
      variables: {},
      output: '.',
      exclude: [],
    },
    service: {
      start: './start',
      migrate: './migrate',
      migrateTimeout: minutes(5),
      health: { kind: 'process', settle: minutes(1) },
      stopGrace: minutes(1),
    },
    trust: { signatures: 'none', separation: 'none', breakGlass: 'none' },
    environments: [
      specWith({ name: 'testing', kind: 'testing', triggers: [{ on: 'main' }], verification: tests, target }),
      specWith({
        name: 'staging',
        kind: 'staging',
        after: { mode: 'all', environments: ['testing'] },
        triggers: [{ on: 'tag', pattern: 'v*' }],
        queue: 'queue',
        verification: tests,
        target,
      }),
      specWith({
        name: 'nightly',
        kind: 'qa',
        after: { mode: 'any', environments: ['testing', 'staging'] },
        triggers: [{ on: 'schedule', schedule: { zone: 'UTC', days: weekdays, at: '02:00' } }],
        gates: [{ gate: 'fresh', within: minutes(60 * 24 * 7) }],
        rollback: 'manual',
        target,
      }),
      specWith({
        name: 'production',
        after: { mode: 'all', environments: ['staging'] },
        triggers: [{ on: 'success' }],
        gates: [
          { gate: 'approval', count: 2 },
          { gate: 'soak', for: minutes(30) },
          {
            gate: 'window',
            window: { zone: 'UTC', allow: [{ days: weekdays, from: '08:00', to: '20:00' }], deny: [] },
          },
        ],
        verification: tests,
        target,
      }),
    ],
  };
}
