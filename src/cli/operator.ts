/** Who sits at this machine: the first person of an installation that is his own. */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { emailOf, handleOf, type Person } from '../domain/access/person.ts';

const run = promisify(execFile);

/** By the name of the user and what Git knows of him in this repository. */
export async function operatorOf(repository: string): Promise<Pick<Person, 'handle' | 'name' | 'emails'>> {
  const [name, address] = await Promise.all([setting(repository, 'user.name'), setting(repository, 'user.email')]);
  const handle = handleOf(userName() ?? '') ?? handleOf(name ?? '') ?? 'operator';
  const email = address === undefined ? undefined : emailOf(address);
  return { handle, name: name ?? handle, emails: email === undefined ? [] : [email] };
}

/** Some containers run under a number that has no name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

async function setting(repository: string, key: string): Promise<string | undefined> {
  const asked = run('git', ['-C', repository, 'config', '--get', key], { timeout: 5_000 });
  const value = await asked.then(
    ({ stdout }) => stdout.trim().slice(0, 100),
    () => '',
  );
  return value === '' ? undefined : value;
}
