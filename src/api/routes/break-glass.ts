import type { Duration } from '../../domain/base/time.ts';
import { breakableGates } from '../../domain/gate/break-glass.ts';
import {
  closeFollowUpIn,
  confirmBreakGlassIn,
  requestBreakGlassIn,
  viewBreakGlass,
} from '../../engine/gate/break-glass.ts';
import { findProject } from '../../engine/find.ts';
import {
  closeFollowUp,
  confirmBreakGlass,
  listBreakGlasses,
  listFollowUps,
  requestBreakGlass,
} from '../contract/break-glass.ts';
import { command, query, type Route } from '../route.ts';

const most = 200;

export function breakGlassRoutes(): readonly Route[] {
  return [
    command(requestBreakGlass, async (world, tx, { params, body, actor }) => {
      const expiresIn = body.expiresIn as Duration;
      return viewBreakGlass(tx, await requestBreakGlassIn(world, tx, { ...params, ...body, expiresIn, actor }));
    }),

    command(confirmBreakGlass, async (world, tx, { params, body, actor }) =>
      viewBreakGlass(tx, await confirmBreakGlassIn(world, tx, { ...params, ...body, actor })),
    ),

    query(listBreakGlasses, ({ store }, { params }) =>
      store.transaction(async (tx) => {
        const { id } = await findProject(tx, params.project);
        const breakGlasses = [];
        for (const one of await tx.breakGlasses.list(id, most)) breakGlasses.push(await viewBreakGlass(tx, one));
        const revision = await tx.pipelines.current(id);
        const allowed = revision?.pipeline.trust.breakGlass === 'two-person';
        return { allowed, passable: [...breakableGates], breakGlasses };
      }),
    ),

    query(listFollowUps, ({ store, clock }, { params }) =>
      store.transaction(async (tx) => {
        const { id } = await findProject(tx, params.project);
        const now = clock.now();
        const found = await tx.followUps.list(id, most);
        return {
          followUps: found.map(({ id: followUp, breakGlass, openedAt, dueAt, closed }) => ({
            id: followUp,
            breakGlass,
            openedAt,
            dueAt,
            overdue: closed === undefined && dueAt <= now,
            closed: closed ?? null,
          })),
        };
      }),
    ),

    command(closeFollowUp, async (world, tx, { params, body, actor }) => {
      await closeFollowUpIn(world, tx, { ...params, ...body, actor });
      return { followUp: body.followUp, closed: true as const };
    }),
  ];
}
