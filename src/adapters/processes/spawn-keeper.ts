import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandSpec } from '../../ports/processes.ts';
import { compiledBefore } from '../../system/compiled.ts';
import { reportDescriptor } from './order.ts';
import type { Order } from './order.ts';
import { files } from './record.ts';

const ownPath = fileURLToPath(import.meta.url);
/** Beside us and of our kind: TypeScript from a checkout, JavaScript from the package. */
const keeperPath = fileURLToPath(new URL(`./keeper${extname(ownPath)}`, import.meta.url));
const flags = [
  '--max-old-space-size=16',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
];

/**
 * Starts a keeper that owes us nothing: own session, nothing of our environment, no descriptor of ours but the
 * two pipes it closes once the command runs.
 * Resolves when it has started the command, or left that to another keeper (`undefined`), or with the
 * reason why it could do neither.
 */
export async function spawnKeeper(run: string, spec: CommandSpec, nodePath: string): Promise<string | undefined> {
  mkdirSync(files.log(run), { recursive: true, mode: 0o700 });
  const errors = openSync(files.keeperErrors(run), 'w', 0o600);
  try {
    const keeper = spawn(nodePath, [...flags, keeperPath, run], {
      cwd: '/',
      env: compiledBefore(),
      detached: true,
      stdio: ['pipe', 'ignore', errors, 'pipe'],
    });
    keeper.unref();
    return await reportOf(keeper, spec, files.keeperErrors(run));
  } finally {
    closeSync(errors);
  }
}

async function reportOf(
  keeper: ReturnType<typeof spawn>,
  spec: CommandSpec,
  errors: string,
): Promise<string | undefined> {
  const { command, directory, environment, lifetime, note, hide = [], resources } = spec;
  const order: Order = {
    command,
    directory,
    environment,
    lifetime,
    hide,
    ...(note === undefined ? {} : { note }),
    ...(resources === undefined ? {} : { resources }),
  };
  // A keeper that dies before it has read its order breaks this pipe; its report ends then, which is what counts.
  keeper.stdin?.on('error', () => undefined).end(JSON.stringify(order));
  const report = keeper.stdio[reportDescriptor] as NodeJS.ReadableStream;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let text = '';
  keeper.once('error', (error) => resolve(error.message));
  report.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
  report.on('error', () => undefined);
  report.once('close', () => resolve(text === '' ? lastWords(errors) : text));
  return await promise;
}

/** What Node itself said on its way down, e.g. that it does not know a flag. */
function lastWords(errors: string): string | undefined {
  try {
    return readFileSync(errors, 'utf8').trim().split('\n').slice(-5).join(' ') || undefined;
  } catch {
    return undefined;
  }
}
