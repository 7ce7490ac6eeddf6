import { commandLine } from '../../../domain/base/shell.ts';
import type { Images } from '../../../ports/images.ts';

export interface ImageTaskParts {
  /** Where its engine answers; see `socketOf`. */
  readonly dockerHost: string | undefined;
  readonly nodePath: string;
  /** The program that carries it out. */
  readonly program: string;
}

/** A process of its own, so that a build of minutes outlives the control plane like every other command. */
export function createImages({ dockerHost, nodePath, program }: ImageTaskParts): Images {
  return {
    command: (wish) =>
      commandLine([
        nodePath,
        '--disable-warning=ExperimentalWarning',
        program,
        JSON.stringify({ ...wish, dockerHost }),
      ]),
  };
}
