/** What moves through the pipeline: built once from one commit, never changed afterwards. */
import { canonicalJson, encodeDigest, type Digest, type Json, type Sha256 } from '../base/digest.ts';
import type { ProjectId, ReleaseId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';
import type { ServiceSpec } from '../pipeline/pipeline.ts';

export interface Release {
  readonly id: ReleaseId;
  readonly project: ProjectId;
  /** 1, 2, 3 … within the project, in the order in which commits were accepted. Newer means a higher number. */
  readonly number: number;
  readonly content: ReleaseContent;
  readonly createdAt: Instant;
}

/** Everything that decides what this release is and how it runs. Its id is the hash of exactly this. */
export interface ReleaseContent {
  readonly commit: string;
  readonly artifact: Digest;
  readonly service: ServiceSpec;
  /** Paths of the migration files in the artifact and their digests, in name order; what a plan compares. */
  readonly migrations: readonly { readonly path: string; readonly digest: Digest }[];
  /** Subject line of the commit, for people. */
  readonly title: string;
  readonly author: string;
}

/** Same content, same id, on any machine: `rel_` and 128 bits of the content's SHA-256. */
export function releaseId(project: ProjectId, content: ReleaseContent, sha256: Sha256): ReleaseId {
  const digest = sha256(canonicalJson({ project, ...content } as unknown as Json));
  return `rel_${encodeDigest(digest)}` as ReleaseId;
}
