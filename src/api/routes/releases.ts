import { liftVetoIn, vetoIn } from '../../engine/promotion/controls.ts';
import { listReleases as list, showRelease as show, standingVetoes } from '../../engine/views/lists.ts';
import { tellHolder } from '../../engine/promotion/stop.ts';
import { liftVeto, listReleases, listVetoes, showRelease, vetoRelease } from '../contract/releases.ts';
import { firstOf, placeOf } from '../page.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { environmentOrAllInBody } from '../subject.ts';

export function releaseRoutes(): readonly Route[] {
  return [
    query(listReleases, async (world, { params, query: { limit, cursor } }) => {
      const found = await list(world, params.project, { limit: limit + 1, ...placeOf(cursor) });
      const { items, cursor: next } = firstOf(found, limit, ({ number }) => number);
      return { releases: items, cursor: next };
    }),

    query(listVetoes, async (world, { params }) => ({ vetoes: await standingVetoes(world, params.project) })),

    query(showRelease, (world, { params }) => show(world, params.project, params.release)),

    judgedBy(
      environmentOrAllInBody,
      command(
        vetoRelease,
        async (world, tx, { params, body, actor }) => {
          const release = await vetoIn(world, tx, {
            ...params,
            environment: body.environment,
            reason: body.reason,
            actor,
          });
          return { release, environment: body.environment ?? null, vetoed: true };
        },
        (world) => void tellHolder(world),
      ),
    ),

    judgedBy(
      environmentOrAllInBody,
      command(liftVeto, async (world, tx, { params, body, actor }) => {
        const release = await liftVetoIn(world, tx, {
          ...params,
          environment: body.environment,
          reason: body.reason,
          actor,
        });
        return { release, environment: body.environment ?? null, vetoed: false };
      }),
    ),
  ];
}
