import { Link } from 'wouter';
import { useOccupancies } from '../../api/flow.ts';
import { Stays } from '../../parts/stays.tsx';

/** So many of the latest. */
const most = 8;

export function TimeHere({ project, environment }: { readonly project: string; readonly environment: string }) {
  const { data, dataUpdatedAt } = useOccupancies(project, { environment });
  if (data === undefined || data.occupancies.length === 0) return null;
  return (
    <section className="sheet stack" aria-labelledby="time">
      <h2 id="time">How long releases stayed here</h2>
      <Stays
        at={dataUpdatedAt}
        stays={data.occupancies.slice(0, most).map(({ release, from, until }) => ({
          key: `${release.id} ${from}`,
          name: (
            <>
              <Link href={`/p/${encodeURIComponent(project)}/releases/${release.number}`}>#{release.number}</Link>{' '}
              {release.title}
            </>
          ),
          from,
          until,
        }))}
      />
    </section>
  );
}
