/** Programs that sign in, and keys whose signatures count; in the words of the command line. */
import type { EvidenceSignerView } from '../../../../src/api/contract/evidence.ts';
import type { MachineView } from '../../../../src/api/contract/people.ts';
import type { SignerView } from '../../../../src/api/contract/trust.ts';
import { pathOf } from '../../api/call.ts';
import { quoted, type Action, type Given } from '../../parts/action.ts';
import { listOf, option, orDots, textOf } from '../../parts/filled.ts';

export function addMachine(projects: readonly string[]): Action {
  const pathFor = ({ project = '' }: Given) => pathOf('/api/v1/projects/{project}/machines', { project });
  return {
    label: 'Let a CI job in',
    explains:
      'Jobs of one repository, workflow and event sign in with the identity token of their CI system, and start development only.',
    path: '/api/v1/machines',
    pathFor,
    fields: [
      { name: 'project', label: 'Of', is: 'choice', choices: projects },
      { name: 'name', label: 'Name', is: 'line', needed: true },
      {
        name: 'issuer',
        label: 'Who vouches',
        is: 'line',
        needed: true,
        begins: 'https://token.actions.githubusercontent.com',
      },
      { name: 'audience', label: 'Made for', is: 'line', needed: true, begins: 'liftlock' },
      { name: 'claims', label: 'What they must say, a line each: name=value', is: 'lines', needed: true },
    ],
    body: (_, { name, issuer, audience, claims = '' }) => ({ name, issuer, audience, claims: claimsOf(claims) }),
    command: ({ project, name, issuer, audience, claims = '' }) =>
      [
        `liftlock -p ${orDots(project)} machine add ${orDots(name)}`,
        ...option('issuer', issuer),
        ...option('audience', audience),
        ...Object.entries(claimsOf(claims)).map(([key, value]) => `--claim ${quoted(`${key}=${value}`)}`),
      ].join(' '),
    reason: 'none',
  };
}

function claimsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

export function disableMachine({ name }: MachineView): Action {
  return {
    label: 'Disable',
    explains: `Nothing signs in as ${name} any more, and its tokens end.`,
    path: pathOf('/api/v1/machines/{machine}/disable', { machine: name }),
    body: () => ({}),
    command: `liftlock machine disable ${quoted(name)}`,
    reason: 'none',
  };
}

export function addSigner(people: readonly string[]): Action {
  return {
    label: 'Add a key',
    explains: 'What it may sign follows from the roles of its owner. A key belongs to one owner, for ever.',
    path: '/api/v1/signers',
    fields: [
      { name: 'owner', label: 'Of', is: 'choice', choices: people },
      {
        name: 'file',
        label: 'Public key',
        is: 'file',
        needed: true,
        hint: 'An SSH public key, an allowed_signers file, or an OpenPGP key.',
      },
      { name: 'expires', label: 'Until', is: 'time' },
    ],
    body: (_, { owner, file, expires = '' }) => ({
      owner,
      text: textOf(file),
      ...(expires === '' ? {} : { expiresAt: Date.parse(expires) }),
    }),
    command: ({ owner, expires }) =>
      [`liftlock signer add ${orDots(owner)} KEY.pub`, ...option('expires', expires)].join(' '),
    reason: 'none',
  };
}

export function revokeSigner({ fingerprint, owner }: SignerView): Action {
  return {
    label: 'Revoke',
    explains: `From now on this key of ${owner} starts nothing. What rests on it and is not over stops.`,
    path: pathOf('/api/v1/signers/{signer}/revoke', { signer: fingerprint }),
    body: (reason) => ({ reason }),
    command: `liftlock signer revoke ${fingerprint} --reason {reason}`,
    reason: 'needed',
    grave: true,
  };
}

const evidenceKinds: readonly EvidenceSignerView['kinds'][number][] = [
  'tests',
  'command',
  'scan',
  'audit',
  'sbom',
  'load',
  'build',
];

export function addEvidenceSigner(projects: readonly string[]): Action {
  return {
    label: 'Believe a tool',
    explains: 'Evidence of these kinds that this key signs is attested, and not only claimed.',
    path: '/api/v1/evidence-signers',
    fields: [
      { name: 'name', label: 'Name', is: 'line', needed: true, hint: 'Small letters, digits, "." and "-".' },
      { name: 'file', label: 'Public key (PEM)', is: 'file', needed: true },
      { name: 'kinds', label: 'For evidence of', is: 'several', choices: evidenceKinds, needed: true },
      { name: 'projects', label: 'Only for', is: 'several', choices: projects, hint: 'None: every project.' },
      { name: 'expires', label: 'Until', is: 'time' },
    ],
    body: (_, { name, file, kinds, projects: only = '', expires = '' }) => ({
      name,
      publicKey: textOf(file),
      kinds: listOf(kinds),
      ...(only === '' ? {} : { projects: listOf(only) }),
      ...(expires === '' ? {} : { expiresAt: Date.parse(expires) }),
    }),
    command: ({ name, kinds, projects: only, expires }) =>
      [
        `liftlock evidence signer add ${orDots(name)} KEY.pem --kinds ${orDots(kinds)}`,
        ...option('projects', only),
        ...option('expires', expires),
      ].join(' '),
    reason: 'none',
  };
}

export function revokeEvidenceSigner({ name }: EvidenceSignerView): Action {
  return {
    label: 'Revoke',
    explains: `${name} is believed no more: what it attested is only claimed from now on.`,
    path: pathOf('/api/v1/evidence-signers/{signer}/revoke', { signer: name }),
    body: (reason) => ({ reason }),
    command: `liftlock evidence signer revoke ${quoted(name)} --reason {reason}`,
    reason: 'needed',
  };
}
