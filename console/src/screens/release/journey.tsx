/** How far a release came: every environment in promotion order, what became of it there, and for how long it served. */
import { Link } from 'wouter';
import type { ReleaseDetailView } from '../../../../src/api/contract/releases.ts';
import { useOccupancies } from '../../api/flow.ts';
import { Ago } from '../../parts/ago.tsx';
import { PromotionState } from '../../parts/promotions.tsx';
import { State } from '../../parts/state.tsx';
import { Stays } from '../../parts/stays.tsx';

type Stop = ReleaseDetailView['journey'][number];

export function Journey({ project, detail }: { readonly project: string; readonly detail: ReleaseDetailView }) {
  return (
    <section className="sheet stack" aria-labelledby="journey">
      <h2 id="journey">How far it came</h2>
      <ol className="journey">
        {detail.journey.map((stop) => (
          <Station key={stop.environment} project={project} number={detail.release.number} stop={stop} />
        ))}
      </ol>
      <Served project={project} number={detail.release.number} />
    </section>
  );
}

function Station({
  project,
  number,
  stop,
}: {
  readonly project: string;
  readonly number: number;
  readonly stop: Stop;
}) {
  const base = `/p/${encodeURIComponent(project)}`;
  const environment = encodeURIComponent(stop.environment);
  const last = stop.promotions[0];
  return (
    <li className={reachedOf(stop)}>
      <Link href={`${base}/environments/${environment}`}>{stop.environment}</Link>
      {stop.running ? <State tone="good" word="serves here" /> : null}
      {last === undefined ? (
        <State tone="idle" word="not asked" />
      ) : stop.running && last.outcome === 'succeeded' ? null : (
        <PromotionState promotion={last} />
      )}
      <span className="quiet small">
        {stop.verdict === null ? 'never verified here' : `${stop.verdict}: ${stop.verdictReason?.split('\n')[0] ?? ''}`}
        {stop.verifiedAt === null ? null : (
          <>
            {' '}
            (<Ago at={stop.verifiedAt} />)
          </>
        )}
      </span>
      <Link className="small" href={`${base}/plan/${number}/${environment}`}>
        why, and what would change
      </Link>
    </li>
  );
}

/** How the line to it is drawn; what became of it stands below. */
function reachedOf({ running, verdict, promotions }: Stop): 'reached' | 'failed' | 'ahead' {
  if (running || verdict === 'PASS') return 'reached';
  return verdict === 'FAIL' || promotions[0]?.outcome === 'failed' ? 'failed' : 'ahead';
}

function Served({ project, number }: { readonly project: string; readonly number: number }) {
  const { data, dataUpdatedAt } = useOccupancies(project, { release: String(number) });
  if (data === undefined || data.occupancies.length === 0) return null;
  return (
    <>
      <h3>How long it served</h3>
      <Stays
        at={dataUpdatedAt}
        stays={data.occupancies.map(({ environment, from, until }) => ({
          key: `${environment} ${from}`,
          name: environment,
          from,
          until,
        }))}
      />
    </>
  );
}
