/** RFC 9457: what every answer that is not a success looks like. */
import { z } from 'zod';

/** One thing that is wrong with what was sent; with a place when it is about a file. */
export const problemDetail = z
  .object({
    file: z.string().optional(),
    line: z.int().optional().describe('From 1.'),
    column: z.int().optional().describe('From 1.'),
    path: z.string().describe('`body.reason`, `environments[2].name`; empty for the whole.'),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'ProblemDetail' });
export type ProblemDetail = z.output<typeof problemDetail>;

export const problem = z
  .object({
    type: z.string().describe('A name for the kind of problem, not an address.'),
    title: z.string().describe('The same for every problem of this kind.'),
    status: z.int(),
    detail: z.string().describe('What happened.'),
    code: z.string().describe('Stable; `noun/problem`.'),
    reason: z.string().optional().describe('Which of several grounds for the same code; stable, in capitals.'),
    hint: z.string().optional().describe('What to do now.'),
    request_id: z.string().describe('Names this request in the log of the server.'),
    problems: z.array(problemDetail).optional().describe('Everything that is wrong, when that can be listed.'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problem>;

export const problemMedia = 'application/problem+json';
