/**
 * Staging: a commit of main that a maintainer signed, or that a platform made and a maintainer accepted here.
 *
 * What is asked keeps three things out that a good signature alone lets in: a commit put under main's name from
 * elsewhere, history exchanged below a signed tip, and a merge that brings more than the branch it merges.
 */
import type { Instant } from '../base/time.ts';
import type { SignatureMode } from '../pipeline/trust.ts';
import { checkOf, failed, judgementOf, passed, type Basis, type Check, type Judgement, type Looked } from './check.ts';
import type { SignatureAnswer } from './signature.ts';
import type { ObjectRefusal } from './signed-object.ts';
import { platformChecks, signatureChecks, type SignerWithRoles } from './signer.ts';

/** What was found of one commit in our own copy. Stored: it is about an object that cannot change. */
export interface MainCommit {
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly signature: Looked<SignatureAnswer>;
  /** Where its line of first parents begins. */
  readonly root: Looked<string>;
  /** Whether the tip of verified main, when this was looked at, is among its ancestors. */
  readonly fastForward: Looked<boolean>;
  /** The ref on which it was seen first, by our clock. */
  readonly firstSeen: Looked<{ readonly ref: string; readonly at: Instant | undefined }>;
  /** Of a merge: the tree that Git's own merge of its parents gives. */
  readonly merge: Looked<Merged> | undefined;
  /** Set when it is not laid out as Git lays it out; everything else then says nothing. */
  readonly unreadable?: Unreadable;
}

export interface Unreadable {
  readonly code: Exclude<ObjectRefusal, 'TAG_TARGET_NOT_COMMIT'>;
  readonly because: string;
}

export type Merged =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly because: string };

/** What may be another answer tomorrow. */
export interface MainStanding {
  readonly mode: Exclude<SignatureMode, 'none'>;
  readonly mainRef: string;
  /** Pinned at the first look, or written in the pipeline. */
  readonly root: string;
  /** Since when main does not continue what was seen of it, and nobody has acknowledged that. */
  readonly rewound: Rewound | undefined;
  /** False when main has left it behind. */
  readonly onMain: boolean;
  readonly firstParentVerified: boolean;
  /** Another object that carries the same signed bytes and was accepted before. */
  readonly replayOf: string | undefined;
  readonly signer: SignerWithRoles | undefined;
  readonly acceptance: Acceptance | undefined;
  readonly now: Instant;
}

export interface Rewound {
  readonly from: string;
  /** Absent when main was deleted. */
  readonly to: string | undefined;
  readonly at: Instant;
}

/** A maintainer's word for a commit that a platform made, bound to the commit and its tree. */
export interface Acceptance {
  readonly commit: string;
  readonly tree: string;
  readonly by: string;
  /** Whether that person is maintainer now. */
  readonly byMaintainer: boolean;
  readonly at: Instant;
}

export function judgeMainCommit(found: MainCommit, standing: MainStanding): Judgement {
  if (found.unreadable !== undefined) return unreadable(found, found.unreadable, standing);
  const byPlatform = standing.mode === 'hosted' && standing.signer?.owner.by === 'platform';
  const basis: Basis = byPlatform ? 'hosted-acceptance' : 'maintainer-signature';
  const checks = [
    onMainRef(found, standing),
    stillOnMain(found, standing),
    notRewound(standing.rewound, standing.mainRef),
    checkOf(found.fastForward, `whether main was only added to`, (forward) => fastForward(found, forward)),
    checkOf(found.root, 'where this history begins', (root) => sameRoot(root, standing.root)),
    ...(byPlatform ? hostedChecks(found, standing) : strictChecks(found, standing)),
    firstParent(found, standing),
    checkOf(found.firstSeen, 'where the commit was seen first', ({ ref }) => seenHereFirst(found, standing, ref)),
    ...(found.merge === undefined
      ? []
      : [checkOf(found.merge, 'what its merge should give', (merged) => cleanMerge(found, merged))]),
    notReplayed(found, standing),
  ];
  return judgementOf('staging', checks, basis);
}

function unreadable(found: MainCommit, { code, because }: Unreadable, standing: MainStanding): Judgement {
  const check = failed(
    code,
    `commit ${short(found.commit)} cannot be judged: ${because}`,
    'make the commit again with git',
  );
  return judgementOf('staging', [onMainRef(found, standing), check], 'maintainer-signature');
}

/** Frozen until a maintainer has looked: what main was moved away from, or to, is not what anybody verified. */
export function notRewound(rewound: Rewound | undefined, mainRef: string): Check {
  const main = shortRef(mainRef);
  if (rewound === undefined) return passed('MAIN_REWOUND', `${main} has only been added to`);
  const to = rewound.to === undefined ? 'was deleted' : `was moved to ${short(rewound.to)}, which does not continue it`;
  return failed(
    'MAIN_REWOUND',
    `${main} stood at ${short(rewound.from)} and ${to}`,
    'a maintainer looks at what happened, then: liftlock source acknowledge',
  );
}

