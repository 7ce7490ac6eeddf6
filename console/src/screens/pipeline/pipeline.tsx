/** Home: every environment in promotion order, trouble first on small screens, what waits and on whom. */
import type { StatusView } from '../../../../src/api/contract/environments.ts';
import { useStatus } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Cut } from '../../parts/cut.tsx';
import { Loading, Trouble } from '../../parts/trouble.tsx';
import { Grid } from './grid.tsx';
import { Headline } from './headline.tsx';
import { Lanes } from './lanes.tsx';
import './pipeline.css';

export function Pipeline({ project }: { readonly project: string }) {
  const { data, error, isPending, refetch } = useStatus(project);
  if (isPending) return <Loading what="the pipeline" />;
  if (data === undefined) return <Trouble error={error} onRetry={() => void refetch()} />;
  return (
    <div className="stack">
      <Headline status={data} />
      <Lanes status={data} />
      <Builds status={data} />
      <Grid project={project} environments={data.environments} />
    </div>
  );
}

function Builds({ status }: { readonly status: StatusView }) {
  if (status.builds.length === 0) return null;
  return (
    <section className="sheet stack" aria-labelledby="builds">
      <h2 id="builds">Builds</h2>
      <ul className="stack">
        {status.builds.map((build) => (
          <li key={build.id}>
            <strong>#{build.number}</strong> <Cut text={build.title} /> <span className="quiet">by {build.author}</span>{' '}
            — {build.state}
            {build.reason === null ? null : <span className="quiet">: {build.reason.split('\n')[0]}</span>}{' '}
            <span className="quiet small">
              <Ago at={build.startedAt ?? build.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
