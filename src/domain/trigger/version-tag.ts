/** Production: a version tag that a release manager signed, on a commit of main that passed staging here. */
import type { Digest } from '../base/digest.ts';
import type { Instant } from '../base/time.ts';
import { checkOf, failed, judgementOf, passed, type Check, type Judgement, type Looked } from './check.ts';
import { notRewound, short, shortRef, type Rewound } from './main-commit.ts';
import type { SignatureAnswer } from './signature.ts';
import type { ObjectRefusal } from './signed-object.ts';
import { signatureChecks, type SignerWithRoles } from './signer.ts';
import { compareVersions, parseVersionTag } from './version.ts';

/** What was found of one tag in our own copy. */
export interface VersionTag {
  readonly ref: string;
  /** What the ref points at: the tag object, or a commit for a lightweight tag. */
  readonly object: string;
  readonly content: TagContent;
}

export type TagContent =
  | { readonly is: 'lightweight' }
  | { readonly is: 'unreadable'; readonly code: ObjectRefusal; readonly because: string }
  | {
      readonly is: 'annotated';
      readonly commit: string;
      /** From the tag's own header. */
      readonly name: string;
      readonly signature: Looked<SignatureAnswer>;
      /** Every value of the trailer, in order. */
      readonly trailers: { readonly projectId: readonly string[]; readonly artifact: readonly string[] };
    };

/** What may be another answer tomorrow. */
export interface TagStanding {
  readonly mainRef: string;
  readonly rewound: Rewound | undefined;
  /** Everything the ref ever pointed at, by our own log, deleted and made again included. */
  readonly objectsSeen: readonly string[];
  /** Tags of the versions accepted before this one, and of those that were there at the first look. */
  readonly released: readonly string[];
  readonly replayOf: string | undefined;
  readonly signer: SignerWithRoles | undefined;
  /** Whether the commit was accepted as a commit of main. */
  readonly commitAccepted: boolean;
  readonly staging: Looked<StagingResult>;
  readonly project: string;
  /** Of the release that was built from the commit; absent when there is none. */
  readonly artifact: Digest | undefined;
  readonly now: Instant;
}

/** Environments of this project that come before production, and what the release's latest verdicts there are. */
export interface StagingResult {
  readonly passed: readonly string[];
  readonly missing: readonly string[];
}

export function judgeVersionTag(found: VersionTag, standing: TagStanding): Judgement {
  const checks = [
    versionName(found),
    notRewound(standing.rewound, standing.mainRef),
    neverMoved(found, standing),
    ...contentChecks(found, standing),
  ];
  return judgementOf('production', checks, 'release-manager-signature');
}

function versionName({ ref }: VersionTag): Check {
  const tag = shortRef(ref);
  if (ref === `refs/tags/${tag}` && parseVersionTag(tag) !== undefined)
    return passed('TAG_NAME_NOT_A_VERSION', `${tag} names a version`);
  return failed(
    'TAG_NAME_NOT_A_VERSION',
    `${tag} is not vMAJOR.MINOR.PATCH`,
    'name it as v1.4.0: three whole numbers, nothing after them',
  );
}

/** Whoever moves a tag, or deletes it and makes it again, has made a name mean two things. */
function neverMoved({ ref, object }: VersionTag, { objectsSeen }: TagStanding): Check {
  const others = objectsSeen.filter((seen) => seen !== object);
  if (others.length === 0) return passed('TAG_MOVED', `${shortRef(ref)} has always been this object`);
  return failed(
    'TAG_MOVED',
    `${shortRef(ref)} has named ${others.map(short).join(', ')} as well as ${short(object)}`,
    'this name starts nothing any more; tag a newer version',
  );
}

function contentChecks(found: VersionTag, standing: TagStanding): readonly Check[] {
  const { content } = found;
  const tag = shortRef(found.ref);
  if (content.is === 'lightweight')
    return [
      failed(
        'TAG_LIGHTWEIGHT',
        `${tag} is a name without an object, so nobody signed it`,
        `git tag -s ${tag}, or liftlock release sign`,
      ),
    ];
  if (content.is === 'unreadable')
    return [
      failed(
        content.code === 'TAG_TARGET_NOT_COMMIT' ? 'TAG_NOT_A_COMMIT' : content.code,
        `${tag} cannot be judged: ${content.because}`,
        'tag a commit of main as a new version',
      ),
    ];
  return [
    passed('TAG_LIGHTWEIGHT', `${tag} is an object of its own`),
    sameName(tag, content.name),
    passed('TAG_NOT_A_COMMIT', `${tag} names commit ${short(content.commit)}`),
    ...signatureChecks({ ...standing, what: `tag ${tag}`, signature: content.signature, role: 'release-manager' }),
    newerVersion(tag, standing.released),
    notReplayed(tag, standing.replayOf),
    onVerifiedMain(content.commit, standing.commitAccepted),
    checkOf(standing.staging, 'whether it passed staging', (staging) => passedStaging(content.commit, staging)),
    ...trailerChecks(tag, content.trailers, standing),
  ];
}

