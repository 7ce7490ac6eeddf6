import { askAgainIn } from '../../engine/gate/ask-again.ts';
import { decideIn, withdrawIn } from '../../engine/gate/approve.ts';
import type { PasskeyAnswer } from '../../engine/gate/sign-decision.ts';
import { holdIn, pinIn, releaseHoldIn, unpinIn } from '../../engine/promotion/controls.ts';
import { next, rollbackTargets, showVerification as show } from '../../engine/views/lists.ts';
import { requestVerificationIn } from '../../engine/promotion/reverify.ts';
import { stopServiceIn } from '../../engine/pipeline/retire.ts';
import { rollbackIn } from '../../engine/promotion/rollback.ts';
import type { Digest } from '../../domain/base/digest.ts';
import {
  approve,
  askAgain,
  hold,
  listRollbackTargets,
  pin,
  reject,
  releaseHold,
  rollBack,
  showNext,
  showVerification,
  stopService,
  unpin,
  verify,
  withdraw,
} from '../contract/environments.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { ofVerification } from '../subject.ts';

export function environmentRoutes(): readonly Route[] {
  return [
    query(showNext, (world, { params }) => next(world, params.project, params.environment)),

    query(listRollbackTargets, async (world, { params }) => ({
      targets: await rollbackTargets(world, params.project, params.environment),
    })),

    command(rollBack, (world, tx, { params, body, actor }) =>
      rollbackIn(world, tx, { ...params, to: body.to, reason: body.reason, actor }),
    ),

    command(approve, async (world, tx, { params, body, actor }) => {
      const seen = { release: body.release, planHash: body.planHash as Digest | undefined };
      const decided = await decideIn(world, tx, {
        ...params,
        ...seen,
        decision: 'approve',
        reason: body.reason ?? '',
        actor,
        read: body.read,
        passkey: body.passkey as PasskeyAnswer | undefined,
      });
      return { ...decided, decision: 'approve' as const };
    }),

    command(reject, async (world, tx, { params, body, actor }) => {
      const seen = { release: body.release, planHash: body.planHash as Digest | undefined };
      const decided = await decideIn(world, tx, {
        ...params,
        ...seen,
        decision: 'reject',
        reason: body.reason,
        actor,
        read: body.read,
        passkey: body.passkey as PasskeyAnswer | undefined,
      });
      return { ...decided, decision: 'reject' as const };
    }),

    command(withdraw, async (world, tx, { params, body, actor }) => {
      const { promotion } = await withdrawIn(world, tx, { ...params, ...body, actor });
      return { promotion, withdrawn: true as const };
    }),

    command(hold, async (world, tx, { params, body, actor }) => {
      await holdIn(world, tx, { ...params, ...body, actor });
      return { environment: params.environment, control: 'held' as const, by: actor, reason: body.reason };
    }),

    command(releaseHold, async (world, tx, { params, body, actor }) => {
      await releaseHoldIn(world, tx, { ...params, ...body, actor });
      return { environment: params.environment, control: 'hold-released' as const, by: actor, reason: body.reason };
    }),

    command(pin, async (world, tx, { params, body, actor }) => {
      await pinIn(world, tx, { ...params, ...body, actor });
      return { environment: params.environment, control: 'pinned' as const, by: actor, reason: body.reason };
    }),

    command(unpin, async (world, tx, { params, body, actor }) => {
      await unpinIn(world, tx, { ...params, ...body, actor });
      return { environment: params.environment, control: 'unpinned' as const, by: actor, reason: body.reason };
    }),

    command(stopService, (world, tx, { params, body, actor }) =>
      stopServiceIn(world, tx, { ...params, ...body, actor }),
    ),

    command(
      askAgain,
      async (world, tx, { params, body, actor }) => ({
        asked: [...(await askAgainIn(world, tx, { ...params, ...body, actor }))],
      }),
      (world) => world.jobs.kick('check'),
    ),

    command(verify, (world, tx, { params, actor }) => requestVerificationIn(world, tx, { ...params, actor })),

    judgedBy(
      ofVerification,
      query(showVerification, (world, { params }) => show(world, params.verification)),
    ),
  ];
}
