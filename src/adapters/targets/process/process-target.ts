import type { Deployment, Target } from '../../../ports/target.ts';
import { createBesideTarget, type BesideParts } from './beside.ts';
import { createDirectTarget } from './direct.ts';

/** Services as processes of this machine: beside each other behind the edge, or one after the other at a port of their own. */
export function createProcessTarget(parts: BesideParts): Target {
  const [beside, direct] = [createBesideTarget(parts), createDirectTarget(parts)];
  const of = ({ target, port }: Deployment) =>
    port === undefined || (target.kind === 'process' && target.direct === true) ? direct : beside;
  return {
    prepare: (deployment) => of(deployment).prepare(deployment),
    async deploy(deployment, signal) {
      // A service that listens at the environment's port itself cannot while the edge does.
      if (of(deployment) === direct) await parts.traffic.remove(deployment.environment.id, 0);
      return of(deployment).deploy(deployment, signal);
    },
    inspect: (deployment) => of(deployment).inspect(deployment),
    retire: (deployment) => of(deployment).retire(deployment),
    beside: (deployment) => of(deployment).beside?.(deployment),
    stop: (environment, graceMs) => beside.stop(environment, graceMs),
  };
}
