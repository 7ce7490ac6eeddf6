import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StatusView } from '../../api/contract/environments.ts';
import { Failure } from '../../domain/base/failure.ts';
import { installationScope } from '../../domain/notification/channel.ts';
import { findHome, homeAt } from '../../host/home.ts';
import { connect } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

const mostBytes = 65_536;

/** The value comes from standard input and goes to a file that only its owner reads; the server never sees it. */
export const act: Act = async (invocation) => {
  const { config, options, output, directory } = invocation;
  const name = invocation.arguments[0]!;
  if (!/^[A-Z][A-Z0-9_]{0,79}$/.test(name))
    throw new Failure('input/invalid', `${name} is not a name of a secret`, {
      hint: 'capital letters, digits and _, beginning with a letter',
    });
  const home = config.home === undefined ? findHome(directory) : homeAt(config.home);
  if (home === undefined)
    throw new Failure('server/unreachable', 'no control plane runs here', { hint: 'liftlock up' });
  const installation = options['installation'] === true;
  const environment = options['environment'];
  const project = installation ? installationScope : await projectOf(invocation);
  const file = join(
    home.secrets,
    project,
    ...(typeof environment === 'string' ? [checkedName(environment)] : []),
    name,
  );
  const value = await readInput();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.${process.pid}`, value, { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
  output.answer({ name, project: installation ? null : project, environment: environment ?? null }, () =>
    installation
      ? `${name} is set for channels of the installation; it is used from the next attempt on`
      : `${name} is set for ${typeof environment === 'string' ? environment : 'every environment'} of ${project}; it is used from the next deployment on`,
  );
  return 0;
};

/** Its name. A secret may be set before its environment is applied; that it is no slip of the pen only the person knows. */
async function projectOf(invocation: Invocation): Promise<string> {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const { environments } = await client.get<StatusView>(`${path}/status`);
  const names = environments.map(({ name }) => name);
  const wanted = options['environment'];
  if (typeof wanted === 'string' && !names.includes(wanted))
    output.progress(`there is no environment ${wanted} yet; environments: ${names.join(', ')}`);
  return decodeURIComponent(path.split('/').at(-1)!);
}

function checkedName(environment: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(environment)) return environment;
  throw new Failure('input/invalid', `${environment} is not a name of an environment`);
}

async function readInput(): Promise<Buffer> {
  if (process.stdin.isTTY)
    throw new Failure('input/invalid', 'the value is read from standard input', {
      hint: 'printf %s "$VALUE" | liftlock secret set NAME',
    });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > mostBytes) throw new Failure('input/too-large', `a secret has at most ${mostBytes} bytes`);
  }
  if (size === 0)
    throw new Failure('input/invalid', 'the value is empty', { hint: 'printf %s "$VALUE" | liftlock secret set NAME' });
  return Buffer.concat(chunks);
}
