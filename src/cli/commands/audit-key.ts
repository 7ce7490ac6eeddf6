import { lookAtAudit } from '../audit/served-log.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const { origin, keys } = await lookAtAudit(await connect(invocation));
  invocation.output.answer({ origin, keys }, () => keys.join('\n'));
  return 0;
};