function onMainRef({ ref }: MainCommit, { mainRef }: MainStanding): Check {
  if (ref === mainRef) return passed('NOT_MAIN', `${shortRef(ref)} is the main branch`);
  return failed('NOT_MAIN', `${ref} is not ${mainRef}`, 'merge it to main');
}

function stillOnMain({ commit }: MainCommit, { onMain, mainRef }: MainStanding): Check {
  if (onMain) return passed('NOT_ON_MAIN', `${short(commit)} is part of ${shortRef(mainRef)}`);
  return failed('NOT_ON_MAIN', `${short(commit)} is no longer part of ${shortRef(mainRef)}`, 'merge it to main again');
}

function fastForward({ commit }: MainCommit, forward: boolean): Check {
  if (forward) return passed('NOT_FAST_FORWARD', `${short(commit)} continues verified main`);
  return failed(
    'NOT_FAST_FORWARD',
    `${short(commit)} does not continue the last verified commit of main`,
    'put main back, or have a maintainer acknowledge it: liftlock source acknowledge',
  );
}

function sameRoot(root: string, pinned: string): Check {
  if (root === pinned) return passed('WRONG_ROOT', `this history begins at ${short(root)}, as pinned`);
  return failed(
    'WRONG_ROOT',
    `this history begins at ${short(root)}, and the project is pinned to ${short(pinned)}`,
    'this is another repository, or its history was rewritten; trust: { root: ... } pins another one',
  );
}

function strictChecks(found: MainCommit, standing: MainStanding): readonly Check[] {
  return signatureChecks({
    ...standing,
    what: `commit ${short(found.commit)}`,
    signature: found.signature,
    role: 'maintainer',
  });
}

function hostedChecks(found: MainCommit, standing: MainStanding): readonly Check[] {
  const checks = platformChecks({ ...standing, what: `commit ${short(found.commit)}`, signature: found.signature });
  return [...checks, accepted(found, standing.acceptance)];
}

function accepted({ commit, tree }: MainCommit, acceptance: Acceptance | undefined): Check {
  const hint = `a maintainer looks at it, then: liftlock accept ${short(commit)}`;
  if (acceptance === undefined || acceptance.commit !== commit)
    return failed('NOT_ACCEPTED', `${short(commit)} was made by the platform, and no maintainer has accepted it`, hint);
  if (acceptance.tree !== tree)
    return failed('NOT_ACCEPTED', `what ${acceptance.by} accepted for ${short(commit)} is another tree`, hint);
  if (!acceptance.byMaintainer)
    return failed('NOT_ACCEPTED', `${acceptance.by}, who accepted ${short(commit)}, is no maintainer now`, hint);
  return passed('NOT_ACCEPTED', `accepted by ${acceptance.by}; made and signed by the platform, not by a person`);
}

function firstParent({ commit, parents }: MainCommit, { firstParentVerified }: MainStanding): Check {
  const [parent] = parents;
  const named = parent === undefined ? 'it has none' : short(parent);
  if (firstParentVerified) return passed('FIRST_PARENT_UNVERIFIED', `its first parent lies on verified main: ${named}`);
  return failed(
    'FIRST_PARENT_UNVERIFIED',
    `the first parent of ${short(commit)} does not lie on verified main: ${named}`,
    `liftlock verify ${parent === undefined ? 'main' : short(parent)} tells why; liftlock source acknowledge takes main as it stands for history`,
  );
}

function seenHereFirst({ commit }: MainCommit, { mainRef }: MainStanding, ref: string): Check {
  if (ref === mainRef) return passed('SEEN_ON_OTHER_REF', `${short(commit)} was first seen on ${shortRef(mainRef)}`);
  return failed(
    'SEEN_ON_OTHER_REF',
    `${short(commit)} was first seen on ${shortRef(ref)}, and main was only moved onto it`,
    'merge with a commit of its own: git merge --no-ff -S',
  );
}

function cleanMerge({ commit, tree, parents }: MainCommit, merged: Merged): Check {
  const code = 'TREE_NOT_THE_REVIEWED_MERGE';
  const hint = 'bring main into the branch there, have that reviewed, and merge without changes: git merge --no-ff -S';
  if (!merged.clean)
    return failed(code, `what ${short(commit)} merges cannot be merged without a decision: ${merged.because}`, hint);
  if (merged.tree === tree) return passed(code, `it brings exactly what ${short(parents[1] ?? '')} brings`);
  return failed(code, `${short(commit)} holds more, or less, than the merge of ${short(parents[1] ?? '')} gives`, hint);
}

/** A signature can be written in several ways, and each gives the object another id. */
function notReplayed({ commit }: MainCommit, { replayOf }: MainStanding): Check {
  if (replayOf === undefined) return passed('REPLAYED', 'what is signed was not used before');
  return failed(
    'REPLAYED',
    `what is signed in ${short(commit)} was used before, in ${short(replayOf)}`,
    'make a new commit',
  );
}

/** Ten digits are enough for people. */
export function short(id: string): string {
  return id.slice(0, 10);
}

export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '');
}
