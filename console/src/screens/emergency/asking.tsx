import { useReleases, useStatus, useWhy, type Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Gates } from '../../parts/gates.tsx';
import { Shown } from '../../parts/shown.tsx';
import { requestBreakGlass } from './actions.ts';

/** Which release and where, as the address says; then what is shut there, and which of it could be passed. */
export function Asking({ project, passable }: { readonly project: string; readonly passable: readonly string[] }) {
  const [release, setRelease] = useFilter('release');
  const [environment, setEnvironment] = useFilter('environment');
  const releases = useReleases(project);
  const status = useStatus(project);
  return (
    <div className="stack">
      <div className="row filters">
        <label>
          Release
          <select value={release} onChange={({ target }) => setRelease(target.value)}>
            <option value="">choose one</option>
            {(releases.data?.releases ?? []).map(({ number, title }) => (
              <option key={number} value={number}>{`#${number} ${title}`}</option>
            ))}
          </select>
        </label>
        <label>
          Environment
          <select value={environment} onChange={({ target }) => setEnvironment(target.value)}>
            <option value="">choose one</option>
            {(status.data?.environments ?? [])
              .filter(({ retired }) => !retired)
              .map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
          </select>
        </label>
      </div>
      {release === '' || environment === '' ? (
        <p className="quiet">Choose a release and an environment to see which gates are shut.</p>
      ) : (
        <Shut project={project} pair={{ release, environment }} passable={passable} />
      )}
    </div>
  );
}

function Shut({
  project,
  pair,
  passable,
}: {
  readonly project: string;
  readonly pair: Pair;
  readonly passable: readonly string[];
}) {
  const why = useWhy(project, pair);
  return (
    <Shown query={why} what="the gates">
      {({ answers }) => {
        const shut = answers.filter(({ answer }) => answer !== 'open');
        const names = shut.map(({ gate }) => gate).filter((gate) => passable.includes(gate));
        const never = shut.map(({ gate }) => gate).filter((gate) => !passable.includes(gate));
        return (
          <>
            {shut.length === 0 ? <p>Every gate is open: there is nothing to pass.</p> : <Gates answers={shut} />}
            {never.length === 0 ? null : <p>Never passed by anybody: {never.join(', ')}.</p>}
            {names.length === 0 ? null : (
              <div className="row">
                <Act action={requestBreakGlass(project, pair, names)} />
              </div>
            )}
          </>
        );
      }}
    </Shown>
  );
}
