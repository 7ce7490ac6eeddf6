/** Judged events for tests of the trigger rules: everything passes unless it is changed. */
import type { PersonId } from '../../src/domain/base/id.ts';
import type { Role } from '../../src/domain/access/role.ts';
import { instant } from '../../src/domain/base/time.ts';
import { known } from '../../src/domain/trigger/check.ts';
import type { Acceptance, MainCommit, MainStanding } from '../../src/domain/trigger/main-commit.ts';
import type { SignerWithRoles } from '../../src/domain/trigger/signer.ts';
import type { TagContent, TagStanding, VersionTag } from '../../src/domain/trigger/version-tag.ts';

export const judgedAt = instant(1_800_000_000_000);
const hour = 3_600_000;
export const objectId = (digit: string) => digit.repeat(40);

export function signerWith(roles: readonly Role[], changes: Partial<SignerWithRoles> = {}): SignerWithRoles {
  return {
    fingerprint: 'SHA256:mara',
    kind: 'ssh',
    owner: { by: 'person', person: 'per_1' as PersonId, handle: 'mara', disabled: false },
    addedAt: instant(judgedAt - hour),
    expiresAt: undefined,
    revoked: undefined,
    roles,
    ...changes,
  };
}

export const platformSigner = signerWith([], {
  fingerprint: 'SHA256:platform',
  owner: { by: 'platform', platform: 'forge.example' },
});

export function goodSignature(fingerprint = 'SHA256:mara') {
  return known({ good: true, kind: 'ssh', fingerprint } as const);
}

export function mainCommitWith(changes: Partial<MainCommit> = {}): MainCommit {
  return {
    ref: 'refs/heads/main',
    commit: objectId('c'),
    tree: objectId('a'),
    parents: [objectId('b'), objectId('d')],
    signature: goodSignature(),
    root: known(objectId('1')),
    fastForward: known(true),
    firstSeen: known({ ref: 'refs/heads/main', at: judgedAt }),
    merge: known({ clean: true, tree: objectId('a') }),
    ...changes,
  };
}

export function mainStandingWith(changes: Partial<MainStanding> = {}): MainStanding {
  return {
    mode: 'strict',
    mainRef: 'refs/heads/main',
    root: objectId('1'),
    rewound: undefined,
    onMain: true,
    firstParentVerified: true,
    replayOf: undefined,
    signer: signerWith(['maintainer']),
    acceptance: undefined,
    now: judgedAt,
    ...changes,
  };
}

export function acceptanceWith(changes: Partial<Acceptance> = {}): Acceptance {
  return { commit: objectId('c'), tree: objectId('a'), by: 'mara', byMaintainer: true, at: judgedAt, ...changes };
}

export function contentWith(changes: Partial<TagContent & { is: 'annotated' }> = {}): TagContent {
  return {
    is: 'annotated',
    commit: objectId('c'),
    name: 'v1.2.0',
    signature: goodSignature('SHA256:rhea'),
    trailers: { projectId: ['prj_1'], artifact: [`sha256:${'e'.repeat(64)}`] },
    ...changes,
  };
}

export function versionTagWith(changes: Partial<VersionTag> = {}): VersionTag {
  return { ref: 'refs/tags/v1.2.0', object: objectId('7'), content: contentWith(), ...changes };
}

export function tagStandingWith(changes: Partial<TagStanding> = {}): TagStanding {
  return {
    mainRef: 'refs/heads/main',
    rewound: undefined,
    objectsSeen: [objectId('7')],
    released: ['v1.1.9', 'v0.9.0'],
    replayOf: undefined,
    signer: signerWith(['release-manager'], { fingerprint: 'SHA256:rhea' }),
    commitAccepted: true,
    staging: known({ passed: ['staging'], missing: [] }),
    project: 'prj_1',
    artifact: `sha256:${'e'.repeat(64)}` as TagStanding['artifact'],
    now: judgedAt,
    ...changes,
  };
}
