import { z } from 'zod';
import { actions } from '../../domain/access/matrix.ts';
import { roles } from '../../domain/access/role.ts';
import { environmentKinds } from '../../domain/pipeline/environment.ts';
import { endpoint } from './endpoint.ts';

export const role = z.enum(roles).meta({ id: 'Role' });
export const action = z
  .enum(actions as readonly [(typeof actions)[number], ...(typeof actions)[number][]])
  .meta({ id: 'Action' });

const matrixRow = z
  .object({
    action,
    scope: z.enum(['self', 'installation', 'project', 'environment']),
    allows: z
      .partialRecord(role, z.array(z.enum(environmentKinds)))
      .describe('Roles that may, each with the kinds of environment; all kinds where kinds do not matter.'),
    routes: z.array(z.string()).describe('What of the API it opens: method and path.'),
  })
  .meta({ id: 'AccessRule' });

export const showMatrix = endpoint({
  name: 'access.matrix',
  method: 'GET',
  path: '/api/v1/access/matrix',
  permission: 'access:read',
  summary: 'Who may do what, as it is enforced. What is not allowed here is refused.',
  answer: z
    .object({
      roles: z.array(z.object({ role, meaning: z.string() })),
      kinds: z.array(z.enum(environmentKinds)),
      rules: z.array(matrixRow),
    })
    .meta({ id: 'AccessMatrix' }),
});
export type MatrixView = z.output<typeof showMatrix.answer>;
