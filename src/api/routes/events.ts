import type { ProjectId, PromotionId } from '../../domain/base/id.ts';
import type { EventFeed, EventFilter } from '../../ports/events.ts';
import { findProject } from '../../engine/find.ts';
import type { World } from '../../engine/world.ts';
import { beginning, followEvents, listEvents } from '../contract/events.ts';
import type { Streams } from '../event-stream.ts';
import type { Naming } from '../naming.ts';
import { query, stream, type Route } from '../route.ts';

export function eventRoutes({
  feed,
  naming,
  streams,
}: {
  feed: EventFeed;
  naming: Naming;
  streams: Streams;
}): readonly Route[] {
  return [
    query(listEvents, async (world, { query: { limit, cursor, ...named } }) => {
      const filter = await filterOf(world, named);
      const from = cursor === undefined || cursor === beginning ? {} : { after: cursor };
      const events = await (cursor === undefined ? feed.tail(filter, limit) : feed.read({ ...filter, ...from, limit }));
      return { events: await naming(events), cursor: events.at(-1)?.cursor ?? cursor ?? null };
    }),

    stream(followEvents, async (world, { query: { after, ...named } }, connection) => {
      const filter = await filterOf(world, named);
      await streams.open({ filter, after: connection.lastEventId ?? after }, connection);
    }),
  ];
}

/** @throws Failure `project/unknown`. */
async function filterOf(
  world: World,
  named: { project?: string | undefined; promotion?: string | undefined },
): Promise<EventFilter> {
  const { project: name, promotion } = named;
  const project: ProjectId | undefined =
    name === undefined ? undefined : (await world.store.transaction((tx) => findProject(tx, name))).id;
  return {
    ...(project === undefined ? {} : { project }),
    ...(promotion === undefined ? {} : { promotion: promotion as PromotionId }),
  };
}
