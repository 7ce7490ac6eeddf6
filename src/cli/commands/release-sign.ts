/** Shows what would be released, asks, and has the person`s own git and key make the tag. Liftlock never sees the key. */
import { spawnSync } from 'node:child_process';
import type { SigningView } from '../../api/contract/trust.ts';
import { Failure } from '../../domain/base/failure.ts';
import { projectRoot } from '../../host/home.ts';
import { confirm } from '../ask.ts';
import { connect } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const release = invocation.arguments[0]!;
  const version = String(options['version']);
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release)}/signing`;
  const view = await client.get<SigningView>(path, { version });
  const git = gitIn(projectRoot(invocation.directory));
  if (git(['cat-file', '-e', `${view.release.commit}^{commit}`]).status !== 0)
    throw new Failure('source/unknown-commit', `commit ${shortCommit(view.release.commit)} is not in this repository`, {
      hint: 'git fetch, or go to the repository of the project',
    });
  output.progress(render(view));
  const push = options['push'] === true;
  const remote = typeof options['remote'] === 'string' ? options['remote'] : 'origin';
  const question = push ? `Sign ${version} and push it to ${remote}?` : `Sign ${version}?`;
  if (!(await confirm(invocation, question, `liftlock release sign ${release} --version ${version}`))) return 2;
  sign(git, view);
  if (push) pushTag(git, { remote, version });
  answer(invocation, { view, pushed: push, remote });
  return 0;
};

type Git = (args: readonly string[], input?: string) => { status: number | null; stderr: string };

/** With the person`s own configuration: it says which key signs, and may ask for its passphrase at the terminal. */
function gitIn(directory: string): Git {
  return (args, input) => {
    const ended = spawnSync('git', ['-C', directory, ...args], {
      encoding: 'utf8',
      ...(input === undefined ? {} : { input }),
    });
    return { status: ended.status, stderr: ended.stderr ?? String(ended.error) };
  };
}

function sign(git: Git, { version, release, message }: SigningView): void {
  const made = git(['tag', '--sign', '--cleanup=verbatim', '--file=-', version, release.commit], message);
  if (made.status === 0) return;
  throw new Failure('input/invalid', `git could not sign ${version}: ${lastLine(made.stderr)}`, {
    hint: 'git config user.signingKey and gpg.format say which key; see docs/guides/signing.md',
  });
}

function pushTag(git: Git, { remote, version }: { remote: string; version: string }): void {
  const pushed = git(['push', '--', remote, `refs/tags/${version}:refs/tags/${version}`]);
  if (pushed.status === 0) return;
  throw new Failure('source/unreachable', `${version} is signed here and was not pushed: ${lastLine(pushed.stderr)}`, {
    hint: `git push ${remote} ${version}`,
  });
}

function answer({ output }: Invocation, done: { view: SigningView; pushed: boolean; remote: string }): void {
  const { view, pushed, remote } = done;
  const { version, release, environments } = view;
  const next = pushed
    ? `liftlock verify ${version} tells what it starts`
    : `git push ${remote} ${version} publishes it, and liftlock verify ${version} then tells what it starts`;
  output.answer(
    { version, commit: release.commit, pushed, environments, message: view.message },
    () => `${version} is signed on ${shortCommit(release.commit)}; ${next}`,
  );
}

function render(view: SigningView): string {
  const { release, version, since, commits, passed, missing, environments, released } = view;
  const after =
    since === null
      ? 'nothing runs in production yet'
      : `production runs #${since.number} at ${shortCommit(since.commit)}`;
  const verified = passed.length === 0 ? [] : [`verified in ${passed.join(', ')}`];
  const open = missing.length === 0 ? [] : [`NOT verified in ${missing.join(', ')}: the tag counts when it is`];
  return [
    `${version} of ${view.project.name} would release #${release.number} ${release.title}`,
    `  commit    ${release.commit}`,
    `  artifact  ${release.artifact}`,
    `  ${[after, released === null ? 'no version was released before' : `the version before is ${released}`].join('; ')}`,
    ...[...verified, ...open].map((line) => `  ${line}`),
    `  promotes to ${environments.length === 0 ? 'nothing: no environment waits for this tag' : environments.join(', ')}`,
    ...(commits.length === 0 ? [] : ['', `Commits since then, newest first (${commits.length}):`]),
    ...commits.map(({ id, subject, author }) => `  ${shortCommit(id)} ${subject} (${author})`),
  ].join('\n');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
