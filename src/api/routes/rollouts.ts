import { showRollout as show } from '../../engine/rollout/show-rollout.ts';
import { recomputeRollout as recompute } from '../../engine/rollout/recompute-rollout.ts';
import { showSeries } from '../../engine/rollout/show-series.ts';
import { steerIn } from '../../engine/rollout/steer.ts';
import { recomputeRollout, rolloutSeries, showRollout, steerRollout } from '../contract/rollouts.ts';
import type { EventFeed } from '../../ports/events.ts';
import { command, query, type Route } from '../route.ts';

export function rolloutRoutes(feed: EventFeed): readonly Route[] {
  return [
    query(rolloutSeries, (world, { params, query: asked }) => showSeries(world, feed, { ...params, ...asked })),
    query(recomputeRollout, (world, { params, query: asked }) => recompute(world, { ...params, ...asked })),
    query(showRollout, (world, { params }) => show(world, params)),

    ...steerRollout.map(({ verb, endpoint }) =>
      command(endpoint, async (world, tx, { params, body, actor }) => ({
        promotion: await steerIn(world, tx, { ...params, verb, reason: body.reason ?? '', actor }),
        verb,
      })),
    ),
  ];
}
