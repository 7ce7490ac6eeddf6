import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../domain/base/failure.ts';
import { findHome, homeAt, homeName, projectRoot, readServerRecord, type ServerRecord } from '../../host/home.ts';
import { isAlive } from '../../system/alive.ts';
import { confirm } from '../ask.ts';
import type { Act } from '../invocation.ts';

const run = promisify(execFile);

/** How long the control plane may take to end. */
const patience = 20_000;

export const act: Act = async (invocation) => {
  const { config, options, output, directory } = invocation;
  const named = typeof options['home'] === 'string' ? options['home'] : config.home;
  const home =
    named === undefined
      ? (findHome(directory) ?? homeAt(join(projectRoot(directory), homeName)))
      : homeAt(resolve(directory, named));
  const purge = options['purge'] === true;
  const question = `Remove the releases, databases, data of services, secrets and the record in ${home.directory}?`;
  if (purge && !(await confirm(invocation, question, 'liftlock down --purge'))) return 2;
  const record = await readServerRecord(home);
  const ended = record !== undefined && (await endControlPlane(record));
  const { removeHome, stopWhatIsLeft } = await import('../../main.ts');
  const services = await stopWhatIsLeft(home.directory, config.dockerHost);
  if (purge) await removeHome(home.directory, config.dockerHost);
  output.answer(
    { home: home.directory, controlPlane: ended, services, purged: purge },
    () =>
      `stopped: ${ended ? 'control plane' : 'no control plane was running'}, ${services} services, database${purge ? `; ${home.directory} is removed` : ''}`,
  );
  return 0;
};

/** Answers whether there was one to end. */
async function endControlPlane(record: ServerRecord): Promise<boolean> {
  const { pid } = record;
  if (!isAlive(record.pid) || !(await isOurs(record))) return false;
  process.kill(pid, 'SIGTERM');
  const giveUpAt = Date.now() + patience;
  while (isAlive(record.pid)) {
    if (Date.now() > giveUpAt)
      throw new Failure(
        'unexpected/error',
        `the control plane (process ${pid}) has not ended after ${patience / 1000} s`,
        {
          hint: `kill -9 ${pid}, then liftlock down`,
        },
      );
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
}

/** A control plane that was killed leaves its record behind, and its process id may be somebody else's by now. */
async function isOurs({ url, pid }: ServerRecord): Promise<boolean> {
  const answers = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (answers) return true;
  const command = await run('ps', ['-o', 'args=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return /liftlock|cli\/main\.[jt]s/.test(command);
}
