import { showRollout as show } from '../../engine/show-rollout.ts';
import { steerIn } from '../../engine/steer.ts';
import { showRollout, steerRollout } from '../contract/rollouts.ts';
import { command, query, type Route } from '../route.ts';

export function rolloutRoutes(): readonly Route[] {
  return [
    query(showRollout, (world, { params }) => show(world, params)),

    ...steerRollout.map(({ verb, endpoint }) =>
      command(endpoint, async (world, tx, { params, body, actor }) => ({
        promotion: await steerIn(world, tx, { ...params, verb, reason: body.reason ?? '', actor }),
        verb,
      })),
    ),
  ];
}
