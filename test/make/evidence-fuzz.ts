/** Hostile reports: what tools write, damaged in every way, and what nobody would write. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { createAttestations } from '../../src/adapters/evidence/attestations.ts';
import { createReports } from '../../src/adapters/evidence/reports.ts';
import { reportFormats, type ReportFormat } from '../../src/domain/pipeline/report.ts';
import { verdictWords } from '../../src/domain/release/evidence.ts';
import type { Reading } from '../../src/domain/release/reading.ts';

const reports = createReports();
const attestations = createAttestations(new Uint8Array(32), reports);

/** In CPU time of this process: a busy machine makes nobody slower by it. */
const longestMs = 2_000;

const corpus = new URL('../corpus/evidence/', import.meta.url);

/** Everything that was kept, the hostile ones included. */
export const kept: readonly (readonly [name: string, content: Buffer, folder: string])[] = readdirSync(corpus, {
  recursive: true,
  withFileTypes: true,
})
  .filter((entry) => entry.isFile())
  .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)), basename(entry.parentPath)]);

const junit = Buffer.from(
  '<?xml version="1.0"?><testsuites tests="2" failures="1"><testsuite name="s" tests="2"><testcase name="a"/><testcase name="b" classname="c"><failure message="m">text</failure></testcase></testsuite></testsuites>',
);
const seeds = [...kept.map(([, content]) => content), junit];

const strange: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  null,
  true,
  [],
  {},
  '',
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '9.9',
  'error',
  'critical',
  '\u0000',
  '\u202e\u001b[2J',
  '\ud800',
  '__proto__',
  'x'.repeat(5_000),
  [[[[[[[[[[]]]]]]]]]],
  { length: 1e9 },
  { __proto__: null, toString: 1 },
);

/** The value with one part of it, anywhere, taken out, doubled or made into something else. */
function mutate(value: unknown, path: readonly number[], change: unknown): unknown {
  if (typeof value !== 'object' || value === null || path.length === 0) return change;
  const entries = Object.entries(value);
  const [first = 0, ...rest] = path;
  const chosen = entries.length === 0 ? -1 : first % entries.length;
  const made = entries.flatMap(([key, item], index): [string, unknown][] => {
    if (index !== chosen) return [[key, item]];
    const drop = rest.length === 0 && change === undefined;
    return drop ? [] : [[key, mutate(item, rest, change)]];
  });
  if (Array.isArray(value)) return made.map(([, item]) => item);
  return Object.fromEntries(made);
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

const values = seeds.map(parsed).filter((value) => value !== undefined);

const changedValues: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...values),
    fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 8 }),
    fc.option(fc.oneof(strange, fc.jsonValue()), { nil: undefined }),
  )
  .map(([value, path, change]) => Buffer.from(JSON.stringify(mutate(value, path, change)) ?? ''));

const damaged: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 12 }))
  .map(([seed, at, cut, bytes]) => {
    const from = seed.length === 0 ? 0 : at % seed.length;
    return Buffer.concat([seed.subarray(0, from), bytes, seed.subarray(from + cut)]);
  });

const truncated: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...seeds), fc.nat())
  .map(([seed, at]) => seed.subarray(0, seed.length === 0 ? 0 : at % seed.length));

const invented: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ maxLength: 300, unit: 'binary' }).map((text) => Buffer.from(text, 'utf16le')),
);

export const hostile = fc.oneof(changedValues, changedValues, damaged, truncated, invented);
export const formats: fc.Arbitrary<ReportFormat | undefined> = fc.constantFrom(undefined, ...reportFormats);
export const exitCodes = fc.constantFrom(undefined, null, 0, 1, 127, 128);

/** Reads it as a report and as an envelope; fails when it does not end soon with an answer that can be shown. */
export async function survive(
  content: Uint8Array,
  format: ReportFormat | undefined,
  exitCode: number | null | undefined,
): Promise<Reading | undefined> {
  const begun = process.cpuUsage();
  const read = await reports.read(content, {
    ...(format === undefined ? {} : { format }),
    ...(exitCode === undefined ? {} : { exitCode }),
  });
  const envelope = await attestations.open(content);
  const { user, system } = process.cpuUsage(begun);
  assert.ok((user + system) / 1_000 < longestMs, `it took ${(user + system) / 1_000} ms`);
  if (envelope !== undefined) {
    assert.equal(envelope.isSignedBy(attestations.key), false);
    if (envelope.statement.problem === undefined) check(envelope.statement.reading);
  }
  if (read !== undefined) check(read.reading);
  if (format !== undefined) assert.equal(read?.format, format);
  return read?.reading;
}

function check(reading: Reading): void {
  const { verdict, summary, details } = reading;
  assert.ok(verdictWords.includes(verdict));
  assert.match(summary, /^[^\p{Cc}\p{Cs}]{1,2500}$/u);
  assert.ok(JSON.stringify(reading).length < 400_000);
  if (details?.of === 'tests' && verdict === 'PASS') {
    const { tests, failures, errors, skipped } = details.counts;
    assert.ok(tests - skipped > 0 && failures + errors === 0);
  }
  if (details?.of === 'findings') {
    const { critical, high, unknown } = details.bySeverity;
    assert.ok(details.findings.length <= 200);
    if (verdict === 'PASS') assert.equal(critical + high + unknown, 0);
  }
  if (details?.of === 'load') {
    assert.ok(
      Number.isSafeInteger(details.metrics.requests) &&
        details.metrics.errorRate >= 0 &&
        details.metrics.errorRate <= 1,
    );
    if (verdict === 'PASS') assert.ok(details.metrics.requests > 0 && details.thresholds.every(({ ok }) => ok));
  }
}
