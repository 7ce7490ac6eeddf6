import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';
import { useRollbackTargets } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Cut } from '../../parts/cut.tsx';
import { rollBack } from './actions.ts';

/** The way back, never hidden: where there is none it says why. */
export function WayBack({ project, environment }: { readonly project: string; readonly environment: EnvironmentView }) {
  const { name, running } = environment;
  const { data } = useRollbackTargets(project, name);
  const targets = (data?.targets ?? []).filter(({ id }) => id !== running?.release.id);
  return (
    <section className="sheet stack" aria-labelledby="back">
      <h2 id="back">The way back</h2>
      {targets.length === 0 ? (
        <p className="quiet">
          {data === undefined ? 'Looking…' : 'No other release was verified here, so there is none to go back to.'}
        </p>
      ) : (
        <ul className="stack">
          {targets.slice(0, 5).map((target) => (
            <li key={target.id} className="row">
              <Act action={rollBack({ project, environment: name }, target.number)} />
              <span>
                <Cut text={target.title} />{' '}
                <span className="quiet small">
                  (<code>{target.commit.slice(0, 10)}</code>
                  {target.lastUntil === null ? null : (
                    <>
                      , served until <Ago at={target.lastUntil} />
                    </>
                  )}
                  )
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
