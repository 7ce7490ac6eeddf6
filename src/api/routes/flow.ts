import { arrivals } from '../../engine/views/arrivals.ts';
import { occupancies } from '../../engine/views/occupancies.ts';
import { listArrivals, listOccupancies } from '../contract/flow.ts';
import { query, type Route } from '../route.ts';

export function flowRoutes(): readonly Route[] {
  return [
    query(listArrivals, async (world, { params }) => ({ arrivals: await arrivals(world, params.project) })),

    query(listOccupancies, async (world, { params, query: asked }) => ({
      occupancies: await occupancies(world, { ...params, ...asked }),
    })),
  ];
}
