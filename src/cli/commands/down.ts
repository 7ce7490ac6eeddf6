import { join, resolve } from 'node:path';
import { findHome, homeAt, homeName, projectRoot, readServerRecord } from '../../host/home.ts';
import type { Act } from '../invocation.ts';

/** How long the control plane may take to end. */
const patience = 20_000;

export const act: Act = async ({ config, options, output, directory }) => {
  const named = typeof options['home'] === 'string' ? options['home'] : config.home;
  const home =
    named === undefined
      ? (findHome(directory) ?? homeAt(join(projectRoot(directory), homeName)))
      : homeAt(resolve(directory, named));
  const record = await readServerRecord(home);
  if (record !== undefined) await endControlPlane(record.pid);
  const { stopWhatIsLeft } = await import('../../main.ts');
  const services = await stopWhatIsLeft(home.directory);
  output.answer(
    { home: home.directory, controlPlane: record !== undefined, services },
    () =>
      `stopped: ${record === undefined ? 'no control plane was running' : 'control plane'}, ${services} services, database`,
  );
  return 0;
};

async function endControlPlane(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  if (!alive()) return;
  process.kill(pid, 'SIGTERM');
  const giveUpAt = Date.now() + patience;
  while (alive() && Date.now() < giveUpAt) await new Promise((done) => setTimeout(done, 50));
}
