/** The shape of what requests are held to. */
import type { z } from 'zod';
import type { TrafficLimits } from '../domain/pipeline/traffic-limits.ts';
import { duration, mapping, size } from './words.ts';

export const limits = mapping('limits such as { body: 20MB, answer: 30s }', {
  body: size.exactOptional().describe('A larger body of a request is refused with 413. Default: any size.'),
  connect: duration('100ms', '1m').exactOptional().describe('Until an instance takes a connection. Default: 5s.'),
  answer: duration('100ms', '1h')
    .exactOptional()
    .describe('Until an instance begins to answer; then 504. Default: 60s.'),
  idle: duration('1s', '24h')
    .exactOptional()
    .describe('Between two pieces of an answer; then it is cut off. Default: 5m.'),
});

export function limitsOf({ body, connect, answer, idle }: z.output<typeof limits>): TrafficLimits {
  return {
    ...(body === undefined ? {} : { bodyBytes: body }),
    ...(connect === undefined ? {} : { connectMs: connect }),
    ...(answer === undefined ? {} : { answerMs: answer }),
    ...(idle === undefined ? {} : { idleMs: idle }),
  };
}
