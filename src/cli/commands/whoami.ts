import type { SelfView } from '../../api/contract/sign-in.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const self = await client.get<SelfView>('/api/v1/me');
  invocation.output.answer(self, () =>
    [
      `${self.handle}${self.name === null ? '' : ` (${self.name})`} at ${client.url}, by ${self.via}`,
      ...(self.rights.length === 0 ? ['  no role: ask an administrator for one'] : []),
      ...self.rights.map(({ role, project }) => `  ${role} on ${project ?? 'every project'}`),
      ...(self.limits.projects === null ? [] : [`  this token is for ${self.limits.projects.join(', ')} only`]),
      ...(self.limits.actions === null ? [] : [`  this token may only ${self.limits.actions.join(', ')}`]),
    ].join('\n'),
  );
  return 0;
};
