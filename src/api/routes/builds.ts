import { listBuilds as list } from '../../engine/views/lists.ts';
import { retryBuildIn } from '../../engine/release/retry-build.ts';
import { listBuilds, retryBuild } from '../contract/builds.ts';
import { command, query, type Route } from '../route.ts';

export function buildRoutes(): readonly Route[] {
  return [
    query(listBuilds, async (world, { params, query: { limit } }) => ({
      builds: await list(world, params.project, limit),
    })),
    command(retryBuild, (world, tx, { params, actor }) => retryBuildIn(world, tx, { ...params, actor })),
  ];
}
