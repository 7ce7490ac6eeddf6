import { z } from 'zod';
import { endpoint } from './endpoint.ts';

const health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });

export const liveness = endpoint({
  name: 'health.live',
  method: 'GET',
  path: '/livez',
  permission: 'public',
  summary: 'The process answers.',
  answer: health,
});

export const readiness = endpoint({
  name: 'health.ready',
  method: 'GET',
  path: '/readyz',
  permission: 'public',
  summary: 'The process answers, and so does its database.',
  answer: health,
});

export const metrics = endpoint({
  name: 'health.metrics',
  method: 'GET',
  path: '/metrics',
  permission: 'metrics:read',
  publicOnLoopback: true,
  summary: 'Figures in the text format of Prometheus.',
  media: 'text/plain; version=0.0.4; charset=utf-8',
  answer: z.string(),
});

export const openapiDocument = endpoint({
  name: 'health.openapi',
  method: 'GET',
  path: '/api/openapi.json',
  permission: 'public',
  summary: 'This description.',
  answer: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApi' }),
});
