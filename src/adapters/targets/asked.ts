import type { Target } from '../../ports/target.ts';

/** What a deployment is asked with beside itself: see `Target.deploy`. */
export interface Asked {
  readonly signal: AbortSignal;
  readonly mayBegin: Parameters<Target['deploy']>[2];
}
