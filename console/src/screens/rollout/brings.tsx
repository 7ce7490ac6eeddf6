import { Link } from 'wouter';
import type { RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { usePlan, type Pair } from '../../api/queries.ts';

/** So many commits; more are a number. */
const most = 8;

/** What is different for the users who are on the new release by now. */
export function Brings({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const { release, environment } = rollout;
  const base = `/p/${encodeURIComponent(project)}`;
  return (
    <section className="sheet stack" aria-labelledby="brings">
      <h2 id="brings">What changed in #{release.number}</h2>
      {rollout.running ? <Changes project={project} pair={{ release: String(release.number), environment }} /> : null}
      <p>
        <Link href={`${base}/releases/${release.number}`}>All about #{release.number}</Link>
      </p>
    </section>
  );
}

function Changes({ project, pair }: { readonly project: string; readonly pair: Pair }) {
  const { data } = usePlan(project, pair);
  if (data === undefined) return <p className="quiet">Looking…</p>;
  const { commits, migrations, variables } = data;
  const migrated = migrations.added.length + migrations.changed.length;
  const set = variables.added.length + variables.changed.length + variables.removed.length;
  return (
    <>
      <p>
        {migrated === 0 ? 'No migration' : `Migrations: ${[...migrations.added, ...migrations.changed].join(', ')}`};{' '}
        {set === 0 ? 'the same variables' : `${set} ${set === 1 ? 'variable differs' : 'variables differ'}`}.
      </p>
      <ul className="stack tight">
        {commits.slice(0, most).map(({ id, subject, author }) => (
          <li key={id}>
            <code>{id.slice(0, 10)}</code> {subject} <span className="quiet">{author}</span>
          </li>
        ))}
        {commits.length > most ? <li className="quiet">and {commits.length - most} more commits</li> : null}
      </ul>
    </>
  );
}
