import type { Act } from '../invocation.ts';
import { homeOfMany, launch, untilTold } from '../server-process.ts';

export const act: Act = async (invocation) => {
  const { output } = invocation;
  const homeDirectory = homeOfMany(invocation);
  const controlPlane = await launch(invocation, { homeDirectory, roles: { serve: true, work: false } });
  const { url, firstSignIn } = controlPlane;
  output.answer({ url, firstSignIn }, () =>
    [
      `serving the API at ${url}/api/v1`,
      ...(firstSignIn === undefined
        ? []
        : [
            `The database is empty: ${firstSignIn.handle} is its first administrator, and signs in once, within a day, with`,
            `  liftlock login ${firstSignIn.link}`,
          ]),
    ].join('\n'),
  );
  return untilTold(invocation, controlPlane, 'stopped');
};
