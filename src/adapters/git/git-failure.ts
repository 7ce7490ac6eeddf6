/** Turns what Git said into a Failure: worth trying again, or not. */
import { Failure } from '../../domain/base/failure.ts';
import type { RemoteUrl } from './remote-url.ts';
import type { GitEnd } from './run-git.ts';

/** Words with which Git says that the content is wrong and will stay wrong. */
const wrongContent =
  /fsck error|corrupt|bad object|has bad object|inflate: data stream error|hash mismatch|missing (?:blob|tree|commit) object|did not send all necessary objects|bad pack header|not valid: is this a git repository|invalid gitfile format|mismatched algorithms|transport '[^']*' not allowed|bundle/i;
const notARepository = /does not appear to be a git repository|not a git repository/i;

const hints: readonly (readonly [RegExp, string])[] = [
  [/no space left/i, 'Free disk space where Liftlock keeps its data; it tries again by itself.'],
  [/could not resolve host/i, 'Check the host name and this machine’s name resolution; it tries again by itself.'],
  [/host key verification failed/i, 'Add the host’s key to the known_hosts file of the user that Liftlock runs as.'],
  [
    /permission denied|authentication failed|could not read (?:username|password)|terminal prompts disabled|error: 40[13]/i,
    'Check the credentials of the repository: an access token in the URL, or the SSH key of the user that Liftlock runs as.',
  ],
  [/redirect|error: 30\d/i, 'The repository has moved: give its new address. Redirects are not followed.'],
  [/not found|error: 404/i, 'Check the address and that these credentials may read the repository.'],
];

export function fetchFailure(remote: RemoteUrl, end: GitEnd<unknown>, timeoutMs: number): Failure {
  const said = usefulLine(remote.redact(end.stderr));
  if (end.ended === 'not-started') return notStarted(said);
  if (end.ended === 'timeout') {
    return new Failure(
      'source/unreachable',
      `fetching ${remote.shown} took longer than ${timeoutMs / 1000} s and was ended`,
      {
        hint: 'Check the network; raise the time limit of Git when the repository is that large.',
      },
    );
  }
  const wrong = wrongContent.test(end.stderr) || (remote.localPath !== undefined && notARepository.test(end.stderr));
  const reason = said === '' ? `git ended with ${end.exitCode === null ? 'a signal' : `status ${end.exitCode}`}` : said;
  const message = `could not fetch ${remote.shown}: ${reason}`;
  if (wrong) {
    return new Failure('source/invalid', message, {
      hint: 'Repair the repository (git fsck shows what is wrong), or correct its address.',
    });
  }
  return new Failure('source/unreachable', message, { hint: hintFor(end.stderr) });
}

/** For commands on our own copy, which have no reason to fail. */
export function readFailure(what: string, end: GitEnd<unknown>, timeoutMs: number): Failure {
  const said = usefulLine(end.stderr);
  if (end.ended === 'not-started') return notStarted(said);
  if (end.ended === 'timeout') {
    return new Failure('source/unreachable', `${what} took longer than ${timeoutMs / 1000} s and was ended`, {
      hint: 'The machine may be overloaded; raise the time limit of Git when the repository is that large.',
    });
  }
  const reason = end.ended === 'output-limit' ? 'it is larger than the limit' : said;
  return new Failure('source/invalid', `${what} failed: ${reason}`, {
    hint: 'Liftlock’s own copy of the repository may be damaged: it is repaired at the next fetch.',
  });
}

function notStarted(said: string): Failure {
  return new Failure('source/unreachable', `git could not be started: ${said}`, {
    hint: 'Install git and see that Liftlock may run it.',
  });
}

function hintFor(stderr: string): string {
  return (
    hints.find(([pattern]) => pattern.test(stderr))?.[1] ??
    'Check the address, the network and the credentials; it tries again by itself.'
  );
}

/**
 * The line that says most: what SSH or the server said, else Git's first error. Control characters are
 * removed, because the other side chooses part of this text.
 */
function usefulLine(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim())
    .filter((line) => line !== '' && !/^(?:hint|warning):/i.test(line));
  const telling =
    lines.find((line) =>
      /^(?:ssh:|remote: \S|fatal: (?!Could not read from remote)|error: |[^:]*@[^:]*: )/i.test(line),
    ) ??
    lines[0] ??
    '';
  return telling.replace(/^(?:fatal|error|remote): /, '').slice(0, 300);
}
