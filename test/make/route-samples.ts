/** A valid request for any route, made from what its endpoint says: enough to be understood and judged, and to change little. */
import { z } from 'zod';
import type { Endpoint } from '../../src/api/contract/endpoint.ts';
import type { Loose } from '../world/api-server.ts';

/** Values by the name of the parameter or property; what is not here is made of its schema. */
export type Samples = Readonly<Record<string, unknown>>;

/** For names that mean the same in every route. */
const usual: Samples = {
  release: 'no-such-release',
  person: 'nobody',
  handle: 'somebody-new',
  reason: 'because',
  role: 'viewer',
  email: 'new@example.org',
  subject: 'build/1',
  number: 1,
  code: 'no-such-code',
  commit: '0'.repeat(40),
  commits: ['0'.repeat(40)],
  url: 'https://example.org/',
  secret: 'SOME_SECRET',
};

export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
}

export function sampleRequest({ method, path, params, query, body }: Endpoint, given: Samples): SampleRequest {
  const samples = { ...usual, ...given };
  const values = sampleOf(schemaOf(params), samples) as Record<string, unknown>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(samples[name] ?? values[name])),
  );
  const asked = new URLSearchParams(sampleOf(schemaOf(query), samples) as Record<string, string>).toString();
  return {
    method,
    path: asked === '' ? filled : `${filled}?${asked}`,
    body: method === 'GET' ? undefined : (sampleOf(schemaOf(body), samples, given) as object),
  };
}

function schemaOf(schema: z.ZodType): Loose {
  return z.toJSONSchema(schema, { io: 'input' });
}

/** `wanted` names properties that are given although they may be left out. */
function sampleOf(schema: Loose, samples: Samples, wanted: Samples = {}): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sampleOf(schema.anyOf[0], samples);
  if (schema.oneOf !== undefined) return sampleOf(schema.oneOf[0], samples);
  switch (schema.type) {
    case 'object': {
      const names = Object.keys(schema.properties ?? {});
      const needed = names.filter((name) => schema.required?.includes(name) || name in wanted);
      return Object.fromEntries(
        needed.map((name) => [name, samples[name] ?? sampleOf(resolved(schema, schema.properties[name]), samples)]),
      );
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(resolved(schema, schema.items), samples));
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    default:
      return textFor(schema);
  }
}

/** What texts with a form of their own are usually like. */
const forms = [
  'x',
  '0'.repeat(40),
  `sha256:${'0'.repeat(64)}`,
  '0'.repeat(64),
  'prm_00000000000000000000000000',
  '1.0.0',
  'https://example.org/',
];

function textFor({ minLength = 1, pattern = '' }: Loose): string {
  const candidates = ['x'.repeat(Math.max(1, minLength)), ...forms];
  return candidates.find((text) => new RegExp(pattern, 'u').test(text)) ?? 'x';
}

function resolved(root: Loose, schema: Loose): Loose {
  const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
  return name === undefined ? schema : root.$defs[name];
}
