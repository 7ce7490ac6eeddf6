import type { Instant } from '../../domain/base/time.ts';
import { exemptions } from '../../domain/promotion/facts.ts';
import { freezeIn, liftFreezeIn } from '../../engine/promotion/controls.ts';
import { findProject } from '../../engine/find.ts';
import type { NewFreeze } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { createFreeze, liftFreeze, listFreezes, type FreezeView } from '../contract/freezes.ts';
import { command, judgedBy, query, type Route, type Visible } from '../route.ts';
import { acrossOrNamed, freezeInBody, ofFreeze } from '../subject.ts';

export function freezeRoutes(): readonly Route[] {
  return [
    judgedBy(
      acrossOrNamed,
      query(listFreezes, ({ store, clock }, { query: { project }, visible }) =>
        store.transaction(async (tx) => {
          const scope = project === undefined ? undefined : (await findProject(tx, project)).id;
          const now = clock.now();
          const found = [...(await tx.freezes.active(scope, now)), ...(await tx.freezes.ahead(scope, now))];
          const views: FreezeView[] = [];
          for (const freeze of found)
            if (scope !== undefined || (await isFor(tx, freeze, visible))) views.push(await view(tx, freeze, now));
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

async function view(tx: Transaction, freeze: NewFreeze, now: Instant): Promise<FreezeView> {
  const { id, project, environment, by, reason, from, until, exempt } = freeze;
  return {
    id,
    project: project === undefined ? null : ((await tx.projects.get(project))?.name ?? null),
    environment: environment === undefined ? null : ((await tx.environments.get(environment))?.spec.name ?? null),
    by,
    reason,
    from,
    until: until ?? null,
    inForce: from <= now,
    exempt: [...exempt],
  };
}

/** A freeze of everything concerns everybody. */
async function isFor(tx: Transaction, { project, environment }: NewFreeze, visible: Visible): Promise<boolean> {
  if (visible === 'every') return true;
  const of = environment === undefined ? project : (await tx.environments.get(environment))?.project;
  return of === undefined || visible.includes(of);
}
