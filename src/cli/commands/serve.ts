import { resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { homeName } from '../../host/home.ts';
import type { Act } from '../invocation.ts';
import { launch, untilTold } from '../server-process.ts';

export const act: Act = async (invocation) => {
  const { config, options, output, directory } = invocation;
  if (config.databaseUrl === undefined) {
    throw new Failure('input/invalid', '`serve` and `worker` share a database, and none is named', {
      hint: 'set DATABASE_URL, or use `liftlock up` for one machine',
    });
  }
  const homeDirectory = resolve(
    directory,
    typeof options['home'] === 'string' ? options['home'] : (config.home ?? homeName),
  );
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
