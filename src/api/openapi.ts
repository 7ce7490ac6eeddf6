/** The OpenAPI 3.1 document, made from the table of routes that the server works by. */
import { z } from 'zod';
import type { Endpoint } from './contract/endpoint.ts';
import { idempotencyKeyHeader, replayHeader, requestIdHeader } from './contract/headers.ts';
import { problem, problemMedia } from './contract/problem.ts';

type JsonSchema = Record<string, unknown>;

interface Parts {
  readonly version: string;
  readonly components: Record<string, JsonSchema>;
}

export function openapiOf(
  endpoints: readonly Endpoint[],
  version: string,
): { openapi: string } & Record<string, unknown> {
  const parts: Parts = { version, components: {} };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operationOf(parts, endpoint);
  }
  schemaOf(parts, problem, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Liftlock',
      version,
      description: `Times are milliseconds since 1970-01-01T00:00Z. A POST may carry \`${idempotencyKeyHeader}\`: the same request with the same key has its effect once and gets the same answer.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: parts.components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of a person, or of a machine.' },
      },
    },
  };
}

function operationOf(parts: Parts, endpoint: Endpoint): JsonSchema {
  const open = endpoint.permission === 'public';
  const body = schemaOf(parts, endpoint.body, 'input');
  const hasBody = Object.keys((body['properties'] ?? {}) as object).length > 0;
  return {
    operationId: endpoint.name,
    summary: endpoint.summary,
    tags: [tagOf(endpoint)],
    security: open ? [] : endpoint.publicOnLoopback ? [{}, { token: [] }] : [{ token: [] }],
    ...(open ? {} : { 'x-permission': endpoint.permission }),
    parameters: [
      ...parametersOf(parts, endpoint.params, 'path'),
      ...parametersOf(parts, endpoint.query, 'query'),
      ...headersOf(endpoint),
    ],
    ...(endpoint.mostBytes === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: `At most ${endpoint.mostBytes} bytes.`,
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
        }),
    ...(hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [endpoint.status]: {
        description: endpoint.status === 202 ? 'Accepted; more happens afterwards.' : 'Done.',
        headers: {
          [requestIdHeader]: { schema: { type: 'string' } },
          ...(endpoint.method === 'POST' ? { [replayHeader]: { schema: { const: 'true' } } } : {}),
        },
        content: contentOf(parts, endpoint),
      },
      default: {
        description: 'It was refused, or it failed.',
        content: { [problemMedia]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function tagOf({ name }: Endpoint): string {
  return name.split('.')[0]!;
}

function contentOf(parts: Parts, { media, answer }: Endpoint): JsonSchema {
  const schema = schemaOf(parts, answer, 'output');
  return { [media]: { schema: media === 'application/json' ? schema : { type: 'string' } } };
}

function parametersOf(parts: Parts, schema: z.ZodType, place: 'path' | 'query'): readonly JsonSchema[] {
  const { properties = {}, required = [] } = schemaOf(parts, schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function headersOf({ method }: Endpoint): readonly JsonSchema[] {
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return method === 'POST'
    ? [header(idempotencyKeyHeader, 'Names this request, so that repeating it has no second effect.')]
    : [];
}

/** The schema, with everything that has a name of its own moved to the components. */
function schemaOf({ components }: Parts, schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const {
    $defs = {},
    $schema: _,
    ...rest
  } = z.toJSONSchema(schema, { io }) as JsonSchema & { $defs?: Record<string, JsonSchema> };
  for (const [name, definition] of Object.entries($defs)) components[name] = withReferences(definition);
  return withReferences(rest);
}

function withReferences(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : value,
  );
  return JSON.parse(text) as JsonSchema;
}
