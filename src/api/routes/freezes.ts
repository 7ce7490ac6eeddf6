import type { Instant } from '../../domain/base/time.ts';
import { exemptions } from '../../domain/promotion/facts.ts';
import { freezeIn, liftFreezeIn } from '../../engine/controls.ts';
import { findProject } from '../../engine/find.ts';
import type { NewFreeze } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { createFreeze, liftFreeze, listFreezes } from '../contract/freezes.ts';
import { command, judgedBy, query, type Route, type Visible } from '../route.ts';
import { acrossOrNamed, freezeInBody, ofFreeze } from '../subject.ts';

export function freezeRoutes(): readonly Route[] {
  return [
    judgedBy(
      acrossOrNamed,
      query(listFreezes, ({ store, clock }, { query: { project }, visible }) =>
        store.transaction(async (tx) => {
          const scope = project === undefined ? undefined : (await findProject(tx, project)).id;
          const views = [];
          for (const freeze of await tx.freezes.active(scope, clock.now())) {
            if (scope === undefined && !(await isFor(tx, freeze, visible))) continue;
            views.push({
              id: freeze.id,
              project: freeze.project === undefined ? null : ((await tx.projects.get(freeze.project))?.name ?? null),
              environment:
                freeze.environment === undefined
                  ? null
                  : ((await tx.environments.get(freeze.environment))?.spec.name ?? null),
              by: freeze.by,
              reason: freeze.reason,
              from: freeze.from,
              until: freeze.until ?? null,
              exempt: [...freeze.exempt],
            });
          }
          return { freezes: views };
        }),
      ),
    ),

    judgedBy(
      freezeInBody,
      command(createFreeze, async (world, tx, { body, actor }) => {
        const { project, environment, everything, reason } = body;
        const from = (body.from ?? world.clock.now()) as Instant;
        return {
          freeze: await freezeIn(world, tx, {
            project,
            environment,
            everything,
            from,
            until: body.until as Instant | undefined,
            exempt: body.exempt,
            reason,
            actor,
          }),
          exempt: [...(body.exempt ?? exemptions)],
        };
      }),
    ),

    judgedBy(
      ofFreeze,
      command(liftFreeze, async (world, tx, { params, body, actor }) => {
        await liftFreezeIn(world, tx, { ...params, ...body, actor });
        return params;
      }),
    ),
  ];
}

/** A freeze of everything concerns everybody. */
async function isFor(tx: Transaction, { project, environment }: NewFreeze, visible: Visible): Promise<boolean> {
  if (visible === 'every') return true;
  const of = environment === undefined ? project : (await tx.environments.get(environment))?.project;
  return of === undefined || visible.includes(of);
}
