import type { ProposalView } from '../../../../src/api/contract/changes.ts';
import type { AppliedView } from '../../../../src/api/contract/projects.ts';
import { pathOf } from '../../api/call.ts';
import type { Action } from '../../parts/action.ts';
import { textOf } from '../../parts/filled.ts';

export function decideAbout({ project, digest }: ProposalView, verb: 'approve' | 'reject'): Action {
  const approves = verb === 'approve';
  return {
    label: approves ? 'Put it in force' : 'Reject it',
    explains: approves
      ? 'As the second person you agree to what gets weaker. It holds for everything that is decided from now on.'
      : 'What is in force stays so, and nothing waits any more.',
    path: pathOf(`/api/v1/projects/{project}/${verb}-pipeline`, { project }),
    body: (reason) => ({ digest, reason }),
    command: `liftlock pipeline ${verb} --digest ${digest} --reason {reason}`,
    reason: 'needed',
    ...(approves ? { primary: true } : {}),
  };
}

export function applyFile(): Action {
  return {
    label: 'Apply a file',
    explains:
      'The file is put in force for the project that it names. Where it asks for less than before, it waits for a second person.',
    path: '/api/v1/projects',
    fields: [{ name: 'file', label: 'liftlock.yaml', is: 'file', needed: true }],
    body: (_, { file }) => ({ text: textOf(file) }),
    command: 'liftlock apply liftlock.yaml',
    reason: 'none',
    brings: ({ changed, proposed, project }: AppliedView) => [
      {
        label: 'What became of it',
        text:
          proposed !== null
            ? `${project}: waits for a second person, because ${proposed.join('; ')}`
            : changed
              ? `${project}: in force`
              : `${project}: it is in force already`,
      },
    ],
  };
}
