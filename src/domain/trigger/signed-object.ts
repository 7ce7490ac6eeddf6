/** Commits and tags as they are stored, read strictly: what a signature covers, and what is said under it. */
import type { SignedBytes } from './signature.ts';

export type SignedObject = CommitObject | TagObject;

export interface CommitObject extends SignedBytes {
  readonly kind: 'commit';
  readonly id: string;
  readonly tree: string;
  /** In the order of the headers; the first is the line the commit continues. */
  readonly parents: readonly string[];
  readonly author: PersonLine;
  readonly committer: PersonLine;
  /** Everything after the empty line, in the encoding that the commit declares. */
  readonly message: string;
}

/** A tag object of a commit; tags of anything else are refused where they are read. */
export interface TagObject extends SignedBytes {
  readonly kind: 'tag';
  readonly id: string;
  /** The commit that its header names; it exists and is a commit. */
  readonly commit: string;
  /** The name in its own header, without `refs/tags/`. The ref that leads here may have another. */
  readonly name: string;
  readonly tagger: PersonLine;
  /** Without the signature. */
  readonly message: string;
}

/** As the object claims it: proves nothing about who made it, or when. */
export interface PersonLine {
  readonly name: string;
  readonly email: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** An object that was read, or why it was not: what cannot be read strictly is never judged. */
export type ObjectReading =
  | { readonly readable: true; readonly object: SignedObject }
  | { readonly readable: false; readonly id: string; readonly code: ObjectRefusal; readonly because: string };

export type ObjectRefusal =
  /** Our copy does not have it. */
  | 'OBJECT_MISSING'
  /** Neither a commit nor a tag. */
  | 'OBJECT_OTHER_TYPE'
  /** Too large to be a commit or a tag that people made. */
  | 'OBJECT_TOO_LARGE'
  /** Not laid out as Git lays it out. */
  | 'OBJECT_MALFORMED'
  /** A header that must stand once stands twice. */
  | 'OBJECT_DUPLICATE_HEADER'
  /** A NUL byte or a carriage return where readers differ about what it means. */
  | 'OBJECT_AMBIGUOUS_BYTES'
  /** Its message is in an encoding in which the same bytes can be read as other words. */
  | 'OBJECT_ENCODING'
  /** More than one signature. */
  | 'SIGNATURE_MULTIPLE'
  /** A signature for the object's twin in the other object format, which Git would leave out of what is signed. */
  | 'SIGNATURE_OTHER_FORMAT'
  /** Its header names an object that our copy does not have. */
  | 'TAG_TARGET_MISSING'
  /** Its header names one type and the object has another. */
  | 'TAG_TARGET_DISAGREES'
  /** A tag of a tag, a tree or a file. */
  | 'TAG_TARGET_NOT_COMMIT';
