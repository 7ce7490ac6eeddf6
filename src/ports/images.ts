import type { ImageSpec } from '../domain/pipeline/pipeline.ts';

/** The image that a release runs from, as a part of its artifact: the digest of the artifact is that of the image too. */
export interface Images {
  /**
   * The command that makes it, or takes the one that the build made, and puts it into the output: one more command of the build,
   * kept and found again like the others. It exits with 0 when the output holds the image.
   */
  command(wish: ImageWish): string;
}

export interface ImageWish {
  readonly spec: ImageSpec;
  /** Of the directory that becomes the artifact, relative to the one the command runs in. */
  readonly output: string;
  /** Handed to the Dockerfile; whoever has the image can read them. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the image says about itself. */
  readonly labels: Readonly<Record<string, string>>;
}
