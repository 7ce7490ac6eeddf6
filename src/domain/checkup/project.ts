/** What a project needs so that its pipeline does what people think it does. */
import type { SignatureMode } from '../pipeline/trust.ts';
import { ok, problem, warning, type Result } from './finding.ts';

/** What the file asks of nobody is told, although it is allowed. */
export function trustFinding(trust: {
  readonly signatures: SignatureMode;
  readonly separation: string;
  readonly breakGlass: string;
}): Result {
  const { signatures, separation, breakGlass } = trust;
  const given = `signatures ${signatures}, separation ${separation}, break-glass ${breakGlass}`;
  const weak = [
    ...(signatures === 'none' ? ['trust.signatures: strict asks who merged and tagged'] : []),
    ...(separation === 'none' ? ['trust.separation: two-person lets nobody approve what he made'] : []),
  ];
  return weak.length === 0 ? ok(given) : warning(given, weak.join('; '));
}

export function repositoryFinding({ url, error }: { readonly url: string; readonly error: string | null }): Result {
  return error === null ? ok(`${url} can be read`) : problem(error, `make ${url} reachable`);
}

export function environmentsFinding(
  environments: readonly { readonly name: string; readonly running: { readonly verdict: string | null } | null }[],
): Result {
  const bad = environments.filter(({ running }) => running?.verdict === 'FAIL').map(({ name }) => name);
  const empty = environments.filter(({ running }) => running === null).map(({ name }) => name);
  if (bad.length > 0) return problem(`not verified: ${bad.join(', ')}`, 'liftlock status');
  if (empty.length > 0) return warning(`nothing deployed yet: ${empty.join(', ')}`, `liftlock why latest ${empty[0]}`);
  return ok(`${environments.length} environments run verified releases or verify none`);
}

/** @param channels How many hear of this project. */
export function notificationsFinding({ undelivered, channels }: { undelivered: number; channels: number }): Result {
  if (undelivered > 0)
    return problem(`${undelivered} could not be delivered`, 'liftlock notification list --state dead');
  if (channels === 0)
    return warning(
      'nobody is told when something fails: there is no channel',
      'liftlock channel add NAME --webhook URL',
    );
  return ok('none that could not be delivered');
}

/** @param overdue Ids of follow-ups that nobody closed in time. */
export function emergenciesFinding(overdue: readonly string[]): Result {
  const [first] = overdue;
  return first === undefined
    ? ok('no emergency waits to be looked back at')
    : problem(
        `nobody has looked back at an emergency in time (${overdue.join(', ')}): production takes nothing else`,
        `liftlock follow-up close ${first} --conclusion <what was learnt>`,
      );
}

export function proposalFinding(proposedBy: string | undefined): Result {
  return proposedBy === undefined
    ? ok('no pipeline waits for a second person')
    : warning(`a weaker pipeline, proposed by ${proposedBy}, waits for a second person`, 'liftlock pipeline diff');
}
