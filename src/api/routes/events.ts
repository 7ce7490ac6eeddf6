import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId, PromotionId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { EventFeed, EventFilter } from '../../ports/events.ts';
import { findProject } from '../../engine/find.ts';
import type { World } from '../../engine/world.ts';
import { beginning, followEvents, listEvents } from '../contract/events.ts';
import type { Streams } from '../event-stream.ts';
import type { Naming } from '../naming.ts';
import { judgedBy, query, stream, type Route, type Visible } from '../route.ts';
import { acrossOrNamed } from '../subject.ts';

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
    judgedBy(
      acrossOrNamed,
      query(listEvents, async (world, { query: { limit, cursor, before, ...named }, visible }) => {
        if (cursor !== undefined && before !== undefined)
          throw new Failure('input/invalid', 'either `cursor` or `before`', { hint: 'one says where a page begins' });
        const filter = { ...(await filterOf(world, named)), ...searched(named), ...only(named, visible) };
        const from = cursor === undefined || cursor === beginning ? {} : { after: cursor };
        const events = await (cursor === undefined
          ? feed.tail({ ...filter, ...(before === undefined ? {} : { before }) }, limit)
          : feed.read({ ...filter, ...from, limit }));
        return { events: await naming(events), cursor: events.at(-1)?.cursor ?? cursor ?? null };
      }),
    ),

    judgedBy(
      acrossOrNamed,
      stream(followEvents, async (world, { query: { after, ...named }, visible }, connection) => {
        const asked = await filterOf(world, named);
        const filterNow = async () => {
          const still = await connection.stillVisible();
          return still && { ...asked, ...only(named, still) };
        };
        const filter = { ...asked, ...only(named, visible) };
        await streams.open({ filter, filterNow, after: connection.lastEventId ?? after }, connection);
      }),
    ),
  ];
}

function searched({
  kind,
  actor,
  environment,
  release,
  since,
  until,
}: Partial<Record<'kind' | 'actor' | 'environment' | 'release', string | undefined>> &
  Partial<Record<'since' | 'until', number | undefined>>): EventFilter {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(actor === undefined ? {} : { actor }),
    ...(environment === undefined ? {} : { environment }),
    ...(release === undefined ? {} : { release: Number(release.replace('#', '')) }),
    ...(since === undefined ? {} : { since: since as Instant }),
    ...(until === undefined ? {} : { until: until as Instant }),
  };
}

/** A project that was named was judged by itself. */
function only({ project }: { project?: string | undefined }, visible: Visible): Pick<EventFilter, 'projects'> {
  return project !== undefined || visible === 'every' ? {} : { projects: visible };
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
