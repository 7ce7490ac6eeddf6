/** What an installation needs so that people can rely on it. */
import { ok, problem, warning, type Result } from './finding.ts';

/** @param handles Administrators of everything who may sign in. */
export function administratorsFinding(handles: readonly string[]): Result {
  const [only, ...others] = handles;
  if (only === undefined)
    return problem('nobody is administrator', 'stop the server, and start it with the home that made the first one');
  if (others.length > 0) return ok(`administrators: ${handles.join(', ')}`);
  return warning(
    `${only} is the only administrator: when ${only} is away, nobody lets others in`,
    'liftlock grant add HANDLE admin',
  );
}

/** @param lost Events that should be in the log and are not. */
export function auditFinding(lost: number): Result {
  return lost > 0
    ? problem(`${lost} events are missing in the audit log`, 'liftlock audit verify')
    : ok('no event is missing in the audit log');
}

/** @param asking Projects whose pipeline asks for signatures. */
export function signersFinding(count: number, asking: readonly string[]): Result {
  if (count > 0) return ok(count === 1 ? 'one key counts' : `${count} keys count`);
  if (asking.length === 0) return ok('no key is known, and no pipeline asks for signatures');
  return problem(
    `no key counts, and ${asking.join(', ')} ${asking.length === 1 ? 'asks' : 'ask'} for signatures: nothing reaches staging`,
    'liftlock signer add HANDLE FILE',
  );
}
