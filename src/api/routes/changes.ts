import type { Digest } from '../../domain/base/digest.ts';
import { acceptNotesIn, acceptPlanIn, showNotes as notes, writeNotesIn } from '../../engine/gate/papers.ts';
import { rejectProposalIn, showProposal as proposal } from '../../engine/pipeline/proposals.ts';
import { approveProposalIn } from '../../engine/pipeline/register.ts';
import { listChanges as list, showChange as show } from '../../engine/promotion/show-change.ts';
import {
  acceptNotes,
  acceptPlan,
  approvePipeline,
  listChanges,
  rejectPipeline,
  showChange,
  showNotes,
  showProposal,
  writeNotes,
} from '../contract/changes.ts';
import { firstOf, placeOf } from '../page.ts';
import { command, query, type Route } from '../route.ts';

export function changeRoutes(): readonly Route[] {
  return [
    query(showNotes, (world, { params, query: { release } }) => notes(world, { ...params, release })),
    command(writeNotes, (world, tx, { params, body, actor }) => writeNotesIn(world, tx, { ...params, ...body, actor })),
    command(acceptNotes, (world, tx, { params, body, actor }) =>
      acceptNotesIn(world, tx, { ...params, release: body.release, digest: body.digest as Digest | undefined, actor }),
    ),
    command(acceptPlan, (world, tx, { params, body, actor }) =>
      acceptPlanIn(world, tx, {
        ...params,
        release: body.release,
        planHash: body.planHash as Digest | undefined,
        reason: body.reason ?? '',
        actor,
      }),
    ),

    query(listChanges, async (world, { params, query: { limit, cursor } }) => {
      const found = await list(world, params.project, { limit: limit + 1, ...placeOf(cursor) });
      const { items, cursor: next } = firstOf(found, limit, ({ number }) => number);
      return { changes: items, cursor: next };
    }),
    query(showChange, async (world, { params }) => {
      const change = await show(world, params.project, params.change);
      return { ...change, document: change.document as never };
    }),

    query(showProposal, async (world, { params }) => ({ proposal: await proposal(world, params.project) })),
    command(approvePipeline, (world, tx, { params, body, actor }) =>
      approveProposalIn(world, tx, {
        ...params,
        digest: body.digest as Digest | undefined,
        reason: body.reason,
        actor,
      }),
    ),
    command(rejectPipeline, (world, tx, { params, body, actor }) =>
      rejectProposalIn(world, tx, { ...params, digest: body.digest as Digest | undefined, reason: body.reason, actor }),
    ),
  ];
}
