import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { environmentKinds, hostings } from '../domain/pipeline/environment.ts';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';
import { pipelineJsonSchema } from './schema-json.ts';

const text = readFileSync(new URL('../../docs/pipeline-reference.yaml', import.meta.url), 'utf8');

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly description?: string;
}

/** Every key the schema knows, by path: `environments.gates.count`. */
function keysOfSchema(schema: JsonSchema, base = ''): ReadonlyMap<string, JsonSchema> {
  const alternatives = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  const keys = new Map(alternatives.flatMap((one) => [...keysOfSchema(one, base)]));
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const path = base === '' ? key : `${base}.${key}`;
    keys.set(path, inner);
    for (const [deeper, one] of keysOfSchema(inner, path)) keys.set(deeper, one);
  }
  return keys;
}

function keysOfValue(value: unknown, base = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOfValue(item, base));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = base === '' ? key : `${base}.${key}`;
    return [path, ...keysOfValue(inner, path)];
  });
}

test('the reference file is a pipeline without a problem or a doubt', () => {
  const reading = readPipeline(text, 'pipeline-reference.yaml');
  assert.deepEqual(reading.ok ? reading.warnings.map(formatProblem) : reading.problems.map(formatProblem), []);
});

test('the reference file uses every kind of environment and every hosting', () => {
  const reading = readPipeline(text, 'pipeline-reference.yaml');
  assert.ok(reading.ok);
  assert.deepEqual(new Set(reading.pipeline.environments.map(({ kind }) => kind)), new Set(environmentKinds));
  assert.deepEqual(new Set(reading.pipeline.environments.map(({ hosting }) => hosting)), new Set(hostings));
});

test('every key of the schema is written in the reference file', () => {
  const known = keysOfSchema(pipelineJsonSchema());
  assert.ok(known.size > 60, `the schema has ${known.size} keys`);
  const written = new Set(keysOfValue(parse(text)));
  // The other way of health, and of an image, is documented beside the one that is written.
  assert.match(text, /# +health: \{ process: 2s \}/);
  assert.match(text, /# +image: image\.txt/);
  const beside = ['service.health.process', 'build.image'];
  assert.deepEqual(
    [...known.keys()].filter((key) => !written.has(key) && !beside.includes(key)),
    [],
  );
});

test('every key of the schema is explained by a comment above one of its lines', () => {
  const lines = text.split('\n');
  const words = new Set([...keysOfSchema(pipelineJsonSchema()).keys()].map((path) => path.split('.').at(-1) ?? ''));
  const unexplained = [...words].filter((word) => {
    const key = new RegExp(`^[ -]*${word}:`);
    return !lines.some((line, index) => key.test(line) && /^\s*#/.test(lines[index - 1] ?? ''));
  });
  // Explained where its alternatives are listed, one by one.
  assert.deepEqual(
    unexplained.filter((word) => !['process', 'image'].includes(word)),
    [],
  );
});

test('every key of the schema has a description for editors', () => {
  const silent = [...keysOfSchema(pipelineJsonSchema())].filter(([, schema]) => schema.description === undefined);
  assert.deepEqual(
    silent.map(([path]) => path),
    [],
  );
});

test('the JSON Schema accepts the reference file and refuses what readPipeline refuses by shape', () => {
  const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(
    pipelineJsonSchema(),
  );
  assert.equal(validate(parse(text)), true, JSON.stringify(validate.errors));
  for (const [right, wrong] of [
    ['count: 2', 'count: two'],
    ['poll: 30s', 'pol: 30s'],
    ['for: 30m', 'for: 30'],
    ['verify: none', 'verify: nothing'],
    ['version: 1', 'version: 2'],
    ['port: 7501', 'port: "7501"'],
    ['branches: ["**"]', 'branches: []'],
    ['junit: reports/junit.xml', 'junit: /etc/junit.xml'],
    ['kind: qa', 'kind: acceptance'],
  ] as const) {
    assert.ok(text.includes(right), right);
    const changed = text.replace(right, wrong);
    assert.equal(validate(parse(changed)), false, wrong);
    assert.equal(readPipeline(changed, 'x').ok, false, wrong);
  }
});
