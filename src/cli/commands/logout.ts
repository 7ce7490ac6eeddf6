import { connect } from '../client.ts';
import { dropToken, findServer } from '../credentials.ts';
import type { Act } from '../invocation.ts';

/** The token is ended at the server first: one that is only forgotten here goes on being good. */
export const act: Act = async (invocation) => {
  const place = await findServer(invocation);
  const client = await connect(invocation);
  await client.post('/api/v1/session/end', {});
  await dropToken(invocation, place);
  invocation.output.answer({ url: place.url }, () => `signed out of ${place.url}`);
  return 0;
};
