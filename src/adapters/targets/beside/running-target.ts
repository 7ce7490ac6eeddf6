import type { Deployment, Target } from '../../../ports/target.ts';
import { createAloneTarget } from './alone.ts';
import { createBesideTarget } from './beside.ts';
import type { BesideParts } from './lead.ts';

/** Services as instances of a runner: beside each other with the requests led to them, or one after the other at a port of their own. */
export function createRunningTarget(parts: BesideParts): Target {
  const [beside, alone] = [createBesideTarget(parts), createAloneTarget(parts)];
  const of = ({ target, port }: Deployment) =>
    port === undefined || ('direct' in target && target.direct === true) ? alone : beside;
  return {
    prepare: (deployment) => of(deployment).prepare(deployment),
    deploy: (deployment, signal, mayBegin) => of(deployment).deploy(deployment, signal, mayBegin),
    inspect: (deployment) => of(deployment).inspect(deployment),
    retire: (deployment) => of(deployment).retire(deployment),
    mend: async (deployment, signal) => of(deployment).mend?.(deployment, signal),
    ask: async (deployment) => (await of(deployment).ask?.(deployment)) ?? [],
    renew: async (deployment, patient, signal) => of(deployment).renew?.(deployment, patient, signal),
    beside: (deployment) => of(deployment).beside?.(deployment),
    // In whichever way they run.
    stop: beside.stop,
  };
}
