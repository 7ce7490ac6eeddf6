import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { projectParams } from './words.ts';

const logPiece = z
  .object({
    run: z.string(),
    instance: z.int().nullable().describe('Of a service: which of its instances wrote it.'),
    state: z.enum(['running', 'ended', 'lost']),
    text: z.string(),
  })
  .meta({ id: 'LogPiece' });
export type LogPiece = z.output<typeof logPiece>;

export const showLogs = endpoint({
  name: 'projects.logs',
  method: 'GET',
  path: '/api/v1/projects/{project}/logs',
  permission: 'log:read',
  summary: 'Output of a build, a promotion or a service, as far as it is kept on the machine of the server.',
  params: projectParams,
  query: z.strictObject({
    subject: z.string().min(1).max(200).describe('`build/12`, the id of a promotion, or the name of an environment.'),
    bytes: z.coerce.number().int().min(1).max(1_048_576).default(65_536).describe('How much of the end of each piece.'),
  }),
  answer: z.object({ pieces: z.array(logPiece) }).meta({ id: 'Logs' }),
});
