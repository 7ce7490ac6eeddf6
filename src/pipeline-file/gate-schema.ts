/** The shape of gates that ask for proof of work done, as people write them. */
import { z } from 'zod';
import { severityLimits } from '../domain/pipeline/gate-spec.ts';
import {
  command,
  duration,
  list,
  mapping,
  oneOf,
  percentage,
  secretName,
  slug,
  toolName,
  url,
  wholeNumber,
} from './words.ts';

const claimed = oneOf(['allowed', 'refused'])
  .prefault('refused')
  .describe('Whether results count that people uploaded and nobody attests. Default: refused.');

const recent = (age: string) => duration('1m', '365d').prefault(age).describe(`How old it may be. Default: ${age}.`);

const custom = {
  gate: z.literal('custom').describe('A question of your own.'),
  name: slug.describe('Names it in messages; unique in the environment.'),
};

export const proofGates = [
  mapping('a gate', {
    gate: z.literal('tests').describe('All tests passed in the environments before this one.'),
    commands: list(slug, 'a list of names of commands')
      .prefault([])
      .describe('Results that must be there; any one is enough when left out.'),
    claimed,
  }),
  mapping('a gate', {
    gate: z.literal('review').describe('Every commit since what runs here was approved by others than its authors.'),
    count: wholeNumber(1, 10).prefault(1).describe('How many different people for each commit. Default: 1.'),
    from: oneOf(['any', 'forge', 'liftlock'])
      .prefault('any')
      .describe('Which reviews count: those of the forge, those recorded here, or any (default).'),
  }),
  mapping('a gate', { gate: z.literal('merged').describe('The commit was merged to the main branch.') }),
  mapping('a gate', { gate: z.literal('deployed').describe('Liftlock deployed the release upstream, with success.') }),
  mapping('a gate', {
    gate: z.literal('qa').describe('Somebody with the role qa signed the release off.'),
    count: wholeNumber(1, 10).prefault(1).describe('How many different people. Default: 1.'),
  }),
  mapping('a gate', {
    gate: z.literal('performance').describe('A load test within limits, and not worse than what production runs.'),
    p95: duration('1ms', '10m').exactOptional().describe('The longest that 95 of 100 requests may take.'),
    p99: duration('1ms', '10m').exactOptional().describe('The longest that 99 of 100 requests may take.'),
    errorRate: percentage.prefault('1%').describe('How many requests may fail. Default: 1%.'),
    minRequests: wholeNumber(1, 1_000_000_000).prefault(100).describe('Fewer tell nothing. Default: 100.'),
    tolerance: percentage.prefault('10%').describe('How much slower than production it may be. Default: 10%.'),
    within: recent('7d'),
    claimed,
  }),
  mapping('a gate', {
    gate: z.literal('security').describe('No severe finding that nobody answers for.'),
    failAt: oneOf(severityLimits)
      .prefault('high')
      .describe('Findings as severe as this, or worse, block. Default: high.'),
    tools: list(toolName, 'a list of names of tools')
      .prefault([])
      .describe('Tools that must have looked; any one is enough when left out.'),
    within: recent('7d'),
    claimed,
  }),
  mapping('a gate', { gate: z.literal('tagged').describe('A version tag names the commit.') }),
  mapping('a gate', { gate: z.literal('notes').describe('A person accepted the release notes.') }),
  mapping('a gate', { gate: z.literal('plan').describe('A person accepted the plan of the deployment.') }),
  mapping('a gate such as { gate: custom, name: ready, run: ./ready.sh }', {
    ...custom,
    run: command
      .exactOptional()
      .describe('Shell line: exit code 0 opens, 1 closes, 75 waits; run once for each promotion and plan.'),
    webhook: url.exactOptional().describe('Asked by a signed POST, instead of run.'),
    secret: secretName.exactOptional().describe('Name of the secret that signs the request.'),
    timeout: duration('1s', '24h').prefault('1m').describe('How long an answer may take. Default: 1m.'),
  }),
] as const;

/** What one of these gates says that its shape alone cannot: exactly one way to ask. */
export function customComplaint(gate: { run?: string; webhook?: string; secret?: string }): string | undefined {
  if (gate.run === undefined && gate.webhook === undefined) return 'a custom gate needs run or webhook';
  if (gate.run !== undefined && gate.webhook !== undefined) return 'a custom gate has either run or webhook, not both';
  if (gate.webhook !== undefined && gate.secret === undefined)
    return 'a webhook needs the secret that signs its requests';
  if (gate.run !== undefined && gate.secret !== undefined) return 'secret belongs to webhook; a command gets no secret';
  return undefined;
}