function sameName(tag: string, name: string): Check {
  if (name === tag) return passed('TAG_NAME_MISMATCH', 'the tag itself says the same name');
  return failed(
    'TAG_NAME_MISMATCH',
    `the tag itself says ${name}, and it lies under the name ${tag}`,
    'sign a tag of that name',
  );
}

function newerVersion(tag: string, released: readonly string[]): Check {
  const version = parseVersionTag(tag);
  if (version === undefined)
    return failed('VERSION_NOT_NEWER', `${tag} is no version that could be compared`, 'name it as v1.4.0');
  const newest = released
    .flatMap((name) => parseVersionTag(name) ?? [])
    .toSorted(compareVersions)
    .at(-1);
  if (newest === undefined) return passed('VERSION_NOT_NEWER', 'no version was released before it');
  const name = `v${newest.major}.${newest.minor}.${newest.patch}`;
  if (compareVersions(newest, version) < 0) return passed('VERSION_NOT_NEWER', `it is newer than ${name}`);
  return failed(
    'VERSION_NOT_NEWER',
    `${tag} is not newer than ${name}, which was released before`,
    'tag a newer version',
  );
}

function notReplayed(tag: string, replayOf: string | undefined): Check {
  if (replayOf === undefined) return passed('REPLAYED', 'what is signed was not used before');
  return failed(
    'REPLAYED',
    `what is signed in ${tag} was used before, in ${short(replayOf)}`,
    'make a new tag of a newer version',
  );
}

function onVerifiedMain(commit: string, isAccepted: boolean): Check {
  if (isAccepted) return passed('COMMIT_UNVERIFIED', `${short(commit)} is an accepted commit of main`);
  return failed(
    'COMMIT_UNVERIFIED',
    `${short(commit)} is not an accepted commit of main`,
    `liftlock verify ${short(commit)} tells why`,
  );
}

function passedStaging(commit: string, { passed: where, missing }: StagingResult): Check {
  if (where.length > 0 && missing.length === 0)
    return passed('NOT_PASSED_STAGING', `${short(commit)} is verified in ${where.join(' and ')}`);
  const there =
    missing.length === 0
      ? 'no environment before production verifies anything'
      : `it is not verified in ${missing.join(' and ')}`;
  return failed(
    'NOT_PASSED_STAGING',
    `${short(commit)} has not passed staging in this project: ${there}`,
    'promote it to staging first; the tag counts as soon as it has passed',
  );
}

/** Signed along with the tag, so they bind it to one project and one artifact. A tag may leave them out. */
function trailerChecks(
  tag: string,
  trailers: { readonly projectId: readonly string[]; readonly artifact: readonly string[] },
  standing: TagStanding,
): readonly Check[] {
  const checks: Check[] = [];
  if (trailers.projectId.length > 0) {
    checks.push(
      trailers.projectId.every((id) => id === standing.project)
        ? passed('PROJECT_MISMATCH', `${tag} was made for this project`)
        : failed(
            'PROJECT_MISMATCH',
            `${tag} was made for project ${trailers.projectId.join(', ')}, and this is ${standing.project}`,
            'sign a tag for this project: liftlock release sign',
          ),
    );
  }
  if (trailers.artifact.length > 0) {
    const { artifact } = standing;
    checks.push(
      artifact !== undefined && trailers.artifact.every((digest) => digest === artifact)
        ? passed('ARTIFACT_MISMATCH', `${tag} was made for the artifact that would be deployed`)
        : failed(
            'ARTIFACT_MISMATCH',
            `${tag} was made for ${trailers.artifact.join(', ')}, and ${artifact ?? 'nothing'} was built here`,
            'sign a tag for what was built: liftlock release sign',
          ),
    );
  }
  return checks;
}
