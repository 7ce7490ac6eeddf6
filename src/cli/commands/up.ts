import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { projectRoot, homeName } from '../../host/home.ts';
import type { ControlPlane } from '../../main.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { operatorOf } from '../operator.ts';
import { launch, untilTold } from '../server-process.ts';
import { applyText, checkedFile, waitsForSecond } from './apply.ts';

export const act: Act = async (invocation) => {
  const { config, options, output, directory } = invocation;
  const root = projectRoot(directory);
  const file = String(options['file']);
  const text = await checkedFile(invocation, isAbsolute(file) ? file : join(root, file));
  const homeDirectory = resolve(
    typeof options['home'] === 'string' ? options['home'] : (config.home ?? join(root, homeName)),
  );
  const source = typeof options['source'] === 'string' ? options['source'] : root;
  if (source === root && !existsSync(join(root, '.git')))
    throw new Failure('source/invalid', `${root} is no Git repository: there are no commits to deploy`, {
      hint: 'git init and commit, or name a repository with --source',
    });
  const operator = await operatorOf(root);
  const controlPlane = await launch(invocation, { homeDirectory, roles: { serve: true, work: true }, operator });
  try {
    const client = await connect({
      ...invocation,
      config: { ...config, home: homeDirectory, serverUrl: controlPlane.url },
    });
    const applied = await applyText(client, { file, text, source });
    await client.post(`/api/v1/projects/${encodeURIComponent(applied.project)}/notify`, {});
    if (applied.proposed !== null) output.progress(waitsForSecond(applied.project, applied.proposed));
    const { firstSignIn, tokenFile } = controlPlane;
    output.answer({ url: controlPlane.url, home: homeDirectory, tokenFile, firstSignIn, ...applied }, () =>
      welcome({ ...applied, url: client.url, homeDirectory, firstSignIn, handle: operator.handle }),
    );
  } catch (error) {
    await controlPlane.stop({ keepDatabase: await controlPlane.hasServices() });
    throw error;
  }
  return untilTold(
    invocation,
    controlPlane,
    'services that were deployed go on serving; `liftlock down` stops them too',
  );
};

function welcome(up: {
  url: string;
  project: string;
  environments: readonly string[];
  homeDirectory: string;
  firstSignIn: ControlPlane['firstSignIn'];
  handle: string;
}): string {
  return [
    `Liftlock is up: ${up.project}`,
    table([
      ['  pipeline', up.environments.join(' → ')],
      ['  API', `${up.url}/api/v1 (description: ${up.url}/api/openapi.json)`],
      ['  state', up.homeDirectory],
      ...(up.firstSignIn === undefined
        ? [['  browser', `${up.url}; liftlock person link ${up.handle} makes a link that signs you in`]]
        : [
            [
              '  you are',
              `${up.firstSignIn.handle}, with every role of a one-person installation: liftlock grant list`,
            ],
            ['  browser', `${up.firstSignIn.link} signs you in, once, within a day`],
          ]),
      ['  next', 'liftlock status --watch, in another terminal'],
    ]),
    'Ctrl-C stops the control plane.',
  ].join('\n');
}
